"""A shift: which legs a taxi drives between sign-on and sign-off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from sealkit_simulator.road.situations import Situation


@dataclass(frozen=True, slots=True)
class Leg:
    """So many seconds from rest to rest. on_duty: signed on. Legs in a row that are hired are one
    trip."""

    situation: Situation
    seconds: int
    hired: bool = False
    on_duty: bool = True


RARE_EVENTS: Final[Mapping[Situation, int]] = {
    Situation.CAR_WASH: 200,
    Situation.FERRY: 50,
    Situation.BATTERY_CHANGE: 20,
    Situation.ROLLER: 10,
    Situation.CARRIED: 10,
    Situation.TOWED: 10,
}
"""In how many of 1,000 shifts each happens."""

_RARE_SECONDS: Final = {
    Situation.CAR_WASH: (240, 600),
    Situation.FERRY: (600, 2_400),
    Situation.BATTERY_CHANGE: (60, 3_600),
    Situation.ROLLER: (300, 1_200),
    Situation.CARRIED: (600, 2_400),
    Situation.TOWED: (120, 1_200),
}
_IN_SERVICE: Final = (Situation.CAR_WASH, Situation.FERRY)
"""What happens between two trips; the rest needs the driver to sign off first."""

_LONGEST_S: Final = 6_000
"""No round and no rare event takes longer."""

_PAYING_S: Final = (20, 90)


def plan_shift(
    random: Random, hours: int = 10, rare: Mapping[Situation, int] = RARE_EVENTS
) -> list[Leg]:
    """The legs of a day: exactly so many hours, the first and the last of them off duty.

    rare: in how many of 1,000 shifts each rare event happens; 1,000 makes it certain in a day of
    ten hours. A day of less than two has no trips.
    """
    left = hours * 3_600
    legs: list[Leg] = []
    happens = [s for s, permille in rare.items() if random.randrange(1_000) < permille]
    between = [s for s in happens if s in _IN_SERVICE]

    def spend(new: list[Leg]) -> None:
        nonlocal left
        for leg in new:
            if left > 0:
                legs.append(Leg(leg.situation, min(leg.seconds, left), leg.hired, leg.on_duty))
                left -= min(leg.seconds, left)

    spend([Leg(s, _rare_s(s, random), on_duty=False) for s in happens if s not in between])
    spend([Leg(Situation.PARKED, random.randint(30, 300), on_duty=False)])
    pause_at = left // 2
    while left > _LONGEST_S:
        if between and (random.random() < 0.2 or left < 3 * _LONGEST_S):
            spend(_rare_legs(between.pop(), random))
        elif left < pause_at:
            spend([Leg(Situation.PARKED, random.randint(900, 2_700))])
            pause_at = 0
        else:
            spend(list(_round(random)))
    home = min(left, random.randint(600, 1_500))
    spend([Leg(Situation.CITY, home), Leg(Situation.PARKED, max(0, left - home), on_duty=False)])
    return legs


def _round(random: Random) -> Iterator[Leg]:
    """Waiting for a fare, the way to it, the trip, paying."""
    if random.random() < 0.5:
        yield Leg(Situation.IDLE, random.randint(30, 900))
    yield Leg(Situation.CITY, random.randint(60, 600))
    for situation in random.choices(_TRIPS, _TRIP_WEIGHTS)[0]:
        yield Leg(situation, random.randint(*_TRIP_SECONDS[situation]), hired=True)
    yield Leg(Situation.IDLE, random.randint(*_PAYING_S))


def _rare_legs(rarity: Situation, random: Random) -> list[Leg]:
    """A rare event between two trips; every other ferry has a passenger on it."""
    if rarity is not Situation.FERRY or random.random() < 0.5:
        return [Leg(rarity, _rare_s(rarity, random))]
    to, back = (Leg(Situation.CITY, random.randint(120, 600), hired=True) for _ in range(2))
    paying = Leg(Situation.IDLE, random.randint(*_PAYING_S))
    return [to, Leg(rarity, _rare_s(rarity, random), hired=True), back, paying]


def _rare_s(rarity: Situation, random: Random) -> int:
    return random.randint(*_RARE_SECONDS[rarity])


_TRIPS: Final = (
    (Situation.CITY,),
    (Situation.CITY, Situation.JAM, Situation.CITY),
    (Situation.CITY, Situation.IDLE, Situation.CITY),
    (Situation.CITY, Situation.MOTORWAY, Situation.CITY),
    (Situation.CITY, Situation.TUNNEL, Situation.CITY),
)
_TRIP_WEIGHTS: Final = (50, 20, 10, 15, 5)
_TRIP_SECONDS: Final = {
    Situation.CITY: (120, 1_200),
    Situation.JAM: (120, 900),
    Situation.IDLE: (60, 420),
    Situation.MOTORWAY: (300, 1_500),
    Situation.TUNNEL: (240, 900),
}
