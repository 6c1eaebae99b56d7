"""Exports read and examined: the part of an import that any core can do.

A worker that does nothing else starts with this module, so it knows no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sealkit.appraisal.trust import TrustBundle
from sealkit.errors import SealkitError
from sealkit.keys.files import read_bounded
from sealkit.station.history.examining import Examined, Examiner
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


_examiner: Examiner | None = None


def begin(trust: bytes, secret: bytes) -> None:
    """Makes this process one that examines. trust: the trust file; secret: the ledger's."""
    global _examiner
    _examiner = Examiner(TrustBundle.from_json(trust), secret)


def examine_all(sources: Sequence[Source]) -> list[Examined | Failed]:
    """What the ledger takes from each export, or why it takes nothing."""
    if _examiner is None:
        raise RuntimeError("the worker has not begun")
    return [_examine(_examiner, source) for source in sources]


def _examine(examiner: Examiner, source: Source) -> Examined | Failed:
    try:
        data = source.data
        if isinstance(data, Path):
            data = read_bounded(data, EXPORT_MAX)
        return examiner.examine_export(data, source.visit)
    except SealkitError as error:
        return Failed(source.name, error.code, error.message, error.remedy)
