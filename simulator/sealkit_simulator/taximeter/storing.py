"""Trips and shifts, kept as records and told to the terminal until it has acknowledged them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from sealkit.meter import layouts
from sealkit.meter.bodies import TripRecord
from sealkit.meter.commands import Command

TRIPS_MAX: Final = 2000
SHIFTS_MAX: Final = 200
RESEND_MS: Final = 5000

ReportFilter = Callable[[TripRecord], Iterable[TripRecord]]
"""What becomes of a trip's record on its way to the terminal: nothing, another, or several."""

_AGAIN: Final = {
    Command.TRIP_END: Command.TRIP_AGAIN,
    Command.SIGNED_OFF: Command.SIGNED_OFF_AGAIN,
}


def honestly(trip: TripRecord) -> Iterable[TripRecord]:
    """Every trip is told once, as it was."""
    return (trip,)


@dataclass(frozen=True, slots=True)
class Report:
    """What the meter has to say to the terminal."""

    command: Command
    data: bytes

    @property
    def must_arrive(self) -> bool:
        """Records are sent until they are acknowledged, all else once."""
        return self.command in _AGAIN


class ReportQueue:
    """First in, first out; a record stays at the head until it is acknowledged."""

    def __init__(self, waiting: Iterable[Report] = ()) -> None:
        self.waiting = deque(waiting)
        self._sent_ms: int | None = None

    def add(self, command: Command, data: bytes) -> None:
        self.waiting.append(Report(command, data))

    def count(self, command: Command) -> int:
        return sum(report.command == command for report in self.waiting)

    def due(self, now_ms: int) -> list[Report]:
        """What is to be sent now. A record that is sent again has the command that says so."""
        reports: list[Report] = []
        while self.waiting:
            head = self.waiting[0]
            if not head.must_arrive:
                reports.append(self.waiting.popleft())
                continue
            if self._sent_ms is None:
                reports.append(head)
            elif now_ms - self._sent_ms >= RESEND_MS:
                reports.append(replace(head, command=_AGAIN[head.command]))
            else:
                break
            self._sent_ms = now_ms
            break
        return reports

    def acknowledged(self, command: int) -> Report | None:
        """The terminal has taken the record at the head; None if that was not asked for."""
        if not self.waiting or self._sent_ms is None:
            return None
        head = self.waiting[0]
        if command not in (head.command, _AGAIN.get(head.command)):
            return None
        self._sent_ms = None
        return self.waiting.popleft()


class TripStore:
    """The last trips by number; the oldest makes room."""

    def __init__(self, trips: Iterable[TripRecord] = ()) -> None:
        self.trips = {trip.trip_number: trip for trip in trips}

    def add(self, trip: TripRecord) -> None:
        layouts.TRIP_RECORD.build(trip)  # what a record cannot hold is not stored either
        self.trips[trip.trip_number] = trip
        while len(self.trips) > TRIPS_MAX:
            del self.trips[next(iter(self.trips))]
