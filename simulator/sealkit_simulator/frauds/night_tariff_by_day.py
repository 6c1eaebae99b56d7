"""The night tariff is made to begin in the morning, so that it is charged all day.

Met in Shanxi.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class NightTariffByDay(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.meter.set_parameter("night_start", "06:00")
