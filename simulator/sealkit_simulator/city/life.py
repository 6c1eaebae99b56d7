"""A vehicle with its seal through the year: what happens to it, and what is submitted of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from sealkit.wire.records import FlagsRecord, MeterRecord
from sealkit.wire.registry import Flag, MeterEvent, RecordKind
from sealkit_simulator.city.cars import Car
from sealkit_simulator.city.people import People, Person, Workshop
from sealkit_simulator.city.places import Place
from sealkit_simulator.city.plan import CityPlan
from sealkit_simulator.city.seal import CitySeal

_WARNING_EVERY: Final = 40
_SILENT_EVERY: Final = 30
_MINUTE_S: Final = 60
_METRES_PER_HOUR: Final = (14_000, 24_000)


@dataclass(frozen=True, slots=True)
class Brought:
    """An export that somebody submitted; see `manifest.Submission`. records: how many the seal had
    written by then."""

    seal: str
    data: bytes
    records: int
    received: int
    submitter: str
    place: Place
    plate_seen: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at a time, seconds since 1970."""

    at: int
    do: Callable[[Life], None]


Year = dict[str, Step]
"""What happens in a life, by name."""


@dataclass(slots=True)
class Life:
    """One seal on one vehicle.

    workshop, technician: where it is taken, and who works there at it. written: by when, as a part
    of all records, so many have to be there: a seal writes as long as its vehicle is used.
    """

    plan: CityPlan
    people: People
    random: Random
    seal: CitySeal
    car: Car
    workshop: Workshop
    technician: Person
    records: int
    brought: list[Brought] = field(default_factory=list)

    def copy(self, random: Random) -> Life:
        """The same up to now; what was submitted stays with the original."""
        return replace(self, random=random, seal=self.seal.copy(random), brought=[])

    def run(self, year: Year, until: int | None = None) -> Life:
        """Lives through what is still to come of a year, or up to a time."""
        for step in sorted(year.values(), key=lambda step: step.at):
            if self.seal.time <= step.at and (until is None or step.at < until):
                self.live_until(step.at)
                step.do(self)
        if until is not None:
            self.live_until(until)
        return self

    def live_until(self, time: int) -> None:
        """Working days up to a time, so many that the year comes to its records."""
        part = (time - self.plan.start) / (self.plan.until - self.plan.start)
        due = max(0, int(self.records * part) - self.seal.sequence)
        begin, days = self.seal.time, max(1, due // 2)
        span = (time - begin) / days
        for day in range(1, days + 1):
            end = begin + int(day * span)
            if due and end - self.seal.time > 10 * _MINUTE_S:
                self._work(end)
            else:
                self.seal.work_until(end)

    def _work(self, end: int) -> None:
        """A shift: the ignition is off for a part of the time, then the vehicle is driven."""
        seal, random = self.seal, self.random
        length = end - seal.time
        minutes = int(length * random.uniform(0.3, 0.6)) // _MINUTE_S
        seal.boot(seal.time + minutes * _MINUTE_S)
        seal.work_until(seal.time + 2)
        seal.note(RecordKind.METER, MeterRecord(MeterEvent.ANSWERS))
        hours = min(10.0, (end - seal.time) / 3_600)
        seal.drive(int(hours * random.randint(*_METRES_PER_HOUR) * self.car.k // 1_000))
        if not random.randrange(_SILENT_EVERY):
            self._fall_silent()
        if not random.randrange(_WARNING_EVERY):
            self._warn()
        seal.work_until(end)

    def _fall_silent(self) -> None:
        """The meter's plug is loose for a moment."""
        seal = self.seal
        seal.work_until(seal.time + _MINUTE_S)
        seal.flags |= Flag.METER_SILENT
        seal.note(RecordKind.METER, MeterRecord(MeterEvent.SILENT))
        seal.work_until(seal.time + self.random.randint(5, 90))
        seal.flags &= ~Flag.METER_SILENT
        seal.note(RecordKind.METER, MeterRecord(MeterEvent.ANSWERS))

    def _warn(self) -> None:
        """The battery is low in the cold of the morning, and is well again."""
        seal, low = self.seal, Flag.BATTERY_LOW
        seal.work_until(seal.time + _MINUTE_S)
        seal.flags |= low
        seal.note(RecordKind.FLAGS, FlagsRecord(seal.flags & ~low, seal.flags))
        seal.work_until(seal.time + 2 * _MINUTE_S)
        seal.flags &= ~low
        seal.note(RecordKind.FLAGS, FlagsRecord(seal.flags | low, seal.flags))

    def submit(
        self, *, at: Workshop | None = None, place: Place | None = None, data: bytes | None = None
    ) -> None:
        """The seal is read and what it gave is brought to the ledger. data: in its place."""
        workshop = at or self.workshop
        self.brought.append(
            Brought(
                seal=str(self.seal.number),
                data=self.seal.export(self.car.look) if data is None else data,
                records=self.seal.sequence,
                received=self.seal.time + self.random.randint(5, 600),
                submitter=workshop.name if place is None else f"{place.name} station",
                place=place or workshop.place,
                plate_seen=self.car.plate,
            )
        )
