"""The driven gear of the sensor is exchanged for one with fewer teeth, so that it turns faster.

Met in Wuhan: fifteen teeth instead of sixteen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class SwappedGear(Scheme):
    def begin(self, taxi: Taxi) -> None:
        sensor = taxi.car.sensor
        sensor.pulses_per_million_turns = sensor.pulses_per_million_turns * 16 // 15
