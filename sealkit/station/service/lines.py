"""The histories under one number, as lines that part from each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sealkit.station.history.biography import Biography, Event
from sealkit.station.history.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Line:
    """A control record and the line that it is on. branch: 0 for the history that the latest
    evidence tells, then others in the order in which they came. previous: the digest of the record
    before it. parts_after: of the first record of another line, the number of the last in common.
    """

    event: Event
    branch: int
    previous: bytes | None
    parts_after: int | None = None


class Lines:
    """All control records of a seal, each once and after the one before it."""

    def __init__(self, dossier: Dossier) -> None:
        self._branches: dict[bytes, int] = {}
        self._ends: list[bytes] = []
        lives = [dossier.biography()]
        if dossier.forks:
            lives += [dossier.biography(held) for held in dossier.evidences]
        self.told = [line for life in lives for line in self._new(life)]

    def branch_at(self, digest: bytes) -> int:
        """The line on which this record stands; 0 if it is not known."""
        return self._branches.get(digest, 0)

    def _new(self, life: Biography) -> Iterator[Line]:
        before: Event | None = None
        for event in life.events:
            if event.digest not in self._branches:
                yield self._placed(event, before)
            before = event

    def _placed(self, event: Event, before: Event | None) -> Line:
        """Behind the end of a line that it continues, else on a line of its own."""
        previous = None if before is None else before.digest
        if previous in self._ends:
            branch, parts = self._ends.index(previous), None
            self._ends[branch] = event.digest
        else:
            branch = len(self._ends)
            parts = before.sequence if before is not None and branch else None
            self._ends.append(event.digest)
        self._branches[event.digest] = branch
        return Line(event, branch, previous, parts)
