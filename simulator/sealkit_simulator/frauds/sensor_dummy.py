"""The sensor is exchanged for a box that makes pulses of its own, five in a hundred too many.

Known from tachographs (found by the traffic police of many countries in 2016) and fuel dispensers.
The box's pulses are more even than any sensor's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme
from sealkit_simulator.road.sensor import PulseSensor

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class DummySensor(Scheme):
    percent = 5

    def begin(self, taxi: Taxi) -> None:
        honest = taxi.car.sensor
        taxi.car.sensor = PulseSensor(
            honest.serial,
            round(honest.pulses_per_million_turns * (1 + self.percent / 100)),
            jitter_permille=0,
            uneven_permille=0,
        )
