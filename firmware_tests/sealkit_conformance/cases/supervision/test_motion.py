"""Pulses against the second source of motion, standing and driving (W-11 to W-13)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import pytest

from sealkit.wire.registry import Attachment, Cause
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.bench.meter import trip_ended, trip_started
from sealkit_conformance.cases.supervision.watched import ALL, K, Watched, u32s
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.model.excess import BothWays
from sealkit_conformance.subject.road import Road
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = needs(Capability.METER_SCRIPTED, Capability.TIME, Capability.PULSES, Capability.MOTION)
TOLERANCE_PPM: Final = 50_000
LIMIT_M: Final = 100
MOTION: Final[dict[str, Any]] = {
    "look_interval_ms": 5_000,
    "motion_tolerance_ppm": TOLERANCE_PPM,
    "motion_limit_m": LIMIT_M,
}
STANDING_M: Final = 50
STANDING: Final[dict[str, Any]] = {"look_interval_ms": 5_000, "standing_limit_m": STANDING_M}
SLOW, CITY, FAST = 6_000, 10_000, 20_000
"""Speeds in mm/s."""
SLACK_M: Final = 12
"""What a bench's clock and a second more or less may make of a distance."""


def near(clause_: str, due: Fraction, told: int, what: str) -> None:
    """Within two hundredths and SLACK_M."""
    if abs(told - due) > due / 50 + SLACK_M:
        expect.equal(clause_, round(due), told, what)


# Driving (W-13).


@clause("W-13", "W-11", "E-5", "R58")
def test_what_both_agree_on_is_driven(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, **MOTION)
    road = Road(bench, K)
    source = pulses = Fraction(0)
    for speed in (SLOW, CITY, FAST, 30_000, CITY):
        more = road.drive(40, speed)
        source, pulses = source + more[0], pulses + more[1]
    watched.calm("W-13", "the vehicle drives as the source says")
    told = opened.evidence()
    near("E-5", source, told.motion_distance_m, "motion_distance_m")
    near("E-5", pulses, told.motion_pulses_m, "motion_pulses_m")
    expect.true("E-5", told.standing_m <= SLACK_M, "standing_m of a vehicle that drives")


@clause("W-13", "W-6", "R58")
@pytest.mark.parametrize("factor", [0.96, 1.04])
def test_within_its_tolerance_motion_is_never_found(
    opened: SealUnderTest, bench: Backend, factor: float
) -> None:
    watched = Watched(opened, bench, **MOTION)
    road = Road(bench, K)
    road.drive(300, FAST, factor=factor)
    watched.calm("W-13", f"{factor:g} of the pulses over 6 km, with a tolerance of 5 %")


@clause("W-13", "W-6", "Z-1", "R58", "R46")
@pytest.mark.parametrize("factor", [0.8, 0.5, 1.2, 1.6])
def test_a_lasting_difference_is_found_at_the_limit(
    opened: SealUnderTest, bench: Backend, factor: float
) -> None:
    watched = Watched(opened, bench, **MOTION)
    road = Road(bench, K)
    road.drive(20, CITY)
    model = BothWays(TOLERANCE_PPM, LIMIT_M)
    while model.share < Fraction(9, 10):
        model.add(*road.drive(1, CITY, factor=factor)[::-1])
    watched.calm("W-13", f"{factor:g} of the pulses, at 0.9 of the limit")
    while model.share < Fraction(13, 10):
        model.add(*road.drive(1, CITY, factor=factor)[::-1])
    body = watched.alarm(
        "W-13", Cause.MOTION_DISAGREES, f"{factor:g} of the pulses, over the limit"
    )
    (source,), (pulses,) = u32s(body.before), u32s(body.after)
    seen = Fraction(pulses, max(1, source))
    expect.true(
        "W-13",
        abs(seen - Fraction(factor)) < Fraction(1, 20),
        f"the record tells {source} m by the source and {pulses} m by pulses",
    )
    due = model.stretches[1] * Fraction(9, 13)
    expect.true("W-13", due - 40 <= source <= model.stretches[1] + 40, f"{source} m by the source")
    expect.true("W-5", Cause.MOTION_DISAGREES in watched.live, "what was found is live no more")


@clause("W-13", "W-6")
def test_differences_that_come_and_go_are_nothing(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, **MOTION)
    road = Road(bench, K)
    for _ in range(6):
        road.drive(20, CITY, factor=1.3)
        road.drive(20, CITY, factor=0.7)
    watched.calm("W-13", "30 % over 200 m to and fro")


@clause("W-13", "R58")
def test_an_injector_that_is_choosy_about_speed_is_found(
    opened: SealUnderTest, bench: Backend
) -> None:
    """Too many pulses at 14 m/s and more, taken back below."""
    watched = Watched(opened, bench, **MOTION)
    road = Road(bench, K)
    for _ in range(6):
        road.drive(10, FAST, factor=1.25)
        road.drive(25, SLOW, factor=0.7)
    watched.alarm("W-13", Cause.MOTION_DISAGREES, "25 % more at 20 m/s, less at 6 m/s")


@clause("W-13")
def test_below_14_metres_a_second_no_speed_is_judged_alone(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench, **MOTION)
    road = Road(bench, K)
    for _ in range(6):
        road.drive(15, 13_000, factor=1.25)
        road.drive(25, SLOW, factor=0.6)
    watched.calm("W-13", "over all, pulses come and go")


@clause("W-13", "R58")
@needs(Capability.TERMINAL_TAP)
@pytest.mark.parametrize("tapped", [True, False], ids=["with the tap", "without"])
def test_an_injector_that_is_choosy_about_passengers_is_found(
    opened: SealUnderTest, bench: Backend, tapped: bool
) -> None:
    """By the tap alone: without it the seal does not know who is hired."""
    without = 0 if tapped else Attachment.TERMINAL_TAP
    watched = Watched(opened, bench, attachments=ALL & ~without, **MOTION)
    road, trips = Road(bench, K), watched.trips(5_000)
    bench.say_to_terminal(trip_ended(next(trips)))
    for _ in range(6):
        bench.say_to_terminal(trip_started(bench.now()))
        road.drive(20, CITY, factor=1.3)
        bench.say_to_terminal(trip_ended(next(trips)))
        road.drive(20, CITY, factor=0.7)
    if tapped:
        watched.alarm("W-13", Cause.MOTION_DISAGREES, "30 % more while hired, less while vacant")
    else:
        watched.calm("W-13", "without the tap nobody knows who is hired")


@clause("W-13")
def test_a_ferry_is_no_fraud(opened: SealUnderTest, bench: Backend) -> None:
    """More than 20 m without a pulse are left out."""
    watched = Watched(opened, bench, **MOTION)
    road = Road(bench, K)
    driven = Fraction(0)
    for _ in range(3):
        driven += road.drive(10, CITY)[0]
        road.drive(60, CITY, factor=0)
    road.drive(1, CITY)
    watched.calm("W-13", "three ferries of 600 m")
    told = opened.evidence().motion_distance_m
    expect.true("E-5", told <= driven + 5 * SLACK_M, f"{told} m were driven, not {round(driven)}")


@clause("W-13", "R58")
def test_a_sensor_that_is_cut_off_for_moments_is_found(
    opened: SealUnderTest, bench: Backend
) -> None:
    """Stretches of up to 20 m without a pulse count."""
    watched = Watched(opened, bench, **MOTION)
    road = Road(bench, K)
    for _ in range(25):
        road.drive(2, 7_000)
        road.drive(2, 7_000, factor=0)
    watched.alarm("W-13", Cause.MOTION_DISAGREES, "every other 14 m without a pulse")


# What is not judged (W-11).


@clause("W-11", "W-13")
@pytest.mark.parametrize("gap", ["no speed", "nothing for 4 s"])
def test_in_a_tunnel_nothing_is_judged(opened: SealUnderTest, bench: Backend, gap: str) -> None:
    """Speeds more than 2,500 ticks apart, or none between, bound no stretch."""
    watched = Watched(opened, bench, **{**MOTION, **STANDING})
    road = Road(bench, K)
    for _ in range(4):
        road.drive(6, CITY)
        if gap == "no speed":
            road.drive(30, None)
            bench.pulses(600, 1_000)
            road.drive(1, None)
        else:
            bench.pulses(400, 4_000)
            road.drive(1, CITY, factor=0)
            bench.pulses(400, 4_000)
            road.drive(1, CITY, factor=0)
    told = opened.evidence()
    watched.calm("W-11", "what is driven without a speed is not judged")
    near("E-5", Fraction(told.motion_distance_m), told.motion_pulses_m, "by pulses")


@clause("W-11", "W-13")
def test_speeds_two_seconds_apart_bound_a_stretch(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, **MOTION)
    bench.motion(CITY)
    for _ in range(40):
        bench.pulses(30, 2_000)
        bench.motion(CITY)
    watched.alarm("W-11", Cause.MOTION_DISAGREES, "half as many pulses again, told every 2 s")


@clause("P-11", "W-13", "W-12")
@pytest.mark.parametrize("without", [Attachment.PULSE_INPUT, Attachment.SECOND_SOURCE])
def test_without_an_attachment_motion_is_not_judged(
    opened: SealUnderTest, bench: Backend, without: Attachment
) -> None:
    watched = Watched(opened, bench, attachments=ALL & ~without, **{**MOTION, **STANDING})
    road = Road(bench, K)
    road.drive(60, CITY, factor=1.6)
    for _ in range(40):
        road.second_with(20, 0)
    watched.calm("P-11", f"the set does not rely on {without.name}")


@clause("P-11", "W-13", "W-12")
@pytest.mark.parametrize("off", ["motion_tolerance_ppm", "motion_limit_m", "standing_limit_m"])
def test_a_threshold_of_zero_switches_a_check_off(
    opened: SealUnderTest, bench: Backend, off: str
) -> None:
    """Motion needs both of its own."""
    watched = Watched(opened, bench, **{**MOTION, **STANDING, off: 0})
    road = Road(bench, K)
    if off == "standing_limit_m":
        for _ in range(40):
            road.second_with(20, 0)
    else:
        road.drive(60, CITY, factor=1.6)
    watched.calm("P-11", f"{off} is 0")


# Standing (W-12).


def stand(road: Road, seconds: int, pulses: int, speed_mm_s: int = 0) -> int:
    """Pulses while standing; gives their metres."""
    for _ in range(seconds):
        road.second_with(pulses, speed_mm_s)
    return seconds * pulses * 1_000 // K


@clause("W-12", "W-11", "Z-1", "R57", "R46")
def test_pulses_while_standing_are_found_at_the_limit(
    opened: SealUnderTest, bench: Backend
) -> None:
    """The first two seconds and the last three belong to driving."""
    watched = Watched(opened, bench, **STANDING)
    road = Road(bench, K)
    road.drive(5, CITY)
    stand(road, 4, 0)
    stand(road, 12, 4)  # 48 of 50 m
    stand(road, 8, 0)
    watched.calm("W-12", "48 m by pulses while standing, of 50")
    told = opened.evidence().standing_m
    expect.true("E-5", 44 <= told <= 48, f"standing_m is {told} after 48 m")
    stand(road, 3, 4)
    stand(road, 4, 0)
    body = watched.alarm("W-12", Cause.STANDING_MOTION, "60 m by pulses while standing, of 50")
    (limit,), (metres,) = u32s(body.before), u32s(body.after)
    expect.equal("W-12", STANDING_M, limit, "standing_limit_m in the record")
    expect.true("W-12", STANDING_M < metres <= 60, f"{metres} m in the record")
    expect.true("W-5", Cause.STANDING_MOTION in watched.live, "what was found is live no more")


@clause("W-11", "W-12")
def test_stopping_and_starting_belong_to_driving(opened: SealUnderTest, bench: Backend) -> None:
    """The source is late: pulses of the first two seconds and of the last three."""
    watched = Watched(opened, bench, **STANDING)
    road = Road(bench, K)
    road.drive(3, CITY)
    for _ in range(12):
        road.second_with(10, 0)
        stand(road, 1, 8)
        stand(road, 6, 0)
        stand(road, 2, 8)
        road.second_with(8, 0)
        road.drive(4, CITY)
    watched.calm("W-11", "12 stops, at which the source was late")
    told = opened.evidence().standing_m
    expect.true("E-5", told <= SLACK_M, f"standing_m is {told} after stops alone")


@clause("W-11", "W-12")
@pytest.mark.parametrize(("before", "after"), [(2, 6), (6, 3)], ids=["third", "fourth last"])
def test_a_second_between_those_of_driving_is_standing(
    opened: SealUnderTest, bench: Backend, before: int, after: int
) -> None:
    """The source is late by two seconds when the vehicle stops and by three when it starts."""
    watched = Watched(opened, bench, **STANDING)
    road = Road(bench, K)
    road.drive(3, CITY)
    for _ in range(8):
        road.second_with(5, 0)
        stand(road, before, 0)
        stand(road, 1, 10)
        stand(road, after, 0)
        road.drive(3, CITY)
    watched.alarm("W-12", Cause.STANDING_MOTION, "80 m in one second of each of eight stops")


def stop_and_go(bench: Backend, times: int, standing: list[int], every_ms: int) -> None:
    """A drive with so many stops. standing: the pulses from one told speed of 0 to the next."""
    road = Road(bench, K)
    road.drive(3, CITY)
    for _ in range(times):
        road.second_with(5, 0)
        for pulses in standing:
            road.second_with(pulses, 0, every_ms)
        road.drive(3, CITY)


@clause("W-11", "W-12")
@pytest.mark.parametrize(("every_ms", "first", "last"), [(500, 3, 5), (1_800, 1, 1)])
def test_however_often_the_source_tells_it_is_late_by_as_much(
    opened: SealUnderTest, bench: Backend, every_ms: int, first: int, last: int
) -> None:
    """Seconds belong to driving, not speeds that were told."""
    watched = Watched(opened, bench, **STANDING)
    stop_and_go(bench, 10, [6] * first + [0] * (12_000 // every_ms) + [6] * last, every_ms)
    watched.calm("W-11", f"ten stops, at which the source tells a speed every {every_ms} ms")
    told = opened.evidence().standing_m
    expect.true("E-5", told <= SLACK_M, f"standing_m is {told} after stops alone")


@clause("W-11", "W-12")
@pytest.mark.parametrize(
    ("every_ms", "before", "after"), [(500, 5, 12), (500, 12, 7), (1_800, 1, 5), (1_800, 3, 2)]
)
def test_however_often_the_source_tells_what_lies_between_is_standing(
    opened: SealUnderTest, bench: Backend, every_ms: int, before: int, after: int
) -> None:
    watched = Watched(opened, bench, **STANDING)
    stop_and_go(bench, 8, [0] * before + [10] + [0] * after, every_ms)
    what = f"80 m in eight stops, at which a speed is told every {every_ms} ms"
    watched.alarm("W-11", Cause.STANDING_MOTION, what)


@clause("W-11", "W-12")
def test_a_stop_that_is_short_is_driving(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, **STANDING)
    road = Road(bench, K)
    for _ in range(15):
        road.drive(3, CITY)
        stand(road, 4, 6)
    watched.calm("W-11", "stops of four seconds have nothing between their first and last")


@clause("W-11", "W-12")
@pytest.mark.parametrize(("speed", "found"), [(400, True), (600, False)])
def test_below_half_a_metre_a_second_the_vehicle_stands(
    opened: SealUnderTest, bench: Backend, speed: int, found: bool
) -> None:
    watched = Watched(opened, bench, **STANDING)
    road = Road(bench, K)
    stand(road, 30, 4, speed)
    stand(road, 5, 0, speed)
    if found:
        watched.alarm("W-11", Cause.STANDING_MOTION, "120 m by pulses at 0.4 m/s")
    else:
        watched.calm("W-11", "at 0.6 m/s the vehicle does not stand")


@clause("W-12")
def test_what_the_source_moves_is_taken_off(opened: SealUnderTest, bench: Backend) -> None:
    """A crawling vehicle: at 0.4 m/s each pulse is true."""
    watched = Watched(opened, bench, **STANDING)
    road = Road(bench, K)
    for second in range(250):
        road.second_with(int(second % 5 < 2), 400)
    watched.calm("W-12", "100 m at 0.4 m/s, by pulses as by the source")


@clause("W-12")
@pytest.mark.parametrize("k", [K, 4 * K])
def test_a_thousandth_of_what_is_driven_is_taken_off(
    opened: SealUnderTest, bench: Backend, k: int
) -> None:
    """Car washes and the like: 44 m, 20 km, 24 m."""
    watched = Watched(opened, bench, **STANDING, k_pulses_per_km=k)
    road = Road(bench, k)
    metre = k // K
    stand(road, 4, 0)
    stand(road, 11, 4 * metre)
    stand(road, 5, 0)
    road.drive(400, 50_000)
    stand(road, 4, 0)
    stand(road, 6, 4 * metre)
    stand(road, 5, 0)
    watched.calm("W-12", "44 m, then 20 km, which take off 20 m, then 24 m: 48 of 50")
    stand(road, 4, 4 * metre)
    stand(road, 4, 0)
    watched.alarm("W-12", Cause.STANDING_MOTION, "16 m more")


@clause("W-12")
def test_driving_takes_off_no_more_than_a_thousandth(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, **STANDING)
    road = Road(bench, K)
    for _ in range(6):
        stand(road, 4, 0)
        stand(road, 3, 4)
        stand(road, 5, 0)
        road.drive(20, FAST)
    watched.alarm("W-12", Cause.STANDING_MOTION, "72 m in six stops, with 2.4 km between")
