"""A thousand exchanges over a line that loses, flips, doubles and delays bytes, and goes away.

Seeded, so that a failure can be played again.
"""

from __future__ import annotations

from random import Random

import pytest
from support.client_bench import ScriptedBench, new_parameters
from support.lines import FaultyLine

from sealkit.errors import DeviceNotFoundError, RefusedError, SealkitError, TimedOutError
from sealkit.seal.client import SealClient
from sealkit.seal.exchange import Exchange
from sealkit.seal.history import read_history
from sealkit.seal.ordering import Applied, give_order
from sealkit.wire.orders import ReasonBody
from sealkit.wire.registry import Chain, OrderKind, Reason

EXPECTED = {"PORT_LOST", "SEAL_SILENT", "SEAL_BABBLES", "SEAL_NO_ANSWER", "ORDER_OUTCOME_UNKNOWN"}


def faulty(bench: ScriptedBench, random: Random, rate: float) -> SealClient:
    return SealClient(Exchange(FaultyLine(bench.seal.receive, random, rate)))


@pytest.mark.requirement("L-3")
def test_a_thousand_exchanges_without_a_wrong_answer(sealed: ScriptedBench) -> None:
    random = Random(1)
    client = faulty(sealed, random, 0.2)
    answered = 0
    errors: list[SealkitError] = []
    while answered < 1000:
        data = random.randbytes(random.randint(0, 200))
        try:
            client.ping(data)
            assert client.status().control_digest == sealed.shown.head.digest
            assert list(client.read_log(Chain.CONTROL)) == sealed.seal.control
        except (TimedOutError, DeviceNotFoundError) as error:
            errors.append(error)
            answered += client.exchange.traffic.round_trips
            client = faulty(sealed, random, 0.2)
    assert {error.code for error in errors} <= EXPECTED
    assert all(error.remedy for error in errors)
    assert errors


class Orders:
    """Gives orders over a bad line until each is applied, with boots of the seal in between."""

    def __init__(self, bench: ScriptedBench, seed: int) -> None:
        self._bench = bench
        self._random = Random(seed)

    def give(self, kind: OrderKind, step: int) -> Applied:
        bench = self._bench
        body = ReasonBody(Reason.OTHER, "try")
        sealing = new_parameters(k=600 + step)
        draft = bench.signed(kind, sealing if kind is OrderKind.SEAL else body, *bench.both)
        for _ in range(100):
            if self._random.random() < 0.1:
                bench.seal.boot()
            try:
                return give_order(faulty(bench, self._random, 0.4), bench.shown, draft)
            except (TimedOutError, DeviceNotFoundError):
                continue
            except RefusedError as error:
                # A boot ended the challenge before the order came: it was not applied, nor will be.
                if error.code != "CHALLENGE_MISSING":
                    raise
                draft = bench.signed(kind, body, *bench.both)
        pytest.fail("the line never let the order through")


@pytest.mark.requirement("O-3")
@pytest.mark.parametrize("seed", range(4))
def test_no_order_is_applied_twice_and_none_is_lost(sealed: ScriptedBench, seed: int) -> None:
    orders, before = Orders(sealed, seed), sealed.seal.applied
    for step in range(20):
        kind = OrderKind.SEAL if step % 2 else OrderKind.UNSEAL
        applied = orders.give(kind, step)
        assert sealed.seal.applied == before + step + 1
        assert applied.shown.head == sealed.seal.history.head
        sealed.shown = applied.shown


def test_errors_of_a_bad_line_have_remedies(sealed: ScriptedBench) -> None:
    random = Random(7)
    seen: dict[str, SealkitError] = {}
    for _ in range(200):
        try:
            read_history(faulty(sealed, random, 0.9))
        except SealkitError as error:
            seen[error.code] = error
    assert set(seen) <= EXPECTED
    assert {"PORT_LOST", "SEAL_BABBLES"} <= set(seen)
    assert all(error.remedy for error in seen.values())
