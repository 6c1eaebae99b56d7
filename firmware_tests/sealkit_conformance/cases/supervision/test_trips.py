"""Trips by number: missing, never told, told in two ways (W-15, W-16)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from sealkit.meter.commands import Command
from sealkit.meter.frames import Frame
from sealkit.wire.registry import Attachment, Cause
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.bench.meter import (
    Trip,
    heartbeat,
    say,
    signed_off,
    trip_ended,
    trip_started,
)
from sealkit_conformance.cases.supervision.watched import ALL, K, Watched, u32s
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = needs(Capability.METER_SCRIPTED, Capability.TIME)
TAP: Final = needs(Capability.TERMINAL_TAP)
TRIP_BYTES: Final = 66
NUMBER_AT: Final = 61


class Shift:
    """A seal on both lines and trips on them."""

    def __init__(self, seal: SealUnderTest, bench: Backend, **fields: Any) -> None:
        self.watched = Watched(seal, bench, **fields)
        self.bench = bench
        self.meter = self.watched.meter
        self._trips = self.watched.trips(5_000)

    def next(self) -> Trip:
        """The trip that comes next; nobody has been told of it."""
        return next(self._trips)

    def own(self, *trips: Trip) -> None:
        """They are over, and the seal has looked."""
        for trip in trips:
            self.meter.tell(trip)
        self.watched.look(2 + len(trips))

    def tap(self, *said: bytes) -> None:
        """The meter says this to its terminal."""
        for data in said:
            self.bench.say_to_terminal(data)
        self.bench.pass_time(250)

    def whole(self, trip: Trip) -> None:
        """A trip as an honest meter tells it on the tap."""
        self.tap(
            trip_started(trip.began),
            *[heartbeat(hired=True)] * 5,
            trip_ended(trip),
            *[heartbeat(hired=False)] * 4,
        )


@clause("W-15", "W-16", "E-5")
def test_honest_trips_on_the_own_line(opened: SealUnderTest, bench: Backend) -> None:
    shift = Shift(opened, bench)
    for number in range(1, 7):
        shift.own(shift.next())
        expect.equal("E-5", number, opened.evidence().trips_seen, "the trips told")
    shift.own(shift.next(), shift.next(), shift.next())
    shift.watched.calm("W-15", "honest trips, three of them between two looks")
    expect.equal("E-5", 9, opened.evidence().trips_seen, "the trips told")


@clause("W-15", "W-16", "E-5")
@TAP
def test_honest_trips_on_both_lines(opened: SealUnderTest, bench: Backend) -> None:
    """With all that an honest meter does: sends again, answers the terminal, repeats a start."""
    shift = Shift(opened, bench)
    for number in range(1, 7):
        trip = shift.next()
        shift.tap(trip_started(trip.began), trip_started(trip.began))
        shift.tap(*[heartbeat(hired=True)] * 6, trip_started(trip.began), heartbeat(hired=True))
        shift.tap(trip_ended(trip), trip_ended(trip, again=True), *[heartbeat(hired=False)] * 3)
        shift.own(trip)
        shift.tap(say(Command.READ_TRIP, trip.record + b"city data"), trip_ended(trip))
        expect.equal("E-5", number, opened.evidence().trips_seen, "the trips told")
    shift.tap(signed_off(K, 900_000, bench.now()), *[heartbeat(hired=False)] * 3)
    shift.watched.calm("W-15", "honest trips on both lines")


# Missing, on the own line.


@clause("W-15", "Z-1", "R46", "R16")
@pytest.mark.parametrize("fall", [1, 3, 100])
def test_a_total_that_falls_is_found(opened: SealUnderTest, bench: Backend, fall: int) -> None:
    shift = Shift(opened, bench)
    for _ in range(4):
        shift.own(shift.next())
    shift.meter.total_trips -= fall
    total = shift.meter.total_trips
    shift.watched.look()
    body = shift.watched.alarm("W-15", Cause.TRIPS_MISSING, f"the total fell by {fall}")
    expect.equal("W-15", 4, len(body.before), "bytes of the trip that was due")
    expect.equal("W-15", (total,), u32s(body.after), "the total told instead")
    expect.true("W-5", Cause.TRIPS_MISSING in shift.watched.live, "what was found is live no more")
    shift.watched.look(3)
    expect.equal("Z-1", 1, len(shift.watched.tampers()), "one record of what was found once")


@clause("W-15", "Z-1", "R46")
@pytest.mark.parametrize("how", ["no data", "another trip"])
def test_a_counted_trip_that_is_not_there_twice_is_found(
    opened: SealUnderTest, bench: Backend, how: str
) -> None:
    shift = Shift(opened, bench)
    shift.own(shift.next())
    gone = shift.next()
    shift.meter.total_trips = gone.number
    if how == "another trip":
        shift.meter.trips[gone.number] = shift.meter.trips[gone.number - 1]
    shift.watched.look(4)
    body = shift.watched.alarm("W-15", Cause.TRIPS_MISSING, f"{how} for a trip that was counted")
    expect.equal("W-15", (gone.number,), u32s(body.before), "the trip that was due")
    told = 0 if how == "no data" else gone.number - 1
    expect.equal("W-15", (told,), u32s(body.after), "what was told instead")
    shift.own(shift.next())
    expect.equal("E-5", 2, opened.evidence().trips_seen, "the seal goes on with the next trip")


@clause("W-15")
def test_a_trip_that_is_not_there_once_is_nothing(opened: SealUnderTest, bench: Backend) -> None:
    shift = Shift(opened, bench)
    for _ in range(3):
        trip = shift.next()
        asked = [0]

        def late(frame: Frame, good: bytes, asked: list[int] = asked) -> bytes:
            if frame.command != Command.READ_TRIP:
                return good
            asked[0] += 1
            return say(Command.READ_TRIP, b"") if asked[0] == 1 else good

        shift.meter.twist = late
        shift.own(trip)
        shift.meter.twist = None
    shift.watched.calm("W-15", "the meter was slow to store a trip")
    expect.equal("E-5", 3, opened.evidence().trips_seen, "the trips told")


@clause("W-15", "P-11")
def test_trips_of_before_the_seal_are_not_missed(opened: SealUnderTest, bench: Backend) -> None:
    """The first total is where counting begins: none of those before is asked for."""
    shift = Shift(opened, bench)
    shift.watched.look(4)
    expect.equal("W-15", 0, shift.meter.asked[Command.READ_TRIP], "trips of before were asked for")
    shift.watched.calm("W-15", "the meter has had 100 trips before")


# Missing, on the tap.


@clause("W-15", "Z-1", "R46")
@TAP
@pytest.mark.parametrize("skipped", [1, 5])
def test_a_number_that_is_skipped_on_the_tap_is_found(
    opened: SealUnderTest, bench: Backend, skipped: int
) -> None:
    shift = Shift(opened, bench)
    shift.whole(shift.next())
    shift.whole(shift.next())
    shift.watched.calm("W-15", "two trips in a row")
    due, *_ = [shift.next() for _ in range(skipped)]
    told = shift.next()
    shift.whole(told)
    body = shift.watched.alarm("W-15", Cause.TRIPS_MISSING, f"{skipped} numbers were skipped")
    expect.equal("W-15", (due.number,), u32s(body.before), "the trip that was due")
    expect.equal("W-15", (told.number,), u32s(body.after), "the trip that was told instead")


@clause("W-15")
@TAP
@pytest.mark.parametrize("noise", [b"\x55\xaa\x00\x4a\x02\x01", b"\xff", b"\x55\xaa\x55"])
def test_a_number_is_not_missed_when_bytes_were_lost(
    opened: SealUnderTest, bench: Backend, noise: bytes
) -> None:
    """The trip may have been in what the tap could not read."""
    shift = Shift(opened, bench)
    shift.whole(shift.next())
    shift.whole(shift.next())
    lost = trip_ended(shift.next())
    spoilt = lost[:20] + noise + lost[25:]
    shift.tap(spoilt)
    shift.whole(shift.next())
    shift.watched.calm("W-15", "a trip's frame could not be read")
    shift.next()
    shift.whole(shift.next())
    shift.watched.alarm("W-15", Cause.TRIPS_MISSING, "a number was skipped, and all was read")


@clause("W-15", "W-5")
@TAP
@needs(Capability.POWER)
def test_a_number_is_not_missed_across_a_boot(opened: SealUnderTest, bench: Backend) -> None:
    shift = Shift(opened, bench)
    for _ in range(3):
        shift.whole(shift.next())
        shift.next()
        bench.pass_time(6_000)  # until it is stored that the trip was told
        opened.restart(100)
    shift.whole(shift.next())
    shift.watched.calm("W-15", "trips were told while the seal had no power")


def _start(shift: Shift, trip: Trip) -> None:
    shift.tap(trip_started(trip.began), *[heartbeat(hired=True)] * 3)


def _beats(shift: Shift, trip: Trip) -> None:
    shift.tap(*[heartbeat(hired=True)] * 4)


STARTS: Final[dict[str, Callable[[Shift, Trip], None]]] = {"00E7": _start, "heartbeats": _beats}


@clause("W-15", "Z-1", "R46")
@TAP
@pytest.mark.parametrize("second", STARTS)
@pytest.mark.parametrize("first", STARTS)
def test_a_trip_that_started_and_was_never_told_is_found(
    opened: SealUnderTest, bench: Backend, first: str, second: str
) -> None:
    shift = Shift(opened, bench)
    shift.whole(shift.next())
    trip = shift.next()
    STARTS[first](shift, trip)
    shift.tap(*[heartbeat(hired=False)] * 4)
    shift.watched.calm("W-15", "the meter may still tell the trip")
    later = replace(trip, began=trip.began + 900, ended=trip.ended + 900)
    STARTS[second](shift, later)
    body = shift.watched.alarm("W-15", Cause.TRIPS_MISSING, "a second start, and no trip told")
    expect.equal("W-15", (trip.number,), u32s(body.before), "the trip that was due")
    expect.equal("W-15", (0,), u32s(body.after), "none was told instead")


@clause("W-15")
@TAP
def test_two_heartbeats_are_no_start(opened: SealUnderTest, bench: Backend) -> None:
    """One may cross the record of the end."""
    shift = Shift(opened, bench)
    shift.whole(shift.next())
    for _ in range(4):
        shift.tap(*[heartbeat(hired=True)] * 2, *[heartbeat(hired=False)] * 3)
    shift.watched.calm("W-15", "two heartbeats hired, four times")


@clause("W-15", "P-11")
@TAP
def test_without_the_tap_nothing_on_it_is_judged(opened: SealUnderTest, bench: Backend) -> None:
    shift = Shift(
        opened,
        bench,
        attachments=ALL & ~Attachment.TERMINAL_TAP,
        k_tolerance_ppm=7_500,
        k_window_m=100_000,
        meter_clock_tolerance_s=60,
    )
    shift.whole(shift.next())
    shift.next()
    shift.whole(shift.next())
    shift.tap(signed_off(K + 1, 900_000, bench.now()), trip_started(bench.now() - 50_000))
    shift.watched.calm("P-11", "the set does not rely on the terminal's tap")


@clause("W-15", "P-11")
def test_without_the_own_line_no_trip_is_judged(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, attachments=ALL & ~Attachment.OWN_LINE)
    bench.pass_time(7_000)
    watched.meter.total_trips = 7
    bench.pass_time(3_000)
    watched.calm("P-11", "the set does not rely on the seal's own line")


# Told in two ways (W-16).


def changed(record: bytes, at: int) -> bytes:
    """The record with another byte, whose digits stay digits."""
    return record[:at] + bytes((record[at] ^ 0x01,)) + record[at + 1 :]


PLACES: Final = [0, 30, 45, 50, 52, 59, 65]
"""Bytes of plate, driver, end, distances, amount and payment."""


@clause("W-16", "Z-1", "R46")
@TAP
@pytest.mark.parametrize("at", PLACES)
def test_a_trip_heard_again_has_to_be_the_same(
    opened: SealUnderTest, bench: Backend, at: int
) -> None:
    shift = Shift(opened, bench)
    trip = shift.next()
    shift.tap(trip_ended(trip), trip_ended(trip, again=True), trip_ended(trip))
    shift.watched.calm("W-16", "the same trip, heard three times")
    other = changed(trip.record, at)
    shift.tap(say(Command.TRIP_AGAIN, other))
    body = shift.watched.alarm("W-16", Cause.TRIP_ALTERED, f"byte {at} differs when told again")
    expect.equal("W-16", (trip.record, other), (body.before, body.after), "as told both times")
    expect.true("W-5", Cause.TRIP_ALTERED in shift.watched.live, "what was found is live no more")


@clause("W-16", "Z-1", "R46")
@TAP
def test_a_trip_that_the_terminal_asks_for_has_to_be_the_same(
    opened: SealUnderTest, bench: Backend
) -> None:
    shift = Shift(opened, bench)
    older, trip = shift.next(), shift.next()
    shift.tap(trip_ended(older), trip_ended(trip))
    shift.tap(say(Command.READ_TRIP, trip.record), say(Command.READ_TRIP, older.record))
    shift.watched.calm("W-16", "the terminal is told the same trips")
    other = changed(trip.record, PLACES[-2])
    shift.tap(say(Command.READ_TRIP, other))
    body = shift.watched.alarm("W-16", Cause.TRIP_ALTERED, "the terminal is told another trip")
    expect.equal("W-16", (trip.record, other), (body.before, body.after), "as told both times")


@clause("W-16", "W-15", "Z-1", "R46")
@pytest.mark.parametrize("at", PLACES)
def test_a_trip_asked_again_has_to_be_the_same(
    opened: SealUnderTest, bench: Backend, at: int
) -> None:
    """Each is asked for a second time, before the next."""
    shift = Shift(opened, bench)
    trip = shift.next()
    shift.own(trip)
    other = changed(trip.record, at)
    shift.meter.trips[trip.number] = other
    shift.own(shift.next())
    body = shift.watched.alarm("W-16", Cause.TRIP_ALTERED, f"byte {at} differs when asked again")
    expect.equal("W-16", (trip.record, other), (body.before, body.after), "as told both times")


@clause("W-16", "Z-1", "R46")
@TAP
@pytest.mark.parametrize("at", PLACES)
def test_a_trip_asked_after_it_was_heard_has_to_be_the_same(
    opened: SealUnderTest, bench: Backend, at: int
) -> None:
    shift = Shift(opened, bench)
    trip = shift.next()
    shift.whole(trip)
    other = changed(trip.record, at)
    shift.meter.trips[trip.number] = other
    shift.meter.total_trips = trip.number
    shift.watched.look(2)
    body = shift.watched.alarm("W-16", Cause.TRIP_ALTERED, f"byte {at} differs by the own line")
    expect.equal("W-16", (trip.record, other), (body.before, body.after), "as told both times")


@clause("W-16", "Z-1", "R46")
@pytest.mark.parametrize("line", ["own line", pytest.param("tap", marks=TAP)])
def test_a_trip_told_under_two_numbers_is_found(
    opened: SealUnderTest, bench: Backend, line: str
) -> None:
    shift = Shift(opened, bench)
    first, trip = shift.next(), shift.next()
    again = replace(trip, number=shift.next().number)
    if line == "tap":
        shift.whole(first)
        shift.whole(trip)
        shift.tap(trip_ended(again))
    else:
        shift.own(first)
        shift.own(trip)
        shift.own(again)
    body = shift.watched.alarm("W-16", Cause.TRIP_ALTERED, "the same trip under the next number")
    expect.equal("W-16", (trip.record, again.record), (body.before, body.after), "both records")


@clause("W-16")
@pytest.mark.parametrize("line", ["own line", pytest.param("tap", marks=TAP)])
def test_two_trips_without_distance_may_be_alike(
    opened: SealUnderTest, bench: Backend, line: str
) -> None:
    """The driver pressed the key twice in a minute."""
    shift = Shift(opened, bench)
    trip = replace(shift.next(), metered_m=0)
    again = replace(trip, number=shift.next().number)
    for one in (trip, again):
        if line == "tap":
            shift.tap(trip_ended(one))
        else:
            shift.own(one)
    shift.watched.calm("W-16", "two trips of 0.0 km in one minute")


@clause("W-16")
@TAP
def test_only_the_66_bytes_of_a_trip_are_compared(opened: SealUnderTest, bench: Backend) -> None:
    """What a city's card adds may differ."""
    shift = Shift(opened, bench)
    trip = shift.next()
    shift.tap(
        say(Command.TRIP_END, trip.record + b"\x01" * 11),
        say(Command.TRIP_AGAIN, trip.record + b"\x02" * 8),
        trip_ended(trip),
    )
    shift.own(trip)
    shift.watched.calm("W-16", "the bytes behind the 66 differ")


@clause("W-16", "W-5")
@needs(Capability.POWER)
def test_a_trip_is_still_compared_after_a_boot(opened: SealUnderTest, bench: Backend) -> None:
    """What was gathered is stored at least every 5,000 ticks."""
    shift = Shift(opened, bench)
    trip = shift.next()
    shift.own(trip)
    bench.pass_time(6_000)
    opened.restart(60)
    shift.watched.look(2)
    shift.watched.calm("W-5", "a boot between two trips")
    shift.meter.trips[trip.number] = changed(trip.record, 50)
    shift.own(shift.next())
    shift.watched.alarm("W-16", Cause.TRIP_ALTERED, "the trip of before the boot has changed")
