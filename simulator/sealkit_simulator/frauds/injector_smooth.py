"""A circuit takes the sensor's pulses in and sends out more, evenly and with a sensor's jitter.

The best that can be built: no pulse while standing, none that comes oddly, no jump in their rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step


class SmoothInjector(Injector):
    def extra(self, pulses: PulseTrain, step: Step) -> float:
        return self.share * pulses.edges

    def mix(self, pulses: PulseTrain, extra: int) -> PulseTrain:
        edges = pulses.edges + extra
        shortest = pulses.shortest_us * pulses.edges // edges
        return PulseTrain(edges, min(edges, pulses.uneven), shortest)
