"""Situations: what a vehicle can be in the middle of, and what its parts notice of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Situation(Enum):
    """What a leg of a route is spent in."""

    PARKED = auto()
    IDLE = auto()
    CITY = auto()
    JAM = auto()
    MOTORWAY = auto()
    TUNNEL = auto()
    """A motorway whose middle part has no sky."""
    FERRY = auto()
    """The vehicle moves and its wheels stand."""
    CARRIED = auto()
    """On a recovery truck: it moves and its wheels stand."""
    TOWED = auto()
    """On its own wheels, the ignition off: pulses that nobody drives for."""
    CAR_WASH = auto()
    ROLLER = auto()
    """In a workshop: the wheels turn and the vehicle stands."""
    BATTERY_CHANGE = auto()
    """Parked, without any power."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Stop and go: bounds, both ends included, between which each stretch is drawn.

    cruise: mm/s. hold, stand: seconds at that speed, and at rest afterwards.
    """

    cruise: tuple[int, int]
    hold: tuple[int, int]
    stand: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Conditions:
    """traffic None: at rest. rolls: whether the wheels turn. travels: whether the vehicle gets
    anywhere. sky: of 100 parts of the leg, how many at its begin and at its end see satellites."""

    traffic: Traffic | None
    rolls: bool = True
    travels: bool = True
    sky: tuple[int, int] = (100, 0)
    ignition: bool = True
    powered: bool = True


_CITY: Final = Traffic((7_000, 16_700), (5, 50), (0, 45))
_JAM: Final = Traffic((1_000, 4_500), (3, 20), (5, 60))
_MOTORWAY: Final = Traffic((22_000, 33_000), (120, 900), (0, 0))
_FERRY: Final = Traffic((4_000, 9_000), (300, 1_200), (0, 0))
_TOWING: Final = Traffic((6_000, 13_000), (20, 120), (0, 40))
_ROLLER: Final = Traffic((8_000, 17_000), (60, 240), (10, 60))

CONDITIONS: Final = {
    Situation.PARKED: Conditions(None, ignition=False),
    Situation.IDLE: Conditions(None),
    Situation.CITY: Conditions(_CITY),
    Situation.JAM: Conditions(_JAM),
    Situation.MOTORWAY: Conditions(_MOTORWAY),
    Situation.TUNNEL: Conditions(_MOTORWAY, sky=(20, 20)),
    Situation.FERRY: Conditions(_FERRY, rolls=False, ignition=False),
    Situation.CARRIED: Conditions(_TOWING, rolls=False, ignition=False),
    Situation.TOWED: Conditions(_TOWING, ignition=False),
    Situation.CAR_WASH: Conditions(None, sky=(0, 0)),
    Situation.ROLLER: Conditions(_ROLLER, travels=False, sky=(0, 0)),
    Situation.BATTERY_CHANGE: Conditions(None, ignition=False, powered=False),
}
