"""A circuit between the seal's tap and the meter: what it adds, the meter alone counts.

It takes opening the plug at the meter. An injector that does not know where the seal listens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step


class InjectorBehindTap(Injector):
    def extra(self, pulses: PulseTrain, step: Step) -> float:
        return self.share * pulses.edges

    def sensor_line(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        return pulses

    def meter_pulses(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        return self.inject(pulses, step)
