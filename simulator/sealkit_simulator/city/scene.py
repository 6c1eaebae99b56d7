"""Where a life begins: the seal's number, its vehicle, its people, and the dice of this one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from sealkit_simulator.city.cars import Car, draw_car
from sealkit_simulator.city.life import Brought, Life, Year
from sealkit_simulator.city.people import MAKER, People
from sealkit_simulator.city.plan import YEAR_DAYS, CityPlan
from sealkit_simulator.city.seal import CitySeal
from sealkit_simulator.city.year import SPANS, honest_year

FIRST_SERIAL: Final = 1_001
_SPARE_NUMBERS: Final = 500_000
_MORE_RECORDS: Final = 10


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault, or an honest thing that looks like one, and what a station has to say to it.

    expected: codes of findings, any of which names it; empty where nobody may be accused.
    """

    kind: str
    seals: tuple[str, ...]
    expected: tuple[str, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scene: what was submitted, and what was planted."""

    brought: Sequence[Brought]
    planted: Planted | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """index: which of the city's. variant: which of its kind. serials: as many as it needs."""

    plan: CityPlan
    people: People
    index: int
    serials: tuple[int, ...]
    variant: int = 0
    k_factor: float = 1.0
    dearer_fen: int = 0

    def dice(self, what: str) -> Random:
        """Random numbers that depend on nothing but seed, scene and name."""
        return Random(f"{self.plan.seed}/{self.index}/{what}")

    def number(self, which: int = 0) -> str:
        return f"{MAKER}-{self.serials[which]}"

    def car(self) -> Car:
        """The scene's vehicle."""
        return draw_car(
            self.plan,
            self.dice("car"),
            self.serials[0],
            k_factor=self.k_factor,
            dearer_fen=self.dearer_fen,
        )

    def other_car(self, car: Car) -> Car:
        """A vehicle that has no seal of its own."""
        return car.with_plate(_SPARE_NUMBERS + self.serials[0])

    def begin(self, which: int = 0, car: Car | None = None) -> Life:
        """The life of one of the scene's seals, at the beginning of the year."""
        random = self.dice(f"life {which}")
        workshops = self.people.workshops
        workshop = workshops[self.serials[which] % len(workshops)]
        turn = self.serials[which] // len(workshops)
        least = math.ceil(self.plan.records * YEAR_DAYS / SPANS["last_visit"][0])
        return Life(
            plan=self.plan,
            people=self.people,
            random=random,
            seal=CitySeal(self.plan, self.people, self.serials[which], random),
            car=car or self.car(),
            workshop=workshop,
            technician=workshop.technicians[turn % len(workshop.technicians)],
            records=least + random.randint(1, least // _MORE_RECORDS),
        )

    def year(self, life: Life) -> Year:
        """An honest year for it."""
        careless = life.technician.name in {one.name for one in self.people.careless}
        return honest_year(self.plan, self.dice("year"), careless=careless)


def play_honest(scene: Scene) -> Outcome:
    """A scene in which nothing is planted."""
    life = scene.begin()
    return Outcome(life.run(scene.year(life)).brought)
