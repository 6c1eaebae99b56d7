"""The meter runs while the taxi stands in a jam: a button under the carpet.

Met in Nanjing, where ten kilometres a minute were charged while standing; here it is 30 km/h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step
    from sealkit_simulator.road.taxi import Taxi

_MM_PER_S: Final = 8_300


class StandingInjector(Injector):
    percent = 0
    _per_ms = 0.0

    def begin(self, taxi: Taxi) -> None:
        self._per_ms = _MM_PER_S * taxi.meter.k_pulses_per_km / 1e9

    def extra(self, pulses: PulseTrain, step: Step) -> float:
        stands = step.hired and pulses.edges == 0
        return self._per_ms * step.elapsed_ms if stands else 0
