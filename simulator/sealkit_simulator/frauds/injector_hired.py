"""A circuit that adds pulses only while a passenger pays for them.

A wire to the roof light tells it. Over a whole day it looks smaller than it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step


class HiredInjector(Injector):
    def extra(self, pulses: PulseTrain, step: Step) -> float:
        return self.share * pulses.edges if step.hired else 0
