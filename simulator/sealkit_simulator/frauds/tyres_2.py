"""After the inspection tyres are fitted that are 2 % smaller around.

Met in Guangdong. Every kilometre makes 2 % more pulses, and nothing in the car was opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class TyresOf2Percent(Scheme):
    percent = 2
    undetectable: ClassVar[str] = (
        "Wear, pressure and the second source's own error add up to as much; a tolerance that told"
        " them apart would accuse honest taxis."
    )

    def begin(self, taxi: Taxi) -> None:
        wheel = taxi.car.wheel
        wheel.circumference_um = round(wheel.circumference_um * (1 - self.percent / 100))
