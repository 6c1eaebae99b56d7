"""A circuit doubles every so manieth pulse of the sensor, at any speed.

Met in Shenzhen, where fares rose by 46 %, and as New York's zappers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step


class ProportionalInjector(Injector):
    def extra(self, pulses: PulseTrain, step: Step) -> float:
        return self.share * pulses.edges
