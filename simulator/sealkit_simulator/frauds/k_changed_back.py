"""K is lowered after the inspection and put back before the next one.

On every bench the meter is right, and so is what it tells of K.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class ChangedBackK(Scheme):
    percent = 2
    _honest = 0

    def begin(self, taxi: Taxi) -> None:
        self._honest = taxi.meter.k_pulses_per_km
        taxi.meter.tell_k(self._honest)
        taxi.meter.set_k(round(self._honest / (1 + self.percent / 100)))

    def before_visit(self, taxi: Taxi) -> None:
        taxi.meter.set_k(self._honest)
        taxi.meter.tell_k(None)
