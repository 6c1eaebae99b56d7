"""Altered software charges a tenth more than the tariff that it tells, under its old version.

What a meter says of itself is said by its software.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class HiddenSoftware(Scheme):
    undetectable: ClassVar[str] = (
        "The seal hears tariff and version from the software that lies. The fares in its trip"
        " records do not fit the sealed tariff: the audit of trips shows it."
    )

    def begin(self, taxi: Taxi) -> None:
        fare = taxi.meter.fare
        taxi.meter.charge_by(
            replace(
                fare,
                day_flag_fall_fen=fare.day_flag_fall_fen * 11 // 10,
                day_round_trip_price_fen_per_km=fare.day_round_trip_price_fen_per_km * 11 // 10,
                day_one_way_price_fen_per_km=fare.day_one_way_price_fen_per_km * 11 // 10,
            )
        )
