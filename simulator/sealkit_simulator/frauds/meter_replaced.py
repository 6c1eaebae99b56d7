"""Another meter takes the place of the sealed one; that waits in the boot for the next inspection.

Known from fuel dispensers, where whole boards are exchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class ReplacedMeter(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.meter.replace("0102009999")
