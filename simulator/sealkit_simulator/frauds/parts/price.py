"""The price of a kilometre by day, a tenth higher in the meter than it was sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.taximeter.factory import SHANGHAI_FARE

if TYPE_CHECKING:
    from sealkit_simulator.taximeter import Taximeter

_PRICES: Final = ("day_round_trip_price_fen_per_km", "day_one_way_price_fen_per_km")


def raise_price(meter: Taximeter) -> None:
    for name in _PRICES:
        meter.set_parameter(name, str(getattr(SHANGHAI_FARE, name) * 11 // 10))


def put_price_back(meter: Taximeter) -> None:
    for name in _PRICES:
        meter.set_parameter(name, str(getattr(SHANGHAI_FARE, name)))
