"""Trips are reported twice, the second time under a number of its own: for fares paid by others.

Where a city pays for trips of the old or the disabled, invented trips are worth money.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from sealkit.meter.bodies import TripRecord
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class DoubledTrips(Scheme):
    _invented = 0

    def begin(self, taxi: Taxi) -> None:
        taxi.meter.filter_reports(self._double)

    def _double(self, trip: TripRecord) -> Iterable[TripRecord]:
        """The numbers rise by one from record to record, so that nothing seems to be missing."""
        told = replace(trip, trip_number=trip.trip_number + self._invented)
        self._invented += 1
        return (told, replace(told, trip_number=told.trip_number + 1))
