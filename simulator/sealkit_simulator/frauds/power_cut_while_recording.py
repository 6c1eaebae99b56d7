"""The price is raised, and the seal's power cut again and again at the moment in which it writes.

Whoever watches the supply's current sees the flash being written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.price import raise_price
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step
    from sealkit_simulator.road.taxi import Taxi

_CUTS: Final = 20


class PowerCutWhileRecording(Scheme):
    """Every cut leaves what was being written torn."""

    _cuts = 0

    def begin(self, taxi: Taxi) -> None:
        raise_price(taxi.meter)

    def before_step(self, taxi: Taxi, step: Step) -> None:
        vehicle = taxi.vehicle
        if vehicle.seal is None and step.powered:
            vehicle.restore_power()
        elif self._cuts < _CUTS:
            vehicle.flash.plan_cut(self.random.randrange(4), self.random.randrange(256))
            self._cuts += 1
