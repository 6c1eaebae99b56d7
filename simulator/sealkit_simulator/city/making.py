"""A city in a directory: exports, manifest, and the answers, made on all processors.

    DIR/visits.jsonl         what was submitted; see `manifest`
    DIR/exports/             the files it names
    DIR/planted.json         what was planted where, schema `sealkit.city.planted/1`; no station
                             reads it

The same plan makes the same city, but for the signatures, which are never twice the same, and the
digests over them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sealkit.errors import AccessError, UsageError
from sealkit_simulator.city.casting import Part, cast_parts
from sealkit_simulator.city.life import Brought
from sealkit_simulator.city.manifest import Submission, write_manifest
from sealkit_simulator.city.people import People, make_people
from sealkit_simulator.city.plan import CityPlan
from sealkit_simulator.city.scene import Planted

SCHEMA: Final = "sealkit.city.planted/1"
ANSWERS: Final = "planted.json"
_EXPORTS: Final = "exports"


@dataclass(frozen=True, slots=True)
class City:
    """What was made: so many files with so many bytes, records that the seals wrote, the people,
    and what was planted."""

    people: People
    submissions: int
    export_bytes: int
    records: int
    faults: tuple[Planted, ...]
    decoys: tuple[Planted, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    submissions: tuple[Submission, ...]
    export_bytes: int
    records: int
    planted: Planted | None


def make_city(
    directory: Path, plan: CityPlan, progress: Callable[[int, int], None] | None = None
) -> City:
    """Makes a city in an empty or new directory. progress: is told of parts done, and of all.

    Errors: `UsageError` DIRECTORY_NOT_EMPTY; `AccessError` WRITE_FAILED.
    """
    exports = directory / _EXPORTS
    try:
        if directory.exists() and any(directory.iterdir()):
            raise UsageError(
                "DIRECTORY_NOT_EMPTY",
                f"{directory} holds something already.",
                "Name a new directory, or empty this one.",
            )
        exports.mkdir(parents=True)
        people = make_people(plan)
        parts = cast_parts(plan, people)
        made = []
        for done in _perform(parts, exports):
            made.append(done)
            if progress is not None:
                progress(len(made), len(parts))
        submissions = [one for part in made for one in part.submissions]
        write_manifest(directory, submissions)
        planted = [part.planted for part in made if part.planted is not None]
        faults = tuple(one for one in planted if one.expected)
        decoys = tuple(one for one in planted if not one.expected)
        _write_answers(directory / ANSWERS, plan, people, parts, faults, decoys)
    except OSError as error:
        raise AccessError(
            "WRITE_FAILED",
            f"{error.filename or directory} cannot be written: {error.strerror or error}.",
            "Check that the directory can be made and that there is room.",
        ) from error
    size = sum(part.export_bytes for part in made)
    records = sum(part.records for part in made)
    return City(people, len(submissions), size, records, faults, decoys)


def _perform(parts: list[Part], exports: Path) -> Iterator[_Made]:
    processors = os.cpu_count() or 1
    chunk = max(1, min(16, len(parts) // (4 * processors)))
    with ProcessPoolExecutor(processors, initializer=_begin, initargs=(parts, exports)) as pool:
        yield from pool.map(_perform_one, range(len(parts)), chunksize=chunk)


_here: tuple[list[Part], Path]
"""In a worker: all parts, and where exports go. The people are sent once, not with every part."""


def _begin(parts: list[Part], exports: Path) -> None:
    global _here
    _here = parts, exports


def _perform_one(index: int) -> _Made:
    parts, exports = _here
    outcome = parts[index].perform()
    written = tuple(_write(outcome.brought, exports))
    size = sum(len(one.data) for one in outcome.brought)
    last = {one.seal: one.records for one in outcome.brought}
    return _Made(written, size, sum(last.values()), outcome.planted)


def _write(brought: Iterable[Brought], exports: Path) -> Iterator[Submission]:
    counts: dict[str, int] = {}
    for one in sorted(brought, key=lambda brought: brought.received):
        counts[one.seal] = counts.get(one.seal, 0) + 1
        name = f"{one.seal}-{counts[one.seal]}.seal"
        (exports / name).write_bytes(one.data)
        yield Submission(
            file=f"{_EXPORTS}/{name}",
            seal=one.seal,
            received=one.received,
            submitter=one.submitter,
            latitude=one.place.latitude,
            longitude=one.place.longitude,
            plate=one.plate_seen,
        )


def _write_answers(
    path: Path,
    plan: CityPlan,
    people: People,
    parts: list[Part],
    faults: tuple[Planted, ...],
    decoys: tuple[Planted, ...],
) -> None:
    leads: dict[str, Any] = {
        "technicians": [one.name for one in people.careless],
        "k": [part.scene.number() for part in parts if part.scene.k_factor != 1.0],
        "tariff": [part.scene.number() for part in parts if part.scene.dearer_fen],
    }
    answers = {
        "schema": SCHEMA,
        "plan": asdict(plan),
        "faults": [asdict(one) for one in faults],
        "decoys": [asdict(one) for one in decoys],
        "leads": leads,
    }
    path.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
