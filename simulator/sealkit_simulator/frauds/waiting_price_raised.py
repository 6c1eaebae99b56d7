"""Waiting costs more than the tariff says: the driver looks for jams.

A field of the tariff that no passenger reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class RaisedWaitingPrice(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.meter.set_parameter("day_waiting_price_fen", "540")
