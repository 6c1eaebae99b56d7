"""K in the meter is lowered: the same pulses are charged as more kilometres.

A technician's menu, a few keys. This meter tells its new K at every sign-off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class ChangedK(Scheme):
    percent = 2

    def begin(self, taxi: Taxi) -> None:
        honest = taxi.meter.k_pulses_per_km
        taxi.meter.set_k(round(honest / (1 + self.percent / 100)))
