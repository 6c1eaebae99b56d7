"""The seal's wire to the pulse sensor is cut, and then an injector does what it likes.

Whoever finds the seal's tap thinks of this first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import NO_PULSES, PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step


class DeafenedSeal(Injector):
    percent = 20

    def extra(self, pulses: PulseTrain, step: Step) -> float:
        return self.share * pulses.edges

    def seal_pulses(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        return NO_PULSES
