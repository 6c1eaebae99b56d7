"""The seal's flash is copied before the fraud and written back after it, so the log tells nothing.

It takes unsoldering the chip through the bottom of the case, where no switch is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.backup import image_of, solder_in
from sealkit_simulator.frauds.parts.price import put_price_back, raise_price
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class RolledBackLog(Scheme):
    _image = b""

    def begin(self, taxi: Taxi) -> None:
        self._image = image_of(taxi.vehicle)
        raise_price(taxi.meter)

    def before_visit(self, taxi: Taxi) -> None:
        put_price_back(taxi.meter)
        solder_in(taxi.vehicle, self._image)
        taxi.vehicle.advance(10_000)
