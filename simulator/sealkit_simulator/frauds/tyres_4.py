"""After the inspection tyres are fitted that are 4 % smaller around.

Met in Guangdong. Every kilometre makes 4 % more pulses, and nothing in the car was opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class TyresOf4Percent(Scheme):
    percent = 4

    def begin(self, taxi: Taxi) -> None:
        wheel = taxi.car.wheel
        wheel.circumference_um = round(wheel.circumference_um * (1 - self.percent / 100))
