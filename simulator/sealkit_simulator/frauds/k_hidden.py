"""K in the meter is lowered, and its altered software goes on telling the old one.

What is told of K is worth nothing then; what is charged against what the seal counted is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class HiddenK(Scheme):
    percent = 2

    def begin(self, taxi: Taxi) -> None:
        honest = taxi.meter.k_pulses_per_km
        taxi.meter.tell_k(honest)
        taxi.meter.set_k(round(honest / (1 + self.percent / 100)))
