"""The flag-fall is two yuan higher than the city allows.

Short trips are most trips, and of them it is most of the fare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class RaisedFlagFall(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.meter.set_parameter("day_flag_fall_fen", "1600")
