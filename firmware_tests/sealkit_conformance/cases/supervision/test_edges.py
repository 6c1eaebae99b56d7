"""Checks at the edge of their rules: what exactly counts, how many, how long (W-1 to W-16)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sealkit.meter.commands import Command
from sealkit.meter.frames import Frame, encode_frame
from sealkit.wire.registry import Attachment, Cause, Flag, OrderKind, Rounding, State
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.bench.meter import ConformanceMeter, signed_off, trip_ended
from sealkit_conformance.cases.supervision.test_k import JUDGED, Meter
from sealkit_conformance.cases.supervision.test_looks import wait_for_looks
from sealkit_conformance.cases.supervision.test_trips import Shift
from sealkit_conformance.cases.supervision.watched import Watched
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = needs(Capability.METER_SCRIPTED, Capability.TIME)
TAP = needs(Capability.TERMINAL_TAP)
PULSES = needs(Capability.PULSES)
OTHER_DEVICES = (0x00, 0x03, 0x04, 0xFF)
TRIPS_KEPT = 4


# What makes a look (W-2).


@clause("W-2", "R-4")
def test_the_third_look_without_an_answer_makes_it_silent(
    opened: SealUnderTest, bench: Backend
) -> None:
    """Before the fourth question; and not before the third."""
    watched = Watched(opened, bench, look_interval_ms=4_000)
    watched.meter.silent = True
    looks = watched.meter.looks
    for number in (1, 2, 3, 4):
        wait_for_looks(watched, looks + number)
        raised = bool(opened.status().flags & Flag.METER_SILENT)
        what = f"meter_silent as look {number} without an answer begins"
        expect.equal("W-2", number > 3, raised, what)


@clause("W-2", "W-1")
@pytest.mark.parametrize("device_type", OTHER_DEVICES)
def test_what_another_device_answers_is_no_look(
    opened: SealUnderTest, bench: Backend, device_type: int
) -> None:
    watched = Watched(opened, bench)
    before = opened.observation()
    watched.meter.facts = replace(watched.meter.facts, device=b"\1\2\3\4\5")

    def other(question: Frame, good: bytes) -> bytes:
        del good
        data = watched.meter.facts.fare if question.command == Command.READ_FARE else None
        told = ConformanceMeter(watched.meter.facts).answer(encode_frame(question))
        return encode_frame(Frame(device_type, 1, question.command, data or told[8:-3]))

    watched.meter.twist = other
    bench.pass_time(8_000)
    after = opened.observation()
    expect.equal("W-2", before.device, after.device, f"device type {device_type:#04x} is believed")
    expect.true("W-2", opened.status().flags & Flag.METER_SILENT, "the meter is not silent")
    watched.calm("W-2", "another device speaks on the line")


@clause("W-2", "W-15")
def test_a_trip_that_is_not_answered_is_no_look_without_an_answer(
    opened: SealUnderTest, bench: Backend
) -> None:
    """The meter answers status and fare, and is slow to find a trip."""
    watched = Watched(opened, bench, look_interval_ms=2_000)
    watched.meter.twist = lambda frame, good: b"" if frame.command == Command.READ_TRIP else good
    watched.meter.total_trips += 1
    for _ in range(40):
        bench.pass_time(500)
        flags = opened.status().flags
        expect.true("W-2", not flags & Flag.METER_SILENT, "a meter that answers looks is silent")


@clause("W-2", "P-11")
@pytest.mark.parametrize("limit_ms", [70_000, 300_000])
def test_a_long_silence_limit_is_kept_to(
    opened: SealUnderTest, bench: Backend, limit_ms: int
) -> None:
    """More milliseconds than two bytes hold; not before, and soon after."""
    watched = Watched(opened, bench, silence_limit_ms=limit_ms)
    watched.meter.silent = True
    bench.pass_time(limit_ms - 4_000)
    watched.calm("W-2", f"silent for less than {limit_ms} ms")
    bench.pass_time(8_000)
    watched.alarm("W-2", Cause.METER_SILENT, f"silent for more than {limit_ms} ms")


@clause("W-2", "P-11")
@needs(Capability.POWER)
def test_silence_is_counted_from_a_boot_on(opened: SealUnderTest, bench: Backend) -> None:
    """A seal of some age boots beside a meter that starts more slowly."""
    watched = Watched(opened, bench, silence_limit_ms=60_000)
    watched.look(100, limit_ms=200_000)
    watched.meter.silent = True
    opened.restart(3_600)
    bench.pass_time(20_000)
    watched.calm("W-2", "the meter is silent for 20 s since a boot")


# What is gathered (W-5, E-5).


@clause("W-5", "E-5", "O-26")
@PULSES
def test_confirm_goes_on_with_what_was_gathered(opened: SealUnderTest, bench: Backend) -> None:
    """SEAL and CLEAR alone start anew."""
    meter = Meter(opened, bench, "own line")
    meter.first_trip()
    meter.trip(10_000, 10_000)
    before = opened.evidence()
    for kind in (OrderKind.CONFIRM, OrderKind.TRUST, OrderKind.ADJUST_CLOCK):
        if kind is OrderKind.ADJUST_CLOCK:
            bench.pass_time(31_000)
        opened.take(opened.good(kind))
        due = {"trips_seen": before.trips_seen, "k_basis_m": before.k_basis_m}
        expect.fields_of("W-5", opened.evidence(), due, f"what was gathered before {kind.name}")
    meter.trip(10_000, 10_000)
    due_m = before.k_basis_m + 10_000
    expect.equal("W-5", due_m, opened.evidence().k_basis_m, "what K rests on, a trip later")


@clause("E-5", "N-1")
@TAP
def test_more_trips_than_a_byte_are_counted(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, attachments=Attachment.TERMINAL_TAP)
    trips = watched.trips(2_000)
    for _ in range(260):
        bench.say_to_terminal(trip_ended(next(trips)))
    bench.pass_time(500)
    expect.equal("E-5", 260, opened.evidence().trips_seen, "trips seen")


# K (W-6 to W-9).


@clause("W-6", "W-7")
@PULSES
@pytest.mark.parametrize("line", ["own line", pytest.param("tap", marks=TAP)])
def test_an_excess_of_just_the_limit_is_none(
    opened: SealUnderTest, bench: Backend, line: str
) -> None:
    """200 m that nobody drove are the limit of this set; 300 m are over it."""
    meter = Meter(opened, bench, line, rounding=Rounding.ROUNDS)
    meter.first_trip()
    meter.trip(200, 0)
    meter.watched.calm("W-6", "an excess of just the limit")
    meter.trip(100, 0)
    meter.watched.alarm("W-6", Cause.K_MISMATCH, "an excess over the limit")


@clause("W-7", "P-11")
@PULSES
@pytest.mark.parametrize(
    "fields", [{"k_window_m": 0}, {"k_tolerance_ppm": 0}], ids=["no window", "no tolerance"]
)
def test_ks_check_needs_both_of_its_thresholds(
    opened: SealUnderTest, bench: Backend, fields: dict[str, int]
) -> None:
    meter = Meter(opened, bench, "own line", **fields)
    meter.first_trip()
    for _ in range(3):
        meter.trip(20_000, 10_000)
    meter.watched.calm("W-7", "trips of twice their pulses, and the check is off")


@clause("W-9", "R02")
@TAP
@pytest.mark.parametrize("k", [8_999, 9_000, 9_999])
def test_every_k_of_four_digits_is_judged_by_t6(
    opened: SealUnderTest, bench: Backend, k: int
) -> None:
    watched = Watched(opened, bench, **JUDGED, k_pulses_per_km=k)
    bench.say_to_terminal(signed_off(k, 5_000_000, bench.now()))
    bench.pass_time(500)
    watched.calm("W-9", "T6 tells the sealed K")
    bench.say_to_terminal(signed_off(k - 1, 5_000_000, bench.now()))
    bench.pass_time(500)
    watched.alarm("W-9", Cause.K_MISMATCH, f"T6 tells {k - 1}, {k} is sealed")


@clause("W-7", "W-15")
@PULSES
@TAP
def test_what_is_driven_before_a_gap_is_not_counted(opened: SealUnderTest, bench: Backend) -> None:
    """A trip that nobody told lies between two ends: the pulses until then are not judged."""
    watched = Watched(opened, bench, **JUDGED, attachments=30)
    trips = watched.trips(5_000)
    watched.tap_trip(next(trips), 17)
    watched.tap_trip(next(trips), 5_000)
    basis = opened.evidence().k_basis_m
    next(trips)
    watched.tap_trip(next(trips), 90_000)
    found = watched.causes
    expect.equal("W-15", {Cause.TRIPS_MISSING}, found, "what is found when a number is skipped")
    expect.equal("W-7", basis, opened.evidence().k_basis_m, "what K rests on after a gap")
    watched.tap_trip(next(trips), 5_000)
    expect.equal("W-7", {Cause.TRIPS_MISSING}, watched.causes, "what is found a trip later")
    expect.equal("W-7", basis + 5_000, opened.evidence().k_basis_m, "the next trip counts again")


# Trips (W-15, W-16).


@clause("W-15", "N-1")
def test_trips_are_counted_beyond_two_bytes(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench)
    watched.meter.total_trips = 65_533
    watched.seal_again()
    watched.look(2)
    trips = watched.trips(3_000)
    for _ in range(5):
        watched.meter.tell(next(trips))
        watched.look(3)
    watched.calm("W-15", "numbers from 65,533 to 65,538")
    expect.true("E-5", opened.evidence().trips_seen >= 5, "the trips told")


@clause("W-16", "M-1", "R46")
@TAP
@pytest.mark.parametrize("age", range(TRIPS_KEPT))
def test_the_last_four_trips_are_remembered(
    opened: SealUnderTest, bench: Backend, age: int
) -> None:
    """Told again with another amount, each of them is found."""
    shift = Shift(opened, bench)
    trips = [shift.next() for _ in range(TRIPS_KEPT)]
    for trip in trips:
        shift.tap(trip_ended(trip))
    shift.tap(*[trip_ended(trip, again=True) for trip in trips])
    shift.watched.calm("W-16", "the last four trips, told again as they were")
    old = trips[-1 - age]
    again = replace(old, amount_fen=old.amount_fen + 100)
    shift.tap(trip_ended(again, again=True))
    what = f"the trip {age} before the last is told with another amount"
    body = shift.watched.alarm("W-16", Cause.TRIP_ALTERED, what)
    expect.equal("W-16", (old.record, again.record), (body.before, body.after), "both records")


@clause("Z-1", "W-4")
def test_several_changes_in_one_look_are_several_causes(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench)
    facts = watched.meter.facts
    fare = facts.fare[:3] + bytes((facts.fare[3] ^ 1,)) + facts.fare[4:]
    watched.meter.facts = replace(
        facts, fare=fare, hardware_version=facts.hardware_version ^ 1, software=b"\x09\x08"
    )
    watched.look()
    due = {
        Cause.FARE_PARAMETERS_CHANGED,
        Cause.METER_IDENTITY_CHANGED,
        Cause.METER_SOFTWARE_CHANGED,
    }
    expect.equal("Z-1", due, watched.causes, "the causes of one look")
    expect.equal("Z-1", 3, len(watched.tampers()), "their records")
    expect.equal("Z-1", State.TAMPERED, opened.state(), "the state")
