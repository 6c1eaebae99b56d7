"""Trips by number: skipped, never told, told in two ways, told twice (W-15, W-16)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from sealkit.wire.registry import Cause
from sealkit_simulator.watching.findings import Found, u32

RECORD_BYTES: Final = 66
_NUMBER: Final = slice(61, 65)
_DISTANCE: Final = slice(48, 51)
_KEPT: Final = 4
_NOT_THERE: Final = 2
"""So often the meter must say that a trip is not there."""
_BEATS: Final = 3
"""So many heartbeats hired are a start that was not told. One may cross the record of the end."""
_SOME_TIME: Final = 1


class Seen(Enum):
    """What a trip's record is to what was seen before."""

    NEXT = auto()
    AFTER_GAP = auto()
    KNOWN = auto()


@dataclass(slots=True)
class Trips:
    """Fed from the seal's own line (count, answer) and from the terminal's (the rest)."""

    missing: Found | None = None
    altered: Found | None = None

    # Own line: the meter's total; the last trip whose record came, and whether it came again.
    total_known: int = 0
    total: int = 0
    asked: int = 0
    asked_again: int = 1
    _not_there: int = 0
    # Both lines: the highest trip seen, and the last records.
    newest_known: int = 0
    newest: int = 0
    records: list[tuple[int, bytes]] = field(default_factory=list)
    # Tap: the highest trip told, the start under way (its time; 0: none).
    told_known: int = 0
    told: int = 0
    _started: int = 0
    _vacant_since: bool = False
    _beats: int = 0
    _lost_bytes: bool = True

    @property
    def hired(self) -> bool:
        """Whether the tap has heard a start, and no end since."""
        return self._started != 0 and not self._vacant_since

    # The seal's own line.

    def count(self, total: int) -> None:
        """The number of trips that the meter's status tells."""
        if not self.total_known or total < self.total:
            if self.total_known:
                self._miss(self.total, total)
            self.total_known, self.asked, self.asked_again = 1, total, 1
            self.newest_known, self.newest = 1, total
            self.records = []
        self.total = total

    @property
    def wanted(self) -> int | None:
        """The trip to be asked for now."""
        if not self.total_known or self.asked >= self.total:
            return None
        return self.asked + 1 if self.asked_again else self.asked

    def answer(self, number: int, record: bytes) -> Seen | None:
        """The meter's answer for a trip that was asked for: 66 bytes, or none.

        None: it was not the trip, or no trip.
        """
        told = int.from_bytes(record[_NUMBER], "big")
        if not record or told != number:
            self._not_there += 1
            if self._not_there >= _NOT_THERE:
                self._miss(number, told)
                self._asked(number, again=1)
            return None
        self._asked(number, again=int(number == self.asked))
        return self._see(number, record)

    # The terminal's line.

    def lose_bytes(self) -> None:
        """Bytes from the meter could not be read: what is missing may have been in them."""
        self._lost_bytes = True

    def hear_start(self, time: int) -> None:
        """A trip starts; time as the meter tells it, to know a start that is told again."""
        if self._started == _SOME_TIME:
            another = self._vacant_since  # else only the start's own frame came late
        else:
            another = self._started not in (0, time)
        if another:
            self._miss_started()
        self._started, self._vacant_since, self._beats = time, False, 0

    def hear_heartbeat(self, *, hired: bool) -> None:
        """What the meter's heartbeat says."""
        if not hired:
            self._beats = 0
            self._vacant_since = self._started != 0
            return
        self._beats = min(self._beats + 1, _BEATS)
        if self._beats == _BEATS:
            if self._vacant_since:
                self._miss_started()
                self._started = _SOME_TIME
            self._started = self._started or _SOME_TIME
            self._vacant_since = False

    def hear_trip(self, record: bytes) -> Seen:
        """A trip's record, 66 bytes, told or told again."""
        number = int.from_bytes(record[_NUMBER], "big")
        if self.told_known and number > self.told + 1 and not self._lost_bytes:
            self._miss(self.told + 1, number)
        if not self.told_known or number > self.told:
            self.told_known, self.told = 1, number
            self._started, self._vacant_since, self._beats = 0, False, 0
            self._lost_bytes = False
        return self._see(number, record)

    def hear_answer(self, record: bytes) -> None:
        """A trip's record that the terminal asked for, 66 bytes."""
        number = int.from_bytes(record[_NUMBER], "big")
        if any(number == kept for kept, _ in self.records):
            self._see(number, record)

    def _see(self, number: int, record: bytes) -> Seen:
        for kept, before in self.records:
            if kept == number:
                if before != record:
                    self._alter(before, record)
                return Seen.KNOWN
        if self.newest_known and number <= self.newest:
            return Seen.KNOWN
        next_ = self.newest_known and number == self.newest + 1
        if self.records and _same_but_number(self.records[-1][1], record):
            self._alter(self.records[-1][1], record)
        self.newest_known, self.newest = 1, number
        self.records = [*self.records, (number, record)][-_KEPT:]
        return Seen.NEXT if next_ else Seen.AFTER_GAP

    def _asked(self, number: int, again: int) -> None:
        self.asked, self.asked_again, self._not_there = number, again, 0

    def _miss_started(self) -> None:
        if not self._lost_bytes:
            self._miss(self.newest + 1, 0)

    def _miss(self, due: int, told: int) -> None:
        if self.missing is None:
            self.missing = Found(Cause.TRIPS_MISSING, u32(due), u32(told))

    def _alter(self, before: bytes, after: bytes) -> None:
        if self.altered is None:
            self.altered = Found(Cause.TRIP_ALTERED, before, after)


def _same_but_number(one: bytes, other: bytes) -> bool:
    """Whether two trips with distance are one, told under two numbers."""
    start, end = _NUMBER.start, _NUMBER.stop
    same = one[:start] == other[:start] and one[end:] == other[end:]
    return same and any(one[_DISTANCE])
