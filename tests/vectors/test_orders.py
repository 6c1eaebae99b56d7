"""The rules say to each order of the vectors what they tell (O-1 to O-34)."""

from __future__ import annotations

from typing import Any

import pytest
from support.scenarios import history_of, view_of
from support.vectors import SUITES, each, load

from sealkit.errors import RefusedError
from sealkit.rules.orders import judge_order, read_order_request
from sealkit.rules.parameters import parameter_root
from sealkit.wire.registry import ORDERS, State


@pytest.mark.requirement("O-1")
@each("orders", "cases")
def test_an_order_is_judged_as_told(suite_name: str, case: dict[str, Any]) -> None:
    view = view_of(suite_name, case["seal"], case["change"])
    state: State = view.history.state
    outcome: dict[str, Any]
    try:
        request = read_order_request(bytes.fromhex(case["request"]))
        judgement = judge_order(view, request.order, request.credentials)
    except RefusedError as refused:
        outcome = {"status": refused.code.lower(), "state": state.name.lower()}
    else:
        if judgement.applied is not None:
            outcome = {"status": "already_applied", "state": state.name.lower()}
            outcome |= {"sequence": judgement.applied.head.sequence}
        else:
            after = ORDERS[judgement.order.kind].to_state or state
            stored = sum(
                1 << bit for bit, c in enumerate(request.credentials) if c in judgement.store
            )
            outcome = {"status": "ok", "state": after.name.lower()}
            outcome |= {"sequence": view.next_sequence, "stored": stored}
    expect = dict(case["expect"])
    if expect.get("sequence", 0) is None:  # a driven record may come before it
        expect["sequence"] = outcome.get("sequence")
    if expect["status"] == "already_applied":  # the seal's part, with the record at hand
        del expect["stored"]
    assert outcome == expect


@pytest.mark.requirement("R-5")
@pytest.mark.parametrize("suite_name", SUITES)
def test_the_seals_are_in_the_states_that_they_tell(suite_name: str) -> None:
    for name, setup in load(suite_name, "orders")["seals"].items():
        history = history_of(suite_name, name)
        assert history.state.name.lower() == setup["state"], name
        root = parameter_root(history.suite, history.groups)
        assert history.ever_sealed is (root != bytes(32))
