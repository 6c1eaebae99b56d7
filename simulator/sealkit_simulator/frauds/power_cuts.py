"""A switch in the seal's supply: it is off for the seconds in which a trip begins at another price.

A meter charges a whole trip by the tariff with which it began. That is put back before the seal is
up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sealkit_simulator.frauds.parts.price import put_price_back, raise_price
from sealkit_simulator.frauds.parts.scheme import Scheme
from sealkit_simulator.road.drive import Event

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step
    from sealkit_simulator.road.taxi import Taxi

_OFF_MS: Final = 5_000


class PowerCuts(Scheme):
    undetectable: ClassVar[str] = (
        "A car's power also fails honestly. Each gap stands in the log with its length, one for"
        " every trip; that the fares do not fit, the audit of trips shows."
    )
    _left_ms = 0

    def before_step(self, taxi: Taxi, step: Step) -> None:
        if Event.HIRE in step.events:
            taxi.vehicle.cut_power()
            raise_price(taxi.meter)
            self._left_ms = _OFF_MS
        elif self._left_ms > 0:
            self._left_ms -= step.elapsed_ms
            if self._left_ms <= 0:
                put_price_back(taxi.meter)
                taxi.vehicle.restore_power()
