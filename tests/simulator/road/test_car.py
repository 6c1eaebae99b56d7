"""A car: what K a meter in it needs."""

from __future__ import annotations

from random import Random

import pytest

from sealkit_simulator.road.car import Car, draw_car
from sealkit_simulator.road.motion import MotionSource
from sealkit_simulator.road.sensor import PulseSensor
from sealkit_simulator.road.wheel import Wheel

# 2 m a turn, two pulses a turn, so 1,000 pulses in a km that the wheel rolls.
CAR = Car("195/65R15", Wheel(2_000_000), PulseSensor("S-0001", 2_000_000), MotionSource())


def test_slip_adds_to_the_pulses_of_a_km() -> None:
    assert CAR.pulses_per_1000_km == 1_000_000
    slipping = Car(CAR.tyre_size, Wheel(2_000_000, slip_ppm=20_000), CAR.sensor, CAR.motion)
    assert slipping.pulses_per_1000_km == 1_020_408


@pytest.mark.parametrize(("error_ppm", "k"), [(0, 1_000), (-15_000, 1_015), (10_000, 990)])
def test_the_k_for_an_error(error_ppm: int, k: int) -> None:
    assert CAR.k_for(error_ppm) == k


def test_cars_differ_and_a_seed_tells_them_again() -> None:
    drawn = [draw_car(Random(seed)) for seed in (1, 2, 1)]
    serials = [car.sensor.serial for car in drawn]
    circumferences = [car.wheel.circumference_um for car in drawn]
    assert serials[0] == serials[2] != serials[1]
    assert circumferences[0] == circumferences[2] != circumferences[1]


@pytest.mark.parametrize("seed", range(50))
def test_a_worn_tyre_is_within_what_a_meter_tolerates(seed: int) -> None:
    car = draw_car(Random(seed))
    # Set to -1.5 % on a new tyre, a meter stays between -4.0 % and +1.0 % on this one.
    assert 1_000_000 <= car.pulses_per_1000_km <= 1_000_000 * 1.025
