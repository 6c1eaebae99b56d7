"""The meter's clock is set seventeen hours forward, so that the morning is charged as the night.

The tariff stays as it was sealed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi

_HOURS: Final = 17


class ClockForward(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.meter.set_clock(_HOURS * 3_600)
