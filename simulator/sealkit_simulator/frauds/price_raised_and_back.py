"""The price of a kilometre is raised for a shift, and put back before the visit to the station.

The station's look at the meter shows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class PriceRaisedAndBack(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.meter.set_parameter("day_one_way_price_fen_per_km", "446")

    def before_visit(self, taxi: Taxi) -> None:
        taxi.meter.set_parameter("day_one_way_price_fen_per_km", "405")
