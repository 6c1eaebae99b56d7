"""An injector, and the seal's receiver wrapped in foil or jammed.

Foil costs nothing; jammers are sold against the tracking of lorries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sealkit_simulator.frauds.parts.injector import Injector
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step


class InjectorWithJammer(Injector):
    undetectable: ClassVar[str] = (
        "A second source that is silent contradicts nobody, and tunnels and garages are honest."
        " Evidence tells how little was compared: motion_distance_m against the pulses."
    )

    def extra(self, pulses: PulseTrain, step: Step) -> float:
        return self.share * pulses.edges

    def motion(self, mm_per_s: int | None, step: Step) -> int | None:
        return None
