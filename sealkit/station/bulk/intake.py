"""Exports read and examined: the part of an import that any core can do.

A worker that does nothing else starts with this module, so it knows no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sealkit.appraisal.trust import TrustBundle
from sealkit.errors import SealkitError
from sealkit.keys.files import read_bounded
from sealkit.station.history.examining import Examiner
from sealkit.station.history.visits import Visit
from sealkit.wire.export import EXPORT_MAX


class Source(NamedTuple):
    """An export: what it is called, its file or bytes, and how it came."""

    name: str
    data: Path | bytes
    visit: Visit


@dataclass(frozen=True, slots=True)
class Failed:
    """What could not be taken, and why."""

    name: str
    code: str
    message: str
    remedy: str


Plain = tuple[Any, ...]
"""The fields of a `Source` or an `Examined`, as they go from one process to another: of named
tuples that takes five times as long."""


class Intake(NamedTuple):
    """What some exports came to. taken: an `Examined` each. records: how many those brought."""

    taken: list[Plain]
    failed: list[Failed]
    records: int


_examiner: Examiner | None = None


def begin(trust: bytes, secret: bytes) -> None:
    """Makes this process one that examines. trust: the trust file; secret: the ledger's."""
    global _examiner
    _examiner = Examiner(TrustBundle.from_json(trust), secret)


def examine_all(sources: Sequence[Plain]) -> Intake:
    """What the ledger takes from each export, or why it takes nothing."""
    if _examiner is None:
        raise RuntimeError("the worker has not begun")
    taken: list[Plain] = []
    failed: list[Failed] = []
    records = 0
    for name, data, visit in sources:
        try:
            content = read_bounded(data, EXPORT_MAX) if isinstance(data, Path) else data
            examined = _examiner.examine_export(content, visit)
        except SealkitError as error:
            failed.append(Failed(name, error.code, error.message, error.remedy))
        else:
            taken.append(tuple(examined))
            records += len(examined.control) + len(examined.journal)
    return Intake(taken, failed, records)
