"""A drive: a car goes through its legs, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from itertools import pairwise
from random import Random
from typing import Final, NamedTuple

from sealkit_simulator.road.car import Car
from sealkit_simulator.road.profiles import speeds
from sealkit_simulator.road.sensor import PulseTrain
from sealkit_simulator.road.shift import Leg
from sealkit_simulator.road.situations import CONDITIONS, Situation

_SECOND_MS: Final = 1_000


class Event(Enum):
    """What happens before the motion of a step, in the order in which a step has them."""

    POWER_BACK = auto()
    IGNITION_ON = auto()
    TRIP_END = auto()
    SIGN_OFF = auto()
    SIGN_ON = auto()
    HIRE = auto()
    IGNITION_OFF = auto()
    POWER_LOST = auto()


class Step(NamedTuple):
    """What happens in elapsed_ms; a plain tuple, since a shift has 36,000.

    travelled_mm: the distance that the vehicle really got further, and that a fare is owed for.
    rolled_mm: what its driven wheels rolled; pulses: what the sensor made of that.
    motion_mm_per_s: the second source's speed, None if it cannot tell.
    ignition, powered, hired, situation: as they are during the step.
    """

    elapsed_ms: int
    travelled_mm: int
    rolled_mm: int
    pulses: PulseTrain
    motion_mm_per_s: int | None
    ignition: bool
    powered: bool
    hired: bool
    situation: Situation
    events: tuple[Event, ...]


_QUIET: Final[tuple[Event, ...]] = ()
_BEFORE: Final = Leg(Situation.PARKED, 0, on_duty=False)


class Drive:
    """Iterating drives the legs once; the car is worn by it.

    The last leg should be off duty, or the shift that it begins never ends.
    """

    def __init__(
        self, legs: Iterable[Leg], car: Car, random: Random, *, step_ms: int = _SECOND_MS
    ) -> None:
        """step_ms: divides a second. The second source speaks once a step."""
        if _SECOND_MS % step_ms:
            raise ValueError(f"steps of {step_ms} ms do not fill a second")
        self._step_ms = step_ms
        self._legs = legs
        self._car = car
        self._random = random

    def __iter__(self) -> Iterator[Step]:
        before = _BEFORE
        for leg in self._legs:
            if leg.seconds:
                yield from self._drive(leg, _events(before, leg))
                before = leg

    def _drive(self, leg: Leg, events: tuple[Event, ...]) -> Iterator[Step]:
        conditions = CONDITIONS[leg.situation]
        random, wheel, step_ms = self._random, self._car.wheel, self._step_ms
        roll, tell = self._car.sensor.roll, self._car.motion.tell
        profile = _finer(speeds(leg.situation, leg.seconds, random), _SECOND_MS // step_ms)
        steps = len(profile) - 1
        sky_until = steps * conditions.sky[0] // 100
        sky_from = steps - steps * conditions.sky[1] // 100
        grip_ppm = 1_000_000 - (wheel.slip_ppm if conditions.rolls else 0)
        moved = travelled_so_far = rolled_on_road = speed_sum = 0
        for number, (before, after) in enumerate(pairwise(profile)):
            # Positions are rounded, not steps: what is cut off here comes back later.
            speed_sum += before + after
            position = speed_sum * step_ms // 2_000
            travelled_to = position * grip_ppm // 1_000_000
            rolled = position - moved if conditions.rolls else 0
            travelled = travelled_to - travelled_so_far if conditions.travels else 0
            moved, travelled_so_far = position, travelled_to
            rolled_on_road += rolled
            sky = number < sky_until or number >= sky_from
            yield Step(
                step_ms,
                travelled,
                rolled,
                roll(rolled, wheel.circumference_um, after - before, step_ms, random),
                tell(travelled, rolled, sky, step_ms, random),
                conditions.ignition,
                conditions.powered,
                leg.hired,
                leg.situation,
                events,
            )
            events = _QUIET
        if conditions.travels:
            wheel.wear(rolled_on_road)


def _finer(profile: list[int], parts: int) -> list[int]:
    """A profile with so many parts to a second; between its speeds they change evenly."""
    if parts == 1:
        return profile
    fine = [
        before + (after - before) * part // parts
        for before, after in pairwise(profile)
        for part in range(parts)
    ]
    return [*fine, profile[-1]]


def _events(before: Leg, leg: Leg) -> tuple[Event, ...]:
    """What has changed between two legs."""
    was, now = CONDITIONS[before.situation], CONDITIONS[leg.situation]
    changes = (
        (now.powered and not was.powered, Event.POWER_BACK),
        (now.ignition and not was.ignition, Event.IGNITION_ON),
        (before.hired and not leg.hired, Event.TRIP_END),
        (before.on_duty and not leg.on_duty, Event.SIGN_OFF),
        (leg.on_duty and not before.on_duty, Event.SIGN_ON),
        (leg.hired and not before.hired, Event.HIRE),
        (was.ignition and not now.ignition, Event.IGNITION_OFF),
        (was.powered and not now.powered, Event.POWER_LOST),
    )
    return tuple(event for changed, event in changes if changed)
