"""What the checks gather: in every state, across boots, until SEAL or CLEAR (W-5, E-5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from sealkit.wire.registry import Cause, OrderKind, State
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.bench.meter import Trip, trip_ended, trip_started
from sealkit_conformance.cases.supervision.watched import K, Watched
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.effects import GATHERED
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.road import Road
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = needs(
    Capability.METER_SCRIPTED,
    Capability.TIME,
    Capability.PULSES,
    Capability.MOTION,
    Capability.TERMINAL_TAP,
)
CHECKS: Final[dict[str, Any]] = {
    "look_interval_ms": 2_000,
    "pulse_rate_max_hz": 30_000,  # cases drive kilometres at once
    "k_tolerance_ppm": 10_000,
    "k_window_m": 20_000,
    "standing_limit_m": 50,
    "motion_tolerance_ppm": 50_000,
    "motion_limit_m": 100,
    "meter_clock_tolerance_s": 120,
}
STORED_MS: Final = 6_000
"""After so long what was gathered is stored (W-5: 5,000 ticks)."""
Fraud = Callable[[Watched], None]


def faster(watched: Watched) -> None:
    for _ in range(3):
        watched.bench.pulses(90_000, 1_000)
    watched.bench.pulses(0, 1_500)


def other_k(watched: Watched) -> None:
    """Three trips of 10 km by 9.6 km of pulses."""
    trips = watched.trips(10_000)
    for pulses in (17, 9_600, 9_600):
        watched.drive_trip(next(trips), pulses)


def standing(watched: Watched) -> None:
    road = Road(watched.bench, K)
    for second in range(28):
        road.second_with(0 if second < 3 or second > 23 else 4, 0)


def drifting(watched: Watched) -> None:
    Road(watched.bench, K).drive(40, 10_000, factor=1.5)


def wrong_clock(watched: Watched) -> None:
    watched.bench.say_to_terminal(trip_started(watched.seal.status().clock + 1_000))
    watched.bench.pass_time(500)


def fewer_trips(watched: Watched) -> None:
    watched.meter.total_trips -= 2
    watched.look(2)


def two_ways(watched: Watched) -> None:
    number, now = watched.meter.total_trips + 1, watched.bench.now()
    watched.bench.say_to_terminal(trip_ended(Trip(number, 5_000, 0, now - 600, now)))
    watched.bench.say_to_terminal(trip_ended(Trip(number, 9_000, 0, now - 600, now), again=True))
    watched.bench.pass_time(500)


FRAUDS: Final[dict[Cause, Fraud]] = {
    Cause.K_MISMATCH: other_k,
    Cause.PULSE_RATE: faster,
    Cause.STANDING_MOTION: standing,
    Cause.MOTION_DISAGREES: drifting,
    Cause.METER_CLOCK: wrong_clock,
    Cause.TRIPS_MISSING: fewer_trips,
    Cause.TRIP_ALTERED: two_ways,
}
STATISTICAL: Final = (Cause.K_MISMATCH, Cause.STANDING_MOTION, Cause.MOTION_DISAGREES)
"""Those of which what was gathered says, after a boot, that they were found."""


def each_cause(case: Any) -> Any:
    return pytest.mark.parametrize("cause", FRAUDS, ids=lambda cause: cause.name.lower())(case)


@clause("W-5", "Z-1", "O-25", "R55")
@each_cause
def test_in_open_what_is_found_is_live_and_seal_starts_anew(
    opened: SealUnderTest, bench: Backend, cause: Cause
) -> None:
    """Nor does it keep SEAL from being applied (O-25)."""
    watched = Watched(opened, bench, **CHECKS)
    opened.give(OrderKind.UNSEAL)
    FRAUDS[cause](watched)
    expect.true("W-5", cause in watched.live, f"{cause.name} is not found in OPEN")
    status = opened.status()
    expect.equal("Z-1", (State.OPEN, 0), (status.state, status.latched_causes), "it latched")
    bench.pass_time(60_000)
    expect.true("W-5", cause in watched.live, f"{cause.name} is live no more after a minute")
    watched.seal_again(**CHECKS)
    watched.look(2)
    watched.calm("W-5", "SEAL starts all checks anew")
    bench.pass_time(5_000)
    watched.calm("W-5", "SEAL starts all checks anew")


@clause("W-5", "Z-1", "R55")
@each_cause
def test_in_tampered_a_further_cause_gets_its_record_and_clear_starts_anew(
    opened: SealUnderTest, bench: Backend, cause: Cause
) -> None:
    watched = Watched(opened, bench, **CHECKS)
    first = Cause.METER_CLOCK if cause is not Cause.METER_CLOCK else Cause.TRIP_ALTERED
    FRAUDS[first](watched)
    watched.alarm("W-5", first, "the first fraud")
    FRAUDS[cause](watched)
    expect.equal("W-5", {first, cause}, watched.live, "the live causes in TAMPERED")
    expect.equal("Z-1", {first, cause}, watched.causes, "the latched causes")
    opened.give(OrderKind.CLEAR)
    watched.look(2)
    expect.equal("W-5", set(), watched.live, "what is live after CLEAR")
    check_history(opened)


@clause("W-5", "E-5")
@pytest.mark.parametrize("kind", [OrderKind.SEAL, OrderKind.CLEAR])
def test_seal_and_clear_start_with_nothing_gathered(
    opened: SealUnderTest, bench: Backend, kind: OrderKind
) -> None:
    watched = Watched(opened, bench, **CHECKS)
    gather(watched)
    told = opened.evidence()
    for name in GATHERED:
        expect.true("E-5", getattr(told, name) > 0, f"{name} is 0 although there was something")
    if kind is OrderKind.CLEAR:
        FRAUDS[Cause.METER_CLOCK](watched)
    else:
        opened.give(OrderKind.UNSEAL)
        expect.fields_of("W-5", opened.evidence(), gathered(told), "UNSEAL starts nothing anew")
    if kind is OrderKind.CLEAR:
        opened.give(OrderKind.CLEAR)
    else:
        watched.seal_again(**CHECKS)
    due = dict.fromkeys(GATHERED, 0)
    expect.fields_of("W-5", opened.evidence(), due, f"gathered before {kind.name}")


@clause("W-5", "W-6")
def test_seal_takes_no_excess_over(opened: SealUnderTest, bench: Backend) -> None:
    """Twice three quarters of each limit, with a SEAL between."""
    watched = Watched(opened, bench, **CHECKS)
    for _ in range(2):
        road, trips = Road(bench, K), watched.trips(10_000)
        for pulses in (17, 9_850, 9_850):
            watched.drive_trip(next(trips), pulses)
        road.drive(17, 10_000, factor=1.5)
        for second in range(16):
            road.second_with(9 if 5 <= second < 9 else 0, 0)
        watched.calm("W-6", "three quarters of each limit")
        watched.seal_again(**CHECKS)


def gather(watched: Watched) -> None:
    """Something for each number of E-5, and nothing to be found."""
    road, trips = Road(watched.bench, K), watched.trips(2_000)
    watched.drive_trip(next(trips), 17)
    road.drive(20, 20_000)
    for second in range(12):
        road.second_with(3 if 4 <= second < 9 else 0, 0)
    watched.bench.pulses(1_603, 10_000)
    watched.drive_trip(next(trips), 0)
    watched.calm("W-5", "honest, but for 15 m while standing")


def gathered(told: Any) -> dict[str, int]:
    return {name: getattr(told, name) for name in GATHERED}


# Boots.


@clause("W-5", "E-5")
@needs(Capability.POWER)
def test_what_was_gathered_survives_a_boot(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, **CHECKS)
    gather(watched)
    bench.pass_time(STORED_MS)
    told = gathered(opened.evidence())
    for gap_s in (1, 10_000):
        opened.restart(gap_s)
        expect.fields_of("W-5", opened.evidence(), told, f"after {gap_s} s without power")
    watched.look(2)
    watched.calm("W-5", "boots alone")


@clause("W-5", "Z-1", "Z-2")
@needs(Capability.POWER)
@pytest.mark.parametrize("cause", STATISTICAL, ids=lambda cause: cause.name.lower())
def test_what_was_found_is_found_again_after_a_boot(
    opened: SealUnderTest, bench: Backend, cause: Cause
) -> None:
    """Live once more when what was gathered says so, with the next of its kind; recorded once."""
    watched = Watched(opened, bench, **CHECKS)
    FRAUDS[cause](watched)
    watched.alarm("W-5", cause, "before the boot")
    bench.pass_time(STORED_MS)
    opened.restart(60)
    expect.equal("Z-2", {cause}, watched.causes, "the latched causes after the boot")
    FRAUDS[cause](watched)
    expect.true("W-5", cause in watched.live, "it goes on, and is not live")
    expect.equal("Z-1", 1, len(watched.tampers()), "a latched cause gets no second record")


@clause("W-5", "W-6", "J-4")
@needs(Capability.POWER)
@pytest.mark.parametrize("cause", STATISTICAL, ids=lambda cause: cause.name.lower())
def test_a_boot_does_not_make_a_fraud_forgotten(
    opened: SealUnderTest, bench: Backend, cause: Cause
) -> None:
    """Half an excess, a boot, the other half: it is found all the same."""
    watched = Watched(opened, bench, **CHECKS)
    road, trips = Road(bench, K), watched.trips(10_000)
    if cause is Cause.K_MISMATCH:
        watched.drive_trip(next(trips), 17)
    for half in range(2):
        match cause:
            case Cause.K_MISMATCH:
                watched.drive_trip(next(trips), 9_770)
            case Cause.MOTION_DISAGREES:
                road.drive(14, 10_000, factor=1.5)
            case _:
                for second in range(14):
                    road.second_with(6 if 4 <= second < 10 else 0, 0)
        if half == 0:
            watched.calm("W-6", "the first half")
            bench.pass_time(STORED_MS)
            opened.restart(30)
            watched.look()
    watched.alarm("W-5", cause, "two halves with a boot between")


@clause("W-5", "W-7", "W-10", "W-15", "W-16")
@needs(Capability.POWER)
def test_boots_within_honest_trips_find_nothing(opened: SealUnderTest, bench: Backend) -> None:
    """The power goes in the middle of trips, and comes back while the vehicle drives or stands."""
    # Of each boot the pulses of five seconds may be lost, 100 m; together less than 750 m.
    usual = {"k_tolerance_ppm": 7_500, "k_window_m": 100_000, "acceleration_max_mm_s2": 8_000}
    watched = Watched(opened, bench, **{**CHECKS, **usual})
    road, trips = Road(bench, K), watched.trips(2_000)
    for number in range(6):
        trip = next(trips)
        bench.say_to_terminal(trip_started(opened.status().clock))
        for speed, seconds in ((5_000, 2), (10_000, 2), (15_000, 2), (20_000, 37)):
            road.drive(seconds, speed)
        opened.restart(number * 40)
        road.drive(60, 20_000)
        bench.say_to_terminal(trip_ended(trip_now(watched, trip)))
        watched.meter.tell(trip_now(watched, trip))
        watched.look(2)
        road.drive(2, 0)
        watched.calm("W-5", f"honest, with {number + 1} boots within trips")


def trip_now(watched: Watched, trip: Trip) -> Trip:
    """The trip, ended just now by a clock that is right."""
    now = watched.seal.status().clock // 60 * 60
    return Trip(trip.number, trip.metered_m, 0, now - 600, now, trip.amount_fen)


@clause("W-5", "R-5")
@needs(Capability.POWER)
def test_an_honest_day_finds_nothing(opened: SealUnderTest, bench: Backend) -> None:
    """All checks at once: stops, a ferry, a tunnel, trips on both lines, sign-offs."""
    watched = Watched(opened, bench, **{**CHECKS, "acceleration_max_mm_s2": 12_000})
    road, trips = Road(bench, K), watched.trips(1_000)
    for number in range(8):
        trip = next(trips)
        bench.say_to_terminal(trip_started(opened.status().clock))
        for speed, seconds in ((5_000, 2), (10_000, 59), (20_000, 20)):
            road.drive(seconds, speed)
        told = trip_now(watched, Trip(trip.number, 1_000, 0, 0, 0, trip.amount_fen))
        bench.say_to_terminal(trip_ended(told))
        watched.meter.tell(told)
        for second in range(8):
            road.second_with(2 if second == 0 else 0, 0)
        watched.look(2)
        if number == 4:
            road.drive(5, None)
            opened.restart(1_800)
            watched.look(2)
    watched.calm("W-5", "an honest day")
