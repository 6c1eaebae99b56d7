"""The price of a kilometre is raised in the meter by a tenth.

What a technician in collusion does for his customers (Beijing, 2009).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.price import raise_price
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class RaisedPrice(Scheme):
    def begin(self, taxi: Taxi) -> None:
        raise_price(taxi.meter)
