"""The meter's clock is set seven hours back, so that the day begins with hours of the night tariff.

The tariff stays as it was sealed; trip records get yesterday's date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi

_HOURS: Final = -7


class ClockBack(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.meter.set_clock(_HOURS * 3_600)
