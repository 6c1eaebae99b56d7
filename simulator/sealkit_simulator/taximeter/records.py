"""What a meter knows, as the records that it tells: rounded, and no larger than their fields."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sealkit.meter.bodies import MeterStatus, SignedOff, TripRecord
from sealkit.meter.resolution import DistanceRounding, told_minutes
from sealkit_simulator.taximeter.engine import FinishedTrip
from sealkit_simulator.taximeter.totals import Shift, Totalisers

# The largest values of the fields XXXXX.X km, XXX.X km, XXXXXXX.X km, XXXXX.X yuan, XXXX,
# hhmm and hhmmss; a meter stands still there.
_DISTANCE_MAX_M: Final = 99_999_900
_SHORT_DISTANCE_MAX_M: Final = 999_900
_LIFETIME_MAX_M: Final = 9_999_999_900
_AMOUNT_MAX_FEN: Final = 9_999_990
_COUNT_MAX: Final = 9999
_MINUTES_MAX: Final = 99 * 60 + 59
_SECONDS_MAX: Final = 99 * 3600 + 59 * 60 + 59


def trip_record(
    trip: FinishedTrip,
    number: int,
    status: MeterStatus,
    rounding: DistanceRounding,
    payment: int,
    city_data: bytes,
) -> TripRecord:
    """T3."""
    return TripRecord(
        plate=status.plate,
        company_licence=status.company_licence,
        driver_certificate=status.driver_certificate,
        on_time=to_minute(trip.hired_at),
        off_time=to_minute(trip.vacant_at).time(),
        metered_distance_m=min(rounding.told_m(trip.distance_mm), _DISTANCE_MAX_M),
        empty_distance_m=min(rounding.told_m(trip.empty_mm), _SHORT_DISTANCE_MAX_M),
        surcharge_fen=_tens(trip.surcharge_fen),
        waiting_minutes=min(told_minutes(trip.waiting_ms), _MINUTES_MAX),
        amount_fen=_tens(trip.amount_fen),
        trip_number=number,
        payment=payment,
        city_data=city_data,
    )


def shift_record(
    shift: Shift,
    totals: Totalisers,
    off_time: datetime | None,
    status: MeterStatus,
    rounding: DistanceRounding,
    k_pulses_per_km: int,
    unit_price_fen_per_km: int,
) -> SignedOff:
    """T6."""
    return SignedOff(
        company_licence=status.company_licence,
        driver_certificate=status.driver_certificate,
        plate=status.plate,
        k_pulses_per_km=k_pulses_per_km,
        shift_on_time=shift.on_time and to_minute(shift.on_time),
        shift_off_time=off_time and to_minute(off_time),
        shift_distance_m=min(rounding.told_m(shift.distance_mm), _DISTANCE_MAX_M),
        hired_distance_m=min(rounding.told_m(shift.hired_mm), _DISTANCE_MAX_M),
        trips=min(shift.trips, _COUNT_MAX),
        timed_s=min(shift.waiting_ms // 1000, _SECONDS_MAX),
        total_amount_fen=_tens(shift.amount_fen),
        card_amount_fen=_tens(shift.card_fen),
        card_trips=min(shift.card_trips, _COUNT_MAX),
        distance_between_shifts_m=min(rounding.told_m(shift.before_mm), _SHORT_DISTANCE_MAX_M),
        lifetime_distance_m=min(rounding.told_m(totals.distance_mm), _LIFETIME_MAX_M),
        lifetime_hired_distance_m=min(rounding.told_m(totals.hired_mm), _LIFETIME_MAX_M),
        unit_price_fen_per_km=unit_price_fen_per_km,
        lifetime_trips=status.total_trips,
    )


def to_minute(moment: datetime) -> datetime:
    """Cut to the minute, as a clock shows it."""
    return moment.replace(second=0, microsecond=0)


def _tens(fen: int) -> int:
    """XXXXX.X yuan, halves upwards."""
    return min((fen + 5) // 10 * 10, _AMOUNT_MAX_FEN)
