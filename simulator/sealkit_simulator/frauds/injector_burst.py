"""A circuit saves the pulses that it is to add, and lets them go in bursts of a hundred.

Met in Wuxi, where the pulses of a burst were worth 390 km/h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step

_BURST: Final = 100


class BurstInjector(Injector):
    _saved = 0.0

    def extra(self, pulses: PulseTrain, step: Step) -> float:
        self._saved += self.share * pulses.edges
        if self._saved < _BURST:
            return 0
        self._saved -= _BURST
        return _BURST
