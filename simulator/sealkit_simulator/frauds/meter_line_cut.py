"""The seal's line to the meter is cut: then the price is raised, and the seal cannot see it.

Or a plug is pulled out, and pushed in again before the visit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.price import put_price_back, raise_price
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class CutMeterLine(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.vehicle.join_cable(False)
        raise_price(taxi.meter)

    def before_visit(self, taxi: Taxi) -> None:
        put_price_back(taxi.meter)
        taxi.vehicle.join_cable(True)
