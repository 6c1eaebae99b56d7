"""The simulated seal answers each request of the vectors as they tell."""

from __future__ import annotations

from typing import Any

import pytest
from support.vectors import SUITES, each, load

from sealkit.crypto import get_suite
from sealkit.rules.chain import Head
from sealkit.rules.supervision import MeterLook
from sealkit.wire.messages import ORDER_ANSWER, Answer, Request
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import ClockQuality, Command, MeterSeen, Status
from sealkit_simulator.scenario import Scenario, seal_in
from sealkit_simulator.seal import SimulatedSeal


def _seal(suite_name: str, setup: dict[str, Any]) -> SimulatedSeal:
    seen, challenge = setup["observation"], setup["challenge"]
    look = MeterLook(
        device=bytes.fromhex(seen["device"]),
        hardware_version=seen["hardware_version"],
        software=bytes.fromhex(seen["software"]),
        plate=seen["plate"],
        fare=bytes.fromhex(seen["fare"]),
    )
    scenario = Scenario(
        number=SealNumber(*setup["number"]),
        key=bytes.fromhex(setup["scalar"]),
        manufacturer=bytes.fromhex(setup["manufacturer"]),
        credential=bytes.fromhex(setup["seal_credential"]),
        control=tuple(map(bytes.fromhex, setup["control"])),
        journal=tuple(map(bytes.fromhex, setup["journal"])),
        clock=setup["clock"],
        clock_quality=ClockQuality(setup["clock_quality"]),
        clock_floor=setup["clock_floor"],
        tick_ms=setup["tick_ms"],
        boot=setup["boot"],
        base=Head(setup["base"][0], bytes.fromhex(setup["base"][1])),
        challenge=None if challenge is None else bytes.fromhex(challenge),
        challenge_age_ms=setup["challenge_age_ms"],
        look=None if seen["seen"] == MeterSeen.NEVER else look,
        look_age_ms=seen["age_ms"],
        live_causes=setup["live_causes"],
        last_pulse_age_ms=setup["last_pulse_age_ms"],
    )
    return seal_in(get_suite(suite_name), scenario)


@pytest.mark.requirement("O-16")
@each("orders", "cases")
def test_the_seal_says_to_an_order_what_is_told(suite_name: str, case: dict[str, Any]) -> None:
    setup = load(suite_name, "orders")["seals"][case["seal"]]
    seal = _seal(suite_name, {**setup, **case["change"]})
    history = seal.device.history
    before = (history.head, history.state, seal.device.storage.next_sequence)
    payload = seal.handle(Request(Command.ORDER, 1, bytes.fromhex(case["request"])).build())
    assert payload is not None
    answer = Answer.parse(payload)
    expect = dict(case["expect"])
    assert Status(answer.status).name.lower() == expect.pop("status")
    assert seal.device.state.name.lower() == expect.pop("state")
    if answer.status in (Status.OK, Status.ALREADY_APPLIED):
        told = ORDER_ANSWER.parse(answer.body)
        for name, value in expect.items():
            if value is not None:
                assert getattr(told, name) == value
        found = seal.device.storage.find(told.sequence)
        assert found is not None
        raw = seal.device.storage.read(found)
        assert seal.device.core.suite.digest(raw) == told.digest
    if answer.status != Status.OK:
        assert (history.head, history.state, seal.device.storage.next_sequence) == before


@pytest.mark.requirement("L-7")
@pytest.mark.parametrize("suite_name", SUITES)
def test_the_seal_refuses_or_drops_bad_requests(suite_name: str) -> None:
    for case in load(suite_name, "messages")["bad"]:
        if case["direction"] != "request":
            continue
        seal = _seal(suite_name, load(suite_name, "orders")["seals"]["sealed"])
        payload = seal.handle(bytes.fromhex(case["payload"]))
        told = "dropped" if payload is None else Status(Answer.parse(payload).status).name.lower()
        assert told == case["expect"], case["what"]
