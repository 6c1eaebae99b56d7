"""Pulses are coupled into the sensor's wire from outside, and nothing was opened for it.

Met in Mumbai (a flashing LED, an FM circuit) and Guangdong (a wire laid beside the pulse line).
What comes in is irregular: now many, now none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step


class CoupledInjector(Injector):
    def extra(self, pulses: PulseTrain, step: Step) -> float:
        if not step.hired:
            return 0
        return self.share * pulses.edges * self.random.expovariate(1)
