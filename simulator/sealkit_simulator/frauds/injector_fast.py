"""A circuit that adds pulses only above 50 km/h, where nobody counts lamp posts.

On the bench, where the rollers of a verification turn more slowly, it keeps quiet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step
    from sealkit_simulator.road.taxi import Taxi

_FAST_M_PER_S: Final = 14


class FastInjector(Injector):
    _fast_hz = 0.0

    def begin(self, taxi: Taxi) -> None:
        self._fast_hz = _FAST_M_PER_S * taxi.meter.k_pulses_per_km / 1_000

    def extra(self, pulses: PulseTrain, step: Step) -> float:
        is_fast = pulses.edges * 1_000 >= self._fast_hz * step.elapsed_ms
        return self.share * pulses.edges if is_fast else 0
