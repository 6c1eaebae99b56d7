"""Pulses against what a car can do and against the second source."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.wire.parameters import SupervisionGroup
from sealkit.wire.registry import Attachment, Cause
from sealkit_simulator.watching.detectors import Detectors
from sealkit_simulator.watching.pulse_rate import PulseRate
from sealkit_simulator.watching.stretches import Stretch, Stretches

LIMITS = SupervisionGroup(
    attachments=sum(Attachment),
    look_interval_ms=5_000,
    silence_limit_ms=0,
    standing_limit_m=5_000,
    motion_tolerance_ppm=25_000,
    motion_limit_m=500,
)


class Car:
    """Drives second by second: true speed in, pulses and noisy speed out."""

    def __init__(self, k: int = 1000, seed: int = 0, factor: float = 1.0) -> None:
        self.detectors = Detectors(k, LIMITS)
        self.k = k
        self.factor = factor  # pulses of the wheels per pulse that K supposes
        self.random = random.Random(seed)
        self.tick = 0
        self.pulses = 0
        self.metres = 0.0
        self._rest = 0.0
        self._told = 0.0

    def drive(
        self,
        speeds: Iterable[float],
        *,
        inject: float = 0.0,
        above: float = 0.0,
        constant: float = 0.0,
        rolls: bool = True,
        seen: bool = True,
    ) -> None:
        """speeds: m/s. inject: a part of the pulses more, when faster than `above`; constant:
        pulses a second more. rolls: whether the wheels turn. seen: whether the source sees it."""
        for speed in speeds:
            self.tick += 1_000
            turned = speed * self.factor * self.k / 1000 if rolls else 0.0
            self._rest += turned * (1 + (inject if speed > above else 0)) + constant
            count, self._rest = int(self._rest), self._rest % 1
            self.pulses += count
            self.metres += speed
            self.detectors.count_pulses(count, self.tick)
            # The source is late by about a second, and noisy.
            late, self._told = self._told, max(0.0, speed + self.random.gauss(0, 0.15))
            told = int(late * 1000) if speed or late > 0.5 else self.random.choice((0, 0, 120))
            self.detectors.hear_motion(told if seen else None, self.tick, self.pulses)

    def causes(self) -> set[Cause]:
        return {found.cause for found in self.detectors.found()}


def city(seconds: int, seed: int) -> list[float]:
    """Starts and stops, now and then a faster road, jams that creep."""
    chance = random.Random(seed)
    speeds: list[float] = []
    while len(speeds) < seconds:
        top = chance.choice((0.4, 1.0, 8.0, 12.0, 15.0, 15.0, 22.0))
        cruise = chance.randrange(5, 120)
        up = [min(top, 2.0 * s) for s in range(1, int(top / 2) + 1)]
        stop = [0.0] * chance.randrange(0, 60)
        speeds += up + [top] * cruise + up[::-1] + stop
    return speeds[:seconds]


HOUR = 3_600


@pytest.mark.requirement("W-13")
@pytest.mark.parametrize("k", [500, 1000, 30_000])
@pytest.mark.parametrize("factor", [0.98, 1.0, 1.02])
def test_honest_driving_is_never_found(k: int, factor: float) -> None:
    for seed in range(2):
        car = Car(k, seed, factor)
        car.drive(city(10 * HOUR, seed))
        assert car.causes() == set()
        told = car.detectors.motion
        assert abs(told.pulses_m / told.source_m - factor) < 0.004
        assert car.detectors.standing.excess < 100 * 1_000_000 * k


@pytest.mark.requirement("W-13")
@pytest.mark.parametrize(
    "way",
    [
        {"inject": 0.03},
        {"inject": 0.035, "above": 14.0},
        {"inject": 0.4, "above": 20.0},
    ],
)
def test_an_injector_is_found(way: dict[str, float]) -> None:
    car = Car(seed=3)
    car.drive(city(30 * HOUR, 3), **way)  # type: ignore[arg-type]
    assert car.causes() == {Cause.MOTION_DISAGREES}


@pytest.mark.requirement("W-13")
def test_an_injector_that_works_when_hired_only_is_found_where_the_tap_tells() -> None:
    car = Car(seed=4)
    for trip in range(150):
        car.detectors.trips.hear_start(trip + 2)
        car.drive(city(900, trip), inject=0.04)
        car.detectors.trips.hear_trip(bytes(61) + trip.to_bytes(4, "big") + b"\0")
        car.drive(city(900, 1_000 + trip))
        if car.causes():
            break
    assert car.causes() == {Cause.MOTION_DISAGREES}
    assert car.detectors.motion.more.value < car.detectors.motion.hired.value


@pytest.mark.requirement("W-13")
@pytest.mark.parametrize("factor", [0.96, 1.04])
def test_a_tyre_of_4_percent_is_found_within_500_km(factor: float) -> None:
    car = Car(seed=5, factor=factor)
    while car.metres < 500_000 and not car.causes():
        car.drive(city(HOUR, int(car.metres)))
    assert car.causes() == {Cause.MOTION_DISAGREES}


@pytest.mark.requirement("W-13")
def test_ferry_tow_truck_and_tunnel_are_left_out() -> None:
    car = Car(seed=6)
    for day in range(20):
        car.drive(city(HOUR, day))
        car.drive([6.0] * HOUR, rolls=False)  # 20 km on the water
        car.drive([0.0] * 60)
        car.drive([18.0] * 300, seen=False)  # a tunnel
        car.drive([9.0] * HOUR)  # towed on its own wheels
    assert car.causes() == set()


@pytest.mark.requirement("W-12")
def test_a_day_on_the_roller_breaks_no_seal_and_an_injector_at_the_rank_does() -> None:
    car = Car(seed=7)
    car.drive([0.0] * 400, constant=10.0)  # 4 km on the roller
    for day in range(20):
        car.drive(city(8 * HOUR, day))
        car.drive([0.0] * 60, constant=0.5)  # a car wash
    assert car.causes() == set()
    assert car.detectors.standing.total_m >= 4_000  # and what jams creep
    assert car.detectors.standing.excess < 1_000 * 1_000_000 * car.k
    for day in range(10):
        car.drive([0.0] * 600, constant=2.0)  # 1.2 km a day, waiting
        car.drive(city(4 * HOUR, 100 + day))
    assert car.causes() == {Cause.STANDING_MOTION}


@pytest.mark.requirement("W-11")
def test_a_stretch_needs_two_speeds_and_no_gap() -> None:
    car = Car(seed=8)
    car.drive([15.0] * 100, seen=False)
    assert car.detectors.motion.source == 0
    for _ in range(50):
        car.tick += 3_000
        car.detectors.hear_motion(15_000, car.tick, car.pulses)
    assert car.detectors.motion.source == 0
    nobody = Detectors(1000, SupervisionGroup(0, 5_000, 0))
    nobody.hear_motion(1, 1, 1)
    nobody.hear_motion(1, 1_001, 5_000)
    nobody.count_pulses(1_000_000, 10)
    nobody.count_pulses(0, 5_000)
    assert (nobody.standing.total, nobody.rate.highest_hz) == (0, 0)


@pytest.mark.requirement("W-11")
@given(st.lists(st.integers(1, 2_000), max_size=60))
def test_standing_is_what_lies_between_however_often_it_is_told(steps: list[int]) -> None:
    """Each stretch ends up where its middle lies, and few are held back."""
    told, heard, tick, taken = Stretches(), list[Stretch](), 0, [0]
    told.hear(0, 0, 0)
    for number, step in enumerate(steps, start=1):
        tick += step
        heard += told.hear(0, tick, number)
        assert len(told._held) <= 6
        if tick - taken[-1] >= 500:
            taken.append(tick)
    end = taken[-1]
    heard += told.hear(9_000, end + 2_000, len(steps) + 1)
    due = [
        one + other >= 2 * 2_000 and 2 * end - one - other >= 2 * 3_000
        for one, other in pairwise(taken)
    ]
    assert [stretch.standing for stretch in heard] == [*due, False]


@pytest.mark.requirement("W-10")
def test_pulses_faster_than_a_car() -> None:
    check = PulseRate(k=1000, rate_max_hz=70, acceleration_max_mm_s2=0)
    for tick in range(0, 60_000, 250):
        check.count(17, tick)  # 68 m/s
    assert check.found is None
    assert check.highest_hz == 68
    for tick in range(60_000, 62_500, 250):
        check.count(18, tick)
    assert check.found is not None
    assert check.found.cause is Cause.PULSE_RATE
    assert check.found.before == bytes.fromhex("00460000")
    assert check.found.after[:2] == (72).to_bytes(2, "big")


@pytest.mark.requirement("W-10")
def test_pulses_that_quicken_more_than_a_car() -> None:
    def quicken(k: int, *speeds: int) -> bool:
        check = PulseRate(k, 0, acceleration_max_mm_s2=8_000)
        rest = 0
        for second, speed in enumerate(speeds):
            count, rest = divmod(speed * k + rest, 1_000)
            check.count(count, second * 1_000)
        check.count(0, len(speeds) * 1_000)
        return check.found is not None

    for k in (500, 1000, 30_000):
        assert not quicken(k, *range(0, 60, 6), *range(60, 0, -15), 0, 0)
        assert quicken(k, 0, 0, 2, 4, 20, 20)
    late = PulseRate(1000, 0, 8_000)
    late.count(0, 0)
    late.count(0, 6_000)
    late.count(30, 6_500)
    late.count(0, 7_000)
    assert late.found is None  # how it came to drive was not watched


@pytest.mark.requirement("W-5")
def test_power_that_comes_back_while_driving() -> None:
    booted = PulseRate(1000, 0, 8_000)
    booted.count(0, 0)  # the first window ends before the first of 20 pulses a second is counted
    for tick in range(1_000, 10_000, 1_000):
        booted.count(20, tick)
    assert booted.found is None
