"""Trip and shift records for the tests of the meter's line."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sealkit.meter.bodies import SignedOff, SignedOn, TripRecord

LICENCE, DRIVER, PLATE = "310115000482", "310227197804123316", "AX7319"
MORNING = datetime(2025, 6, 3, 6, 0)


def trip(number: int, on: datetime = MORNING, city_data: bytes = b"") -> TripRecord:
    """A trip of seven minutes, told from all others by its number."""
    off = on + timedelta(minutes=7)
    return TripRecord(
        plate=PLATE,
        company_licence=LICENCE,
        driver_certificate=DRIVER,
        on_time=on.replace(second=0),
        off_time=time(off.hour, off.minute),
        metered_distance_m=100 * (number % 97 + 1),
        empty_distance_m=1300,
        surcharge_fen=0,
        waiting_minutes=2,
        amount_fen=1400,
        trip_number=number,
        payment=0,
        city_data=city_data,
    )


def signed_on(trips: int, on: datetime = MORNING) -> SignedOn:
    return SignedOn(LICENCE, DRIVER, PLATE, on.replace(second=0), trips, 0x90)


def shift(trips: int, on: datetime = MORNING, off: datetime = MORNING) -> SignedOff:
    """A shift, told from all others by the meter's lifetime trips."""
    return SignedOff(
        company_licence=LICENCE,
        driver_certificate=DRIVER,
        plate=PLATE,
        k_pulses_per_km=1024,
        shift_on_time=on.replace(second=0),
        shift_off_time=off.replace(second=0),
        shift_distance_m=184_300,
        hired_distance_m=97_200,
        trips=30,
        timed_s=5400,
        total_amount_fen=98_700,
        card_amount_fen=0,
        card_trips=0,
        distance_between_shifts_m=600,
        lifetime_distance_m=284_183_700,
        lifetime_hired_distance_m=140_000_300,
        unit_price_fen_per_km=270,
        lifetime_trips=trips,
    )
