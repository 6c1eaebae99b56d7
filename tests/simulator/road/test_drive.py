"""A drive: distance never falls, pulses match it, seeds tell it again, situations differ."""

from __future__ import annotations

import math
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealkit_simulator.road.car import Car, draw_car
from sealkit_simulator.road.drive import Drive, Event, Step
from sealkit_simulator.road.motion import MotionKind
from sealkit_simulator.road.shift import Leg, plan_shift
from sealkit_simulator.road.situations import Situation

ALL_RARE = {situation: 1_000 for situation in Situation if situation.value > 6}
seeds = st.integers(0, 2**32)
legs = st.lists(
    st.builds(Leg, st.sampled_from(Situation), st.integers(0, 200), st.booleans(), st.booleans()),
    max_size=6,
)


def driven(situation: Situation, seconds: int = 600, **figures: int) -> tuple[list[Step], Car]:
    random = Random(11)
    car = draw_car(random)
    return list(Drive([Leg(situation, seconds)], car, random, **figures)), car


@given(legs, seeds, st.sampled_from([500, 1_000, 4_000, 65_535]))
@settings(max_examples=50)
def test_distance_never_falls_and_pulses_match_it(plan: list[Leg], seed: int, k: int) -> None:
    random = Random(seed)
    car = draw_car(random, k=k)
    rolled = edges = 0
    before = car.sensor.pulses_per_1000_km(car.wheel.circumference_um)
    for step in Drive(plan, car, random):
        assert step.travelled_mm >= 0
        assert step.rolled_mm >= 0
        assert step.motion_mm_per_s is None or step.motion_mm_per_s >= 0
        rolled, edges = rolled + step.rolled_mm, edges + step.pulses.edges
    after = car.sensor.pulses_per_1000_km(car.wheel.circumference_um)
    assert before <= after  # a tyre only wears
    assert rolled * before / 1e9 - 1.1 <= edges <= rolled * after / 1e9 + 1.1


@given(legs, seeds)
@settings(max_examples=25)
def test_a_seed_tells_it_again(plan: list[Leg], seed: int) -> None:
    def once() -> list[Step]:
        random = Random(seed)
        return list(Drive(plan, draw_car(random), random))

    assert once() == once()


@given(legs, seeds)
@settings(max_examples=25)
def test_events_alternate(plan: list[Leg], seed: int) -> None:
    random = Random(seed)
    told = [event for step in Drive(plan, draw_car(random), random) for event in step.events]
    for on, off in [
        (Event.HIRE, Event.TRIP_END),
        (Event.SIGN_ON, Event.SIGN_OFF),
        (Event.IGNITION_ON, Event.IGNITION_OFF),
        (Event.POWER_LOST, Event.POWER_BACK),
    ]:
        turns = [event for event in told if event in (on, off)]
        assert turns == [(on, off)[i % 2] for i in range(len(turns))]


@given(seeds, st.integers(1, 12))
@settings(max_examples=30)
def test_a_shift_lasts_as_long_as_planned_and_ends_vacant_and_off_duty(
    seed: int, hours: int
) -> None:
    plan = plan_shift(Random(seed), hours, ALL_RARE)
    assert sum(leg.seconds for leg in plan) == hours * 3_600
    assert not plan[0].on_duty
    assert not plan[-1].hired
    assert all(leg.on_duty for leg in plan if leg.hired)


def test_a_day_holds_every_rare_event_that_was_asked_for() -> None:
    plan = plan_shift(Random(2), 10, ALL_RARE)
    assert {leg.situation for leg in plan} >= set(ALL_RARE)
    assert not {leg.situation for leg in plan_shift(Random(2), 10, {})} & set(ALL_RARE)


@pytest.mark.parametrize(
    ("situation", "travels", "rolls", "seen"),
    [
        (Situation.PARKED, False, False, True),
        (Situation.IDLE, False, False, True),
        (Situation.CITY, True, True, True),
        (Situation.JAM, True, True, True),
        (Situation.MOTORWAY, True, True, True),
        (Situation.TUNNEL, True, True, False),
        (Situation.FERRY, True, False, True),
        (Situation.CARRIED, True, False, True),
        (Situation.TOWED, True, True, True),
        (Situation.CAR_WASH, False, False, False),
        (Situation.ROLLER, False, True, False),
        (Situation.BATTERY_CHANGE, False, False, True),
    ],
)
@pytest.mark.requirement("R57")
def test_what_the_parts_notice_in_a_situation(
    situation: Situation, travels: bool, rolls: bool, seen: bool
) -> None:
    steps, _ = driven(situation)
    assert any(step.travelled_mm for step in steps) is travels
    assert any(step.rolled_mm for step in steps) is rolls
    assert any(step.pulses.edges for step in steps) is rolls
    middle = steps[200:400]
    assert (sum(s.motion_mm_per_s is not None for s in middle) > 100) is seen
    assert all(step.powered for step in steps) is (situation is not Situation.BATTERY_CHANGE)


def test_slip_makes_the_wheel_roll_further_than_the_vehicle_gets() -> None:
    steps, car = driven(Situation.MOTORWAY)
    rolled, travelled = (sum(s[i] for s in steps) for i in (2, 1))
    assert travelled == rolled * (1_000_000 - car.wheel.slip_ppm) // 1_000_000 < rolled


def test_finer_steps_drive_the_same_way() -> None:
    (coarse, _), (fine, _) = driven(Situation.CITY), driven(Situation.CITY, step_ms=100)
    assert len(fine) == 10 * len(coarse)
    assert {step.elapsed_ms for step in fine} == {100}
    far, near = (sum(step.travelled_mm for step in steps) for steps in (coarse, fine))
    assert math.isclose(far, near, rel_tol=0.002)


def test_a_car_s_k_follows_from_what_it_rolls() -> None:
    random = Random(4)
    car = draw_car(random)
    steps = list(Drive([Leg(Situation.MOTORWAY, 3_600)], car, random))
    travelled = sum(step.travelled_mm for step in steps)
    shown_mm = sum(step.pulses.edges for step in steps) * 1_000_000 // car.k_for(-20_000)
    # K is a whole number, so its own rounding is 0.05 % here.
    assert shown_mm / travelled == pytest.approx(0.98, abs=0.001)


def test_a_ten_hour_shift_takes_about_a_tenth_of_a_second() -> None:
    random = Random(7)
    car, plan = draw_car(random, motion=MotionKind.CAN), plan_shift(random)
    begun = time.process_time()
    assert sum(1 for _ in Drive(plan, car, random)) == 36_000
    assert time.process_time() - begun < 1
