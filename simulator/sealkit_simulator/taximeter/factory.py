"""A meter as it comes from its maker: who it is, its tariff, its first trips."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from sealkit.meter.bodies import FareParameters, MeterStatus, TripRecord

VENDOR: Final = 0x01
K_PULSES_PER_KM: Final = 1000
LIFETIME_MM: Final = 312_405_700_000
LIFETIME_HIRED_MM: Final = 201_118_200_000

# In the manner of Shanghai: 14 yuan for 3 km, 2.70 a km up to 15 km and half as much again
# beyond, 30 % more at night, one km charged for every four minutes of waiting.
SHANGHAI_FARE = FareParameters(
    enable_time=datetime(2024, 3, 1, 0),
    day_round_trip_price_fen_per_km=270,
    night_round_trip_price_fen_per_km=351,
    day_one_way_price_fen_per_km=405,
    night_one_way_price_fen_per_km=527,
    day_second_empty_price_fen_per_km=405,
    night_second_empty_price_fen_per_km=527,
    day_flag_fall_fen=1400,
    night_flag_fall_fen=1800,
    continuation_distance_m=500,
    flag_fall_distance_m=3000,
    one_way_distance_m=15000,
    second_empty_distance_m=15000,
    day_waiting_price_fen=270,
    night_waiting_price_fen=351,
    free_waiting_s=0,
    price_increment_time_s=240,
    night_start=time(23, 0),
    night_end=time(5, 0),
    reserved=bytes(22),
    vendor_area=bytes(64),
)

METER_STATUS = MeterStatus(
    device_number="0102004711",
    hardware_version=3,
    software_main=2,
    software_minor=7,
    device_state=0,
    work_state=0,
    plate="AX7319",
    company_licence="310115000482",
    driver_certificate="310227197804123316",
    total_trips=18403,
)


def _trip(
    number: int, on: datetime, off: time, metered_m: int, empty_m: int, amount_fen: int
) -> TripRecord:
    return TripRecord(
        plate=METER_STATUS.plate,
        company_licence=METER_STATUS.company_licence,
        driver_certificate=METER_STATUS.driver_certificate,
        on_time=on,
        off_time=off,
        metered_distance_m=metered_m,
        empty_distance_m=empty_m,
        surcharge_fen=0,
        waiting_minutes=0,
        amount_fen=amount_fen,
        trip_number=number,
        payment=0,
    )


# Charged by the fare above.
STORED_TRIPS = (
    _trip(18401, datetime(2025, 6, 3, 8, 12), time(8, 21), 2600, 1300, 1400),
    _trip(18402, datetime(2025, 6, 3, 9, 5), time(9, 33), 8400, 4700, 2890),
    _trip(18403, datetime(2025, 6, 3, 23, 48), time(0, 3), 5000, 900, 2500),
)
