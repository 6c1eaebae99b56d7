"""Tariffs and drives: the two of protocol/FARES.md, and any that make sense."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from hypothesis import strategies as st

from sealkit.meter.bodies import FareParameters
from sealkit.meter.fares import Motion
from sealkit_simulator.taximeter import SHANGHAI_FARE

TARIFF_S = SHANGHAI_FARE
TARIFF_Z = FareParameters(
    enable_time=None,
    day_round_trip_price_fen_per_km=250,
    night_round_trip_price_fen_per_km=300,
    day_one_way_price_fen_per_km=375,
    night_one_way_price_fen_per_km=450,
    day_second_empty_price_fen_per_km=500,
    night_second_empty_price_fen_per_km=600,
    day_flag_fall_fen=1000,
    night_flag_fall_fen=1200,
    continuation_distance_m=300,
    flag_fall_distance_m=2000,
    one_way_distance_m=10_000,
    second_empty_distance_m=25_000,
    day_waiting_price_fen=80,
    night_waiting_price_fen=100,
    free_waiting_s=300,
    price_increment_time_s=90,
    night_start=time(22, 30),
    night_end=time(6, 0),
    reserved=b"\x01\x00" + bytes(20),
    vendor_area=bytes(64),
)

_PRICES = st.integers(1, 9999)
_MINUTES = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))


@st.composite
def fares(draw: st.DrawFn) -> FareParameters:
    """Any fare parameters that somebody could be charged by."""
    prices = {
        name: draw(_PRICES)
        for name in FareParameters.__dataclass_fields__
        if name.endswith(("_fen", "_fen_per_km"))
    }
    night_start, night_end = draw(st.tuples(_MINUTES, _MINUTES).filter(lambda n: n[0] != n[1]))
    distances = st.integers(0, 4000).map(lambda tens: tens * 10)
    surcharge = draw(st.sampled_from([0, 100, 305]))
    return replace(
        TARIFF_Z,
        **prices,
        continuation_distance_m=draw(st.integers(1, 300)) * 10,
        flag_fall_distance_m=draw(distances),
        one_way_distance_m=draw(distances),
        second_empty_distance_m=draw(distances),
        free_waiting_s=draw(st.integers(0, 900)),
        price_increment_time_s=draw(st.integers(0, 600)),
        night_start=night_start,
        night_end=night_end,
        reserved=bytes.fromhex(f"{surcharge:04d}") + bytes(20),
    )


def drives(
    max_seconds: int = 3600, max_speed_mm_per_s: int = 50_000
) -> st.SearchStrategy[list[Motion]]:
    """Stretches of constant speed, up to half an hour each; waiting is as likely as driving."""
    speeds = st.one_of(
        st.just(0), st.integers(0, 3_400), st.integers(0, max_speed_mm_per_s), st.just(3_333)
    )
    stretch = st.tuples(speeds, st.integers(0, max_seconds * 1000 // 2))
    return st.lists(stretch.map(lambda s: Motion(s[0] * s[1] // 1000, s[1])), max_size=12)


@st.composite
def hires(draw: st.DrawFn, fare: FareParameters) -> int:
    """A time of hire in ms of the day, as a rule not long before day or night begins."""
    border = draw(st.sampled_from([fare.night_start, fare.night_end]))
    before = draw(st.integers(0, 3_600_000) | st.integers(0, 86_399_999))
    return ((border.hour * 60 + border.minute) * 60_000 - before) % 86_400_000
