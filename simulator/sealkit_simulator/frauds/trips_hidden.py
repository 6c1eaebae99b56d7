"""Every third trip is not reported: its fare belongs to nobody but the driver.

It is the company and the tax office that are cheated here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sealkit.meter.bodies import TripRecord
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class HiddenTrips(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.meter.filter_reports(_hide_third)


def _hide_third(trip: TripRecord) -> Iterable[TripRecord]:
    return () if trip.trip_number % 3 == 0 else (trip,)
