"""Any sequence of requests, orders, power cuts and events: no error but sealkit's own, no state
that SPEC.md does not name, nothing that goes back, memory bounded."""

from __future__ import annotations

import secrets
import tracemalloc
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.bench import Bench, check_chains
from support.people import parameters

from sealkit.wire.link import encode_frame
from sealkit.wire.messages import ORDER_REQUEST, Answer, OrderRequest, Request
from sealkit.wire.registry import LINK_FRAME_MAX, Command, Group, State, Status
from sealkit_simulator.vehicle import OrderCut

ORDERS: dict[str, Callable[[Bench], OrderRequest]] = {
    "enrol": lambda b: b.challenged().enrol(),
    "seal": lambda b: b.orders().seal(parameters(salt=secrets.randbelow(1 << 16))),
    "seal one group": lambda b: b.orders().seal(
        parameters(Group.TYRE, Group.CALIBRATION, changes={Group.TYRE: {"size": "205/55R16"}})
    ),
    "confirm": lambda b: b.orders().confirm(),
    "unseal": lambda b: b.challenged().unseal(),
    "clear": lambda b: b.challenged().clear(),
    "adjust": lambda b: b.orders().adjust_clock(7),
    "restore": lambda b: b.challenged().restore_clock(b.status().clock + 60),
    "trust": lambda b: b.orders().trust(b.status().trust_version + 1),
    "acknowledge": lambda b: b.orders().acknowledge(
        b.status().journal_sequence, b.status().journal_digest
    ),
    "retire": lambda b: b.challenged().retire(),
    "without a challenge": lambda b: b.orders().unseal(),
    "by one": lambda b: b.orders().seal(parameters(salt=1), ["technician"]),
    "by an expired technician": lambda b: b.orders().seal(
        parameters(salt=1), ["technician expired", "station"]
    ),
    "stale": lambda b: b.orders().confirm(head_sequence=0),
}
EVENTS: dict[str, Callable[[Bench], None]] = {
    "open": lambda b: b.vehicle.open_case(),
    "close": lambda b: b.vehicle.close_case(),
    "battery low": lambda b: b.vehicle.set_battery_low(True),
    "battery good": lambda b: b.vehicle.set_battery_low(False),
    "lose clock": lambda b: b.vehicle.lose_clock(),
    "clock back": lambda b: b.vehicle.move_clock(-5_000),
    "clock far ahead": lambda b: b.vehicle.move_clock(1 << 33),
    "pulses": lambda b: b.vehicle.pulses(1 << 20),
    "cut cable": lambda b: b.vehicle.join_cable(False),
    "join cable": lambda b: b.vehicle.join_cable(True),
    "other fare": lambda b: b.vehicle.taximeter.set_parameter("day_flag_fall_fen", "1700"),
    "sealed fare": lambda b: b.vehicle.taximeter.set_parameter("day_flag_fall_fen", "1400"),
    "other software": lambda b: b.vehicle.taximeter.set_parameter("software_version", "9.9"),
    "restart": lambda b: b.restart(),
}


@cache
def _beginnings(suite: str) -> tuple[Bench, ...]:
    """A seal that was just born, one that is sealed, one whose log is nearly full."""
    born, sealed, full = Bench(suite), Bench(suite), Bench(suite)
    sealed.seal_it()
    full.seal_it()
    full.seal.device.storage.control.capacity -= 40_000
    return born, sealed, full


class AnySequence(RuleBasedStateMachine):
    """One bench; after each step what must not go back is compared with what it was."""

    suite = "p256"

    @initialize(beginning=st.integers(0, 2))
    def begin(self, beginning: int) -> None:
        self.bench = _beginnings(self.suite)[beginning].copy()
        self.floor = self.boot = self.sequence = 0
        self.counters = (0, 0, 0)

    @rule(data=st.binary(max_size=4_096))
    def noise(self, data: bytes) -> None:
        answers = self.bench.vehicle.receive(data + b"\0")
        assert len(answers) <= LINK_FRAME_MAX * (1 + data.count(b"\0"))

    @rule(payload=st.binary(min_size=1, max_size=300))
    def payload(self, payload: bytes) -> None:
        self.bench.vehicle.receive(encode_frame(payload))

    @rule(command=st.sampled_from(Command), body=st.binary(max_size=64))
    def request(self, command: Command, body: bytes) -> None:
        self._answered(self.bench.ask(command, body))

    @rule(command=st.sampled_from(Command))
    def empty_request(self, command: Command) -> None:
        self._answered(self.bench.ask(command))

    @rule(chain=st.integers(0, 4), start=st.integers(0, 40), limit=st.integers(0, 65_535))
    def read_log(self, chain: int, start: int, limit: int) -> None:
        body = bytes((chain,)) + start.to_bytes(4, "big") + limit.to_bytes(2, "big")
        self._answered(self.bench.ask(Command.READ_LOG, body))

    @rule(name=st.sampled_from(sorted(ORDERS)))
    def order(self, name: str) -> None:
        self.bench.send(ORDERS[name](self.bench))

    @rule(name=st.sampled_from(sorted(ORDERS)), data=st.data())
    def altered_order(self, name: str, data: st.DataObject) -> None:
        raw = bytearray(ORDER_REQUEST.build(ORDERS[name](self.bench)))
        before = self.bench.status()
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] ^= data.draw(st.integers(1, 255))
        answer = self.bench.ask(Command.ORDER, bytes(raw))
        assert answer is not None
        if answer.status != Status.OK:  # such as a flipped bit in an issuer that is not needed
            assert self.bench.status().control_digest == before.control_digest

    @rule(
        name=st.sampled_from(sorted(ORDERS)),
        after=st.integers(0, 12),
        torn=st.integers(0, 256),
        gap_s=st.integers(0, 1 << 20),
    )
    def power_cut_in_an_order(self, name: str, after: int, torn: int, gap_s: int) -> None:
        order = ORDERS[name](self.bench)
        self.bench.vehicle.cut_power_in_order(OrderCut(after, torn), gap_s)
        self.bench.send(order)
        self.bench.vehicle.restore_power()
        check_chains(self.bench)

    @rule(name=st.sampled_from(sorted(EVENTS)))
    def event(self, name: str) -> None:
        EVENTS[name](self.bench)

    @rule(name=st.sampled_from(sorted(EVENTS)), after=st.integers(0, 12), torn=st.integers(0, 256))
    def power_cut_in_an_event(self, name: str, after: int, torn: int) -> None:
        self.bench.vehicle.flash.plan_cut(after, torn)
        EVENTS[name](self.bench)
        self.bench.vehicle.advance(5_250)
        self.bench.vehicle.cut_power()
        self.bench.vehicle.restore_power()

    @rule(ms=st.integers(0, 20_000))
    def time_passes(self, ms: int) -> None:
        self.bench.vehicle.advance(ms)

    @rule(data=st.binary(max_size=600))
    def meter_babbles(self, data: bytes) -> None:
        self.bench.seal.hear_meter(data)

    @precondition(lambda self: hasattr(self, "bench"))
    @invariant()
    def nothing_goes_back(self) -> None:
        status = self.bench.status()
        assert status.state in set(State)
        sequence = max(status.control_sequence, status.journal_sequence)
        counters = (
            status.trust_version,
            status.calibration_counter,
            status.configuration_counter,
        )
        assert status.clock_floor >= self.floor
        assert status.boot >= self.boot
        assert sequence >= self.sequence
        assert all(new >= old for new, old in zip(counters, self.counters, strict=True))
        self.floor, self.boot, self.sequence = status.clock_floor, status.boot, sequence
        self.counters = counters

    def teardown(self) -> None:
        if hasattr(self, "bench"):
            check_chains(self.bench)

    def _answered(self, answer: Answer | None) -> None:
        assert answer is not None
        Status(answer.status)


TestAnySequence = pytest.mark.requirement("R23")(AnySequence.TestCase)
TestAnySequence.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class AnySequenceInSm2(AnySequence):
    suite = "sm2"


TestAnySequenceInSm2 = AnySequenceInSm2.TestCase
TestAnySequenceInSm2.settings = settings(TestAnySequence.settings, max_examples=8)


@pytest.mark.requirement("M-1")
def test_noise_takes_no_memory() -> None:
    bench = Bench()
    ping = encode_frame(Request(Command.PING, 1, bytes(1_024)).build())

    def feed(times: int) -> None:
        for _ in range(times):
            bench.vehicle.receive(secrets.token_bytes(4_096))
            bench.vehicle.receive(b"\x01" * 4_096)
            bench.vehicle.receive(ping)
            bench.seal.hear_meter(secrets.token_bytes(4_096))
            bench.seal.hear_meter(b"\x55\xaa\x01\x00" * 500)

    feed(20)
    tracemalloc.start()
    try:
        feed(20)
        before, _ = tracemalloc.get_traced_memory()
        feed(200)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 16_384
    assert peak - before < 131_072
