"""Speed profiles: how fast a vehicle is, second by second, in a situation."""

from __future__ import annotations

from itertools import chain
from random import Random
from typing import Final

from sealkit_simulator.road.situations import CONDITIONS, Situation, Traffic

_ACCELERATION: Final = (700, 2_000)  # mm/s², of an everyday driver
_BRAKING: Final = (900, 2_600)
_WANDER: Final = 250  # mm/s from one second to the next while the speed is held


def speeds(situation: Situation, seconds: int, random: Random) -> list[int]:
    """The speeds in mm/s at the ends of `seconds` seconds, first and last included: both 0."""
    traffic = CONDITIONS[situation].traffic
    if traffic is None:
        return [0] * (seconds + 1)
    profile = [0]
    while len(profile) <= seconds:
        profile += _stretch(traffic, seconds, random)
    del profile[seconds + 1 :]
    _brake_at_end(profile, random.randint(*_BRAKING))
    return profile


def _stretch(traffic: Traffic, longest: int, random: Random) -> list[int]:
    """From rest to rest."""
    cruise = random.randint(*traffic.cruise)
    up = range(random.randint(*_ACCELERATION), cruise, random.randint(*_ACCELERATION))
    low, high = traffic.cruise
    held = []
    speed = cruise
    for _ in range(min(longest, random.randint(*traffic.hold))):
        speed += int((2 * random.random() - 1) * _WANDER)
        speed = low if speed < low else min(speed, high)
        held.append(speed)
    down = range(speed, 0, -random.randint(*_BRAKING))
    stand = [0] * (1 + random.randint(*traffic.stand))
    return list(chain(up, held, down, stand))


def _brake_at_end(profile: list[int], braking: int) -> None:
    """No later than needed, so that the leg ends at rest."""
    for left in range(min(len(profile), 1 + max(profile) // braking)):
        profile[-1 - left] = min(profile[-1 - left], left * braking)
