"""The meter's clock, as its trips tell it, against the seal's (W-14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from sealkit.wire.registry import Cause
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.bench.meter import Trip, trip_ended, trip_started
from sealkit_conformance.cases.supervision.watched import Watched
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = needs(Capability.METER_SCRIPTED, Capability.TIME)
TAP: Final = needs(Capability.TERMINAL_TAP)
TOLERANCE_S: Final = 120
MINUTE_S: Final = 60
CHINA_S: Final = 8 * 3_600
DAY_S: Final = 86_400
LINES: Final = ["own line", pytest.param("tap", marks=TAP)]


class Clocks:
    """A meter whose clock is wrong by so much, beside the seal's."""

    def __init__(self, seal: SealUnderTest, bench: Backend, tolerance_s: int = TOLERANCE_S) -> None:
        self.watched = Watched(seal, bench, meter_clock_tolerance_s=tolerance_s)
        self.seal, self.bench = seal, bench
        self._trips = self.watched.trips(5_000)

    @property
    def clock(self) -> int:
        """The seal's."""
        return self.seal.status().clock

    def trip(self, ended: int, lasted_s: int = 600) -> Trip:
        """A trip that ended then by the meter's clock."""
        plain = next(self._trips)
        return Trip(plain.number, 5_000, 0, ended - lasted_s, ended, plain.amount_fen)

    def start(self, wrong_s: int) -> None:
        """00E7."""
        self.bench.say_to_terminal(trip_started(self.clock + wrong_s))
        self.bench.pass_time(250)

    def end(self, line: str, wrong_s: int, lasted_s: int = 600) -> None:
        """A trip that ends now, told on a line."""
        trip = self.trip(self.clock + wrong_s, lasted_s)
        if line == "tap":
            self.watched.tap_trip(trip, 0)
        else:
            self.watched.drive_trip(trip, 0)


@clause("W-14", "R38")
@TAP
@pytest.mark.parametrize("wrong_s", [TOLERANCE_S - 5, 5 - TOLERANCE_S, 0])
def test_a_start_within_the_tolerance(opened: SealUnderTest, bench: Backend, wrong_s: int) -> None:
    clocks = Clocks(opened, bench)
    clocks.start(wrong_s)
    clocks.watched.calm("W-14", f"a start that is {wrong_s} s off, with {TOLERANCE_S} s")


@clause("W-14", "Z-1", "R46")
@TAP
@pytest.mark.parametrize("wrong_s", [TOLERANCE_S + 5, -5 - TOLERANCE_S, 100 * DAY_S, -CHINA_S])
def test_a_start_beyond_the_tolerance(opened: SealUnderTest, bench: Backend, wrong_s: int) -> None:
    clocks = Clocks(opened, bench)
    before = clocks.clock
    clocks.start(wrong_s)
    body = clocks.watched.alarm("W-14", Cause.METER_CLOCK, f"a start that is {wrong_s} s off")
    clock, told = (int.from_bytes(half, "big") for half in (body.before, body.after))
    expect.equal("W-14", (8, 8), (len(body.before), len(body.after)), "bytes of both times")
    expect.true("W-14", before <= clock <= before + 5, f"the seal's clock in the record is {clock}")
    expect.true("W-14", abs(told - clock - wrong_s) <= 5, f"the meter's time in the record: {told}")
    expect.true("W-5", Cause.METER_CLOCK in clocks.watched.live, "what was found is live no more")


@clause("W-14", "R38")
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("wrong_s", [TOLERANCE_S + MINUTE_S - 5, 65 - TOLERANCE_S - MINUTE_S, 0])
def test_an_end_is_told_to_the_minute(
    opened: SealUnderTest, bench: Backend, line: str, wrong_s: int
) -> None:
    """So a minute is added to the tolerance."""
    clocks = Clocks(opened, bench)
    clocks.end(line, wrong_s)
    clocks.watched.calm("W-14", f"an end that is {wrong_s} s off, told to the minute")


@clause("W-14", "Z-1", "R46")
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("wrong_s", [TOLERANCE_S + 125, -10 - TOLERANCE_S - MINUTE_S])
def test_an_end_beyond_the_tolerance(
    opened: SealUnderTest, bench: Backend, line: str, wrong_s: int
) -> None:
    clocks = Clocks(opened, bench)
    clocks.end(line, wrong_s)
    clocks.watched.alarm("W-14", Cause.METER_CLOCK, f"an end that is {wrong_s} s off")


@clause("W-14")
@pytest.mark.parametrize("line", LINES)
def test_a_trip_over_midnight_ends_after_it_began(
    opened: SealUnderTest, bench: Backend, line: str
) -> None:
    """T3 has no day for the end: it is the first such time at or after the beginning."""
    clocks = Clocks(opened, bench)
    since_midnight = (clocks.clock + CHINA_S) % DAY_S
    clocks.end(line, 0, lasted_s=since_midnight + 1_800)
    clocks.watched.calm("W-14", "a trip that began before midnight")


@clause("W-14")
def test_the_age_of_what_a_look_shows_is_added(opened: SealUnderTest, bench: Backend) -> None:
    """A trip may have ended right after the look before."""
    watched = Watched(opened, bench, meter_clock_tolerance_s=1, look_interval_ms=60_000)
    watched.look(limit_ms=70_000)
    plain = next(watched.trips(5_000))
    ended = opened.status().clock
    watched.meter.tell(Trip(plain.number, 5_000, 0, ended - 600, ended))
    watched.look(limit_ms=70_000)
    watched.calm("W-14", "the trip ended a minute before the look that shows it")


@clause("W-14")
def test_what_is_told_of_long_ago_is_not_of_now(opened: SealUnderTest, bench: Backend) -> None:
    """Of several trips since the last look only the last has just ended; nor is 00F2 of now."""
    clocks = Clocks(opened, bench)
    clocks.watched.meter.tell(clocks.trip(clocks.clock - 7_200))
    clocks.watched.meter.tell(clocks.trip(clocks.clock))
    clocks.watched.look(3)
    clocks.watched.calm("W-14", "two trips were told at once, one of two hours ago")
    if Capability.TERMINAL_TAP in bench.capabilities:
        bench.say_to_terminal(trip_ended(clocks.trip(clocks.clock - 7_200), again=True))
        bench.pass_time(250)
        clocks.watched.calm("W-14", "a trip of two hours ago, sent again")


@clause("W-14")
@TAP
def test_the_same_trip_told_later_by_the_other_line_is_not_of_now(
    opened: SealUnderTest, bench: Backend
) -> None:
    clocks = Clocks(opened, bench)
    trip = clocks.trip(clocks.clock)
    clocks.watched.tap_trip(trip, 0)
    bench.pass_time(600_000)
    clocks.watched.meter.tell(trip)
    bench.say_to_terminal(trip_ended(trip))
    clocks.watched.look(2)
    clocks.watched.calm("W-14", "the trip was told in time")


@clause("W-14", "R39")
@TAP
@needs(Capability.CLOCK)
def test_with_a_lost_clock_the_meters_is_not_judged(opened: SealUnderTest, bench: Backend) -> None:
    clocks = Clocks(opened, bench)
    bench.lose_clock()
    bench.pass_time(500)
    clocks.start(5_000)
    clocks.end("own line", -50_000)
    found = clocks.watched.causes | clocks.watched.live
    expect.true("W-14", Cause.METER_CLOCK not in found, "judged by a clock that is lost")


@clause("P-11", "W-14")
@TAP
def test_a_tolerance_of_zero_judges_no_clock(opened: SealUnderTest, bench: Backend) -> None:
    clocks = Clocks(opened, bench, tolerance_s=0)
    says: list[Callable[[], None]] = [
        lambda: clocks.start(5_000),
        lambda: clocks.end("tap", -9_000),
        lambda: clocks.end("own line", 9_000),
    ]
    for say in says:
        say()
    clocks.watched.calm("P-11", "meter_clock_tolerance_s is 0")


@clause("W-14", "R36")
@TAP
@needs(Capability.CLOCK)
def test_a_seals_clock_that_was_moved_shows(opened: SealUnderTest, bench: Backend) -> None:
    """The meter is right: that the two differ is found all the same."""
    clocks = Clocks(opened, bench)
    right = clocks.clock
    bench.move_clock(600)
    bench.say_to_terminal(trip_started(right))
    bench.pass_time(250)
    clocks.watched.alarm("W-14", Cause.METER_CLOCK, "the clocks differ by 600 s")
