"""An injector, and beside it a transmitter that tells the seal's receiver the same false speed.

Transmitters that simulate satellites are built by amateurs, and fit into a glove box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step


class InjectorWithSpoofer(Injector):
    undetectable: ClassVar[str] = (
        "Pulses and second source tell the same lie. A speed from the vehicle's bus would not."
    )

    def extra(self, pulses: PulseTrain, step: Step) -> float:
        return self.share * pulses.edges

    def motion(self, mm_per_s: int | None, step: Step) -> int | None:
        return None if mm_per_s is None else mm_per_s + int(mm_per_s * self.share)
