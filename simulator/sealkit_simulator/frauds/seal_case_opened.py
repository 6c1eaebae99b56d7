"""The case of the seal is opened, to see what can be done in there.

It is closed again with care.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class OpenedCase(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.vehicle.open_case()
        taxi.vehicle.close_case()
