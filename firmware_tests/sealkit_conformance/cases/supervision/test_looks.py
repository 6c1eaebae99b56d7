"""Looks at the meter on the seal's own line: how often, at what, what counts (W-1, W-2, W-4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sealkit.meter import layouts
from sealkit.meter.commands import Command
from sealkit.meter.frames import TAXIMETER, Frame
from sealkit.wire.records import MeterRecord, Record, parse_record_body
from sealkit.wire.registry import (
    Cause,
    Chain,
    Flag,
    MeterEvent,
    MeterSeen,
    OrderKind,
    State,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.bench.meter import ConformanceMeter, heartbeat, say
from sealkit_conformance.cases.supervision.watched import LOOK_MS, Watched
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

pytestmark = needs(Capability.METER_SCRIPTED, Capability.TIME)
WITHOUT_A_SET_MS = 5_000
LIMIT_MS = 20_000
Bad = Callable[[bytes], bytes]


def meter_events(seal: SealUnderTest) -> list[tuple[Record, MeterEvent]]:
    """What the journal tells of the meter."""
    records = [(record, parse_record_body(record)) for record in seal.log(Chain.JOURNAL)]
    return [(record, body.event) for record, body in records if isinstance(body, MeterRecord)]


def wait_for_looks(watched: Watched, due: int) -> None:
    """Until so many have begun, answered or not."""
    if not watched.seal.wait_until(lambda: watched.meter.looks >= due, LIMIT_MS):
        expect.fail("W-1", "the seal does not look at a silent meter any more")


# W-1.


@clause("W-1", "P-11")
@pytest.mark.parametrize("interval_ms", [500, 2_000, 60_000])
def test_the_seal_looks_as_often_as_the_set_says(
    opened: SealUnderTest, bench: Backend, interval_ms: int
) -> None:
    watched = Watched(opened, bench, look_interval_ms=interval_ms)
    bench.pass_time(interval_ms + 1_000)  # a look of before may be under way
    before, looks = watched.meter.looks, 6
    bench.pass_time(interval_ms * looks)
    seen = watched.meter.looks - before
    expect.true("W-1", seen >= looks - 1, f"{seen} looks in {looks} look intervals")
    asked = watched.meter.asked
    missing = asked[Command.STATUS] - asked[Command.READ_FARE]
    expect.true("W-1", 0 <= missing <= 1, "a look asks for the status and the fare")


@clause("W-1")
@pytest.mark.parametrize("state", [State.FACTORY, State.OPEN])
def test_without_a_set_the_seal_looks_every_five_seconds(
    seal: SealUnderTest, stages: Stages, bench: Backend, state: State
) -> None:
    stages.bring(seal, state)
    expect.equal("P-1", bytes(32), seal.status().parameter_root, "there is no set")
    meter = ConformanceMeter(bench.meter())
    bench.script_meter(meter.answer)
    bench.pass_time(8 * WITHOUT_A_SET_MS)
    expect.true("W-1", meter.looks >= 7, f"{meter.looks} looks in 40 s")


@clause("W-1", "Z-1")
@pytest.mark.parametrize("state", [State.OPEN, State.TAMPERED])
def test_the_seal_looks_in_every_state(sealed: SealUnderTest, bench: Backend, state: State) -> None:
    """Also after UNSEAL, and when the case was opened."""
    if state is State.OPEN:
        sealed.give(OrderKind.UNSEAL)
    elif Capability.CASE in bench.capabilities:
        bench.open_case()
        bench.close_case()
    meter = ConformanceMeter(bench.meter())
    bench.script_meter(meter.answer)
    bench.pass_time(40_000)
    expect.true("W-1", meter.looks >= 7, f"{meter.looks} looks in 40 s")


@clause("W-1", "R05")
def test_the_seal_asks_and_never_sets(opened: SealUnderTest, bench: Backend) -> None:
    """Whatever the meter says, only status, fare and trips are asked for."""
    watched = Watched(opened, bench)
    meter = watched.meter
    trips = watched.trips(5_000)
    for _ in range(5):
        meter.tell(next(trips))
        meter.twist = lambda frame, good: good + heartbeat(hired=False)
        watched.look()
        meter.twist = lambda frame, good: heartbeat(hired=True) + good
        watched.look()
    questions = {Command.STATUS: 7, Command.READ_FARE: 0, Command.READ_TRIP: 4}
    for frame in meter.heard:
        expect.true("W-1", frame.command in questions, f"the seal says {frame.command:#06x}")
        expect.equal("W-1", TAXIMETER, frame.device_type, "to whom the seal speaks")
        due = questions[Command(frame.command)]
        expect.equal("W-1", due, len(frame.data), f"bytes of {frame.command:#06x}")
    expect.true("W-1", meter.asked[Command.READ_TRIP] >= 5, "trips were asked for")


@clause("W-1", "W-15")
def test_after_a_look_at_most_two_trips_are_asked_for(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench)
    trips = watched.trips(5_000)
    for _ in range(6):
        watched.meter.tell(next(trips))
    watched.look(12)
    asked = 0
    for frame in watched.meter.heard:
        asked = (
            0 if frame.command == Command.STATUS else asked + (frame.command == Command.READ_TRIP)
        )
        expect.true("W-1", asked <= 2, f"{asked} trips asked for after one look")
    watched.calm("W-15", "six trips were told at once")
    expect.equal("E-5", 6, watched.seal.evidence().trips_seen, "the trips told")


# W-2.


@clause("W-2", "C-11", "E-2", "R-4")
def test_a_meter_is_silent_after_three_looks_without_an_answer(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench)
    watched.look()
    before = len(meter_events(opened))
    watched.meter.silent = True
    asked = watched.meter.looks
    for looks in range(1, 6):
        due = asked + looks
        wait_for_looks(watched, due)
        silent = bool(opened.status().flags & Flag.METER_SILENT)
        if looks <= 2:
            expect.true("W-2", not silent, f"silent before the end of look {looks}")
        if looks == 5:
            expect.true("W-2", silent, "not silent after four looks without an answer")
    expect.equal("C-11", MeterSeen.SILENT, opened.observation().seen, "the observation")
    evidence = opened.evidence()
    expect.equal("E-2", MeterSeen.SILENT, evidence.meter_seen, "the evidence")
    expect.true("E-1", evidence.flags & Flag.METER_SILENT, "the flag in the evidence")
    events = meter_events(opened)[before:]
    expect.equal("W-2", [MeterEvent.SILENT], [event for _, event in events], "the journal")
    expect.true("R-4", events[0][0].flags & Flag.METER_SILENT, "the flag in the meter record")
    watched.calm("W-2", "the sealed limit of silence is 0, for ever")
    watched.meter.silent = False
    watched.look(2)
    expect.true("W-2", not opened.status().flags & Flag.METER_SILENT, "the meter answers again")
    events = meter_events(opened)[before:]
    due_events = [MeterEvent.SILENT, MeterEvent.ANSWERS]
    expect.equal("W-2", due_events, [event for _, event in events], "the journal")


@clause("W-2")
def test_two_looks_without_an_answer_are_nothing(opened: SealUnderTest, bench: Backend) -> None:
    """Three have to follow one another."""
    watched = Watched(opened, bench)
    before = len(meter_events(opened))
    for _ in range(4):
        asked = watched.meter.looks
        watched.meter.silent = True
        wait_for_looks(watched, asked + 2)
        watched.meter.silent = False
        watched.look()
    expect.equal("W-2", before, len(meter_events(opened)), "records of the meter")
    watched.calm("W-2", "two looks failed, four times")


def _altered(at: int) -> Bad:
    def bad(good: bytes) -> bytes:
        raw = bytearray(good)
        raw[at] ^= 0x01
        return bytes(raw)

    return bad


def _other_length(more: int) -> Bad:
    def bad(good: bytes) -> bytes:
        data = good[8:-3]
        told = data[:more] if more < 0 else data + bytes(more)
        return say(int.from_bytes(good[6:8], "big"), told)

    return bad


BAD: dict[str, Bad] = {
    "nothing": lambda good: b"",
    "a wrong check byte": _altered(-3),
    "an altered byte": _altered(12),
    "a wrong end": _altered(-1),
    "a wrong start": _altered(1),
    "its first half": lambda good: good[: len(good) // 2],
    "all but the last byte": lambda good: good[:-1],
    "a byte too few": _other_length(-1),
    "a byte too many": _other_length(1),
    "no data": lambda good: say(int.from_bytes(good[6:8], "big"), b""),
    "another command": lambda good: say(Command.SET_CLOCK, good[8:-3]),
    "a heartbeat": lambda good: heartbeat(hired=False),
}


@clause("W-2", "C-11")
@pytest.mark.parametrize("command", [Command.STATUS, Command.READ_FARE], ids=["status", "fare"])
@pytest.mark.parametrize("bad", BAD)
def test_a_look_counts_only_when_both_answers_are_whole(
    opened: SealUnderTest, bench: Backend, bad: str, command: Command
) -> None:
    """A fraud that goes with a bad answer is not seen; nor does the seal see the meter."""
    watched = Watched(opened, bench)
    watched.look()
    spoil = BAD[bad]
    facts = watched.meter.facts

    def twist(frame: Frame, good: bytes) -> bytes:
        return spoil(good) if frame.command == command else good

    watched.meter.twist = twist
    begun = bench.running_ms()
    bench.pass_time(6 * LOOK_MS + 2_000)
    seen, passed = opened.observation(), bench.running_ms() - begun
    expect.equal("W-2", MeterSeen.SILENT, seen.seen, f"the meter answers with {bad}")
    expect.true("W-2", seen.age_ms >= passed - 2 * LOOK_MS, "the age of the last whole look")
    expect.equal("C-11", facts.fare, seen.fare, "the fare of the last whole look")
    watched.meter.twist = None
    watched.look(2)
    expect.equal("W-2", MeterSeen.ANSWERS, opened.observation().seen, f"after {bad}")
    watched.calm("W-2", bad)


@clause("W-2")
def test_a_status_whose_digits_are_none_does_not_count(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench)
    watched.look()

    def twist(frame: Frame, good: bytes) -> bytes:
        if frame.command != Command.STATUS:
            return good
        data = good[8:-3]
        return say(Command.STATUS, b"\xfa" + data[1:])

    watched.meter.twist = twist
    bench.pass_time(6 * LOOK_MS + 2_000)
    expect.equal("W-2", MeterSeen.SILENT, opened.observation().seen, "a status that is none")
    watched.calm("W-2", "a status that is none is no other meter")


@clause("W-2")
def test_noise_around_a_good_answer_does_not_spoil_it(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench)
    noise = bytes.fromhex("00ff55aa55aa0002")
    watched.meter.twist = lambda frame, good: noise + good + noise
    bench.pass_time(8 * LOOK_MS + 2_000)
    seen = opened.observation()
    expect.equal("W-2", MeterSeen.ANSWERS, seen.seen, "noise made the seal deaf")
    expect.true("W-2", seen.age_ms <= 2 * LOOK_MS + 500, f"the last look is {seen.age_ms} ms old")


@clause("W-2", "Z-1", "R46", "P-11")
@pytest.mark.parametrize("limit_ms", [10_000, 60_000])
def test_silence_is_a_cause_when_it_exceeds_the_sealed_limit(
    opened: SealUnderTest, bench: Backend, limit_ms: int
) -> None:
    watched = Watched(opened, bench, silence_limit_ms=limit_ms)
    watched.look(2)
    watched.meter.silent = True
    bench.pass_time(limit_ms - LOOK_MS - 500)
    watched.calm("W-2", "the silence is shorter than the limit")
    watched.meter.silent = False
    watched.look(2)
    bench.pass_time(limit_ms)
    watched.calm("W-2", "the meter answers, and the silence of before is over")
    watched.meter.silent = True
    bench.pass_time(limit_ms + 1_000)
    body = watched.alarm("W-2", Cause.METER_SILENT, f"silent for more than {limit_ms} ms")
    expect.equal("Z-1", (b"", b""), (body.before, body.after), "before and after")
    expect.true("Z-1", Cause.METER_SILENT in watched.live, "a silent meter is not live")
    watched.meter.silent = False
    watched.look(2)
    expect.true("W-2", Cause.METER_SILENT not in watched.live, "a meter that answers is live")
    expect.equal("Z-2", State.TAMPERED, opened.state(), "the latched cause")


@clause("W-2", "P-11")
def test_a_limit_of_zero_lets_the_meter_be_silent_for_ever(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench, look_interval_ms=5_000)
    watched.meter.silent = True
    bench.pass_time(3_600_000)
    watched.calm("W-2", "the limit is 0")
    expect.true("W-2", opened.status().flags & Flag.METER_SILENT, "the flag")


@clause("W-2", "P-11")
@needs(Capability.POWER)
def test_only_silence_with_power_counts(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, silence_limit_ms=20_000)
    watched.look()
    for _ in range(2):
        opened.restart(100_000)
        watched.look()
        watched.calm("W-2", "the seal had no power")
    watched.meter.silent = True
    opened.restart(5)
    bench.pass_time(23_000)
    watched.alarm("W-2", Cause.METER_SILENT, "silent since the boot")


# W-4.


@clause("W-4", "W-3", "Z-1", "R46")
def test_a_change_is_recorded_before_the_next_look(opened: SealUnderTest, bench: Backend) -> None:
    """Also one that is there for a single look."""
    watched = Watched(opened, bench, look_interval_ms=30_000)
    watched.look(2, limit_ms=70_000)
    honest = watched.meter.facts.fare
    other = bytes((honest[0], honest[1] ^ 0x10)) + honest[2:]

    def once(frame: Frame, good: bytes) -> bytes:
        if frame.command != Command.READ_FARE:
            return good
        watched.meter.twist = None
        return say(Command.READ_FARE, other)

    watched.meter.twist = once
    if not opened.wait_until(lambda: watched.meter.twist is None, 35_000):
        expect.fail("W-1", "no look within the interval")
    bench.pass_time(500)
    body = watched.alarm("W-4", Cause.FARE_PARAMETERS_CHANGED, "for a single look")
    expect.equal("Z-1", (honest, other), (body.before, body.after), "before and after")
    seen = layouts.fare_differences(honest, other)
    expect.true("W-3", seen, "the two fares differ")
    watched.look(2, limit_ms=70_000)
    expect.true("W-3", not watched.live, "the meter is as it was")
    expect.equal("Z-2", State.TAMPERED, opened.state(), "the latched cause")
