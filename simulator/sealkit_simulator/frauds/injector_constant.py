"""A small circuit adds pulses at a steady rate as soon as the ignition is on, driving or standing.

The simplest injector, a timer chip behind the dashboard. percent: of what a taxi drives in a city,
at 25 km/h on average.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step
    from sealkit_simulator.road.taxi import Taxi

_AVERAGE_MM_PER_S: Final = 7_000


class ConstantInjector(Injector):
    _per_ms = 0.0

    def begin(self, taxi: Taxi) -> None:
        self._per_ms = self.share * _AVERAGE_MM_PER_S * taxi.meter.k_pulses_per_km / 1e9

    def extra(self, pulses: PulseTrain, step: Step) -> float:
        return self._per_ms * step.elapsed_ms if step.ignition else 0
