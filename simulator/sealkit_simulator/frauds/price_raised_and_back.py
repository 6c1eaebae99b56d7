"""The price of a kilometre is raised for a shift, and put back before the visit to the station.

The station's look at the meter shows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.price import put_price_back, raise_price
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class PriceRaisedAndBack(Scheme):
    def begin(self, taxi: Taxi) -> None:
        raise_price(taxi.meter)

    def before_visit(self, taxi: Taxi) -> None:
        put_price_back(taxi.meter)
