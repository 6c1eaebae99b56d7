"""The trips that a meter keeps, and what becomes of them on their way to the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sealkit.meter import layouts
from sealkit.meter.bodies import TripRecord

TRIPS_MAX: Final = 2000
SHIFTS_MAX: Final = 200

ReportFilter = Callable[[TripRecord], Iterable[TripRecord]]
"""What becomes of a trip's record on its way to the terminal: nothing, another, or several."""


def honestly(trip: TripRecord) -> Iterable[TripRecord]:
    """Every trip is told once, as it was."""
    return (trip,)


class TripStore:
    """The last trips by number; the oldest makes room."""

    def __init__(self, trips: Iterable[TripRecord] = ()) -> None:
        self.trips = {trip.trip_number: trip for trip in trips}

    def add(self, trip: TripRecord) -> None:
        layouts.TRIP_RECORD.build(trip)  # what a record cannot hold is not stored either
        self.trips[trip.trip_number] = trip
        while len(self.trips) > TRIPS_MAX:
            del self.trips[next(iter(self.trips))]
