"""What a taximeter says to the terminal: frames as the seal's tap hears them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sealkit.meter import layouts
from sealkit.meter.bodies import ClockTime, Heartbeat, SignedOff, TripRecord
from sealkit.meter.commands import Command
from sealkit.meter.frames import TAXIMETER, Frame, encode_frame


def local(seconds: int) -> datetime:
    """Seconds since 1970 as the meter tells them."""
    return (datetime.fromtimestamp(seconds, UTC) + timedelta(hours=8)).replace(tzinfo=None)


def trip(
    number: int, ended: int, metered_m: int = 5_000, empty_m: int = 2_500, minutes: int = 10
) -> TripRecord:
    """A trip that ended at these seconds since 1970."""
    end = local(ended)
    return TripRecord(
        plate="AX7319",
        company_licence="310115000482",
        driver_certificate="310227197804123316",
        on_time=(end - timedelta(minutes=minutes)).replace(second=0),
        off_time=end.time().replace(second=0, microsecond=0),
        metered_distance_m=metered_m,
        empty_distance_m=empty_m,
        surcharge_fen=0,
        waiting_minutes=0,
        amount_fen=1_400,
        trip_number=number,
        payment=0,
    )


def raw(record: TripRecord) -> bytes:
    return layouts.TRIP_RECORD.build(record)


def trip_end(record: TripRecord, *, again: bool = False) -> bytes:
    return _frame(Command.TRIP_AGAIN if again else Command.TRIP_END, raw(record))


def trip_start(at: int) -> bytes:
    return _frame(Command.TRIP_START, layouts.CLOCK_TIME.build(ClockTime(local(at))))


def heartbeat(*, hired: bool) -> bytes:
    state = 0b10 | hired
    return _frame(Command.HEARTBEAT, layouts.HEARTBEAT.build(Heartbeat(state, "", "")))


def signed_off(k: int, lifetime_m: int, at: int, *, again: bool = False) -> bytes:
    moment = local(at).replace(second=0)
    body = SignedOff(
        *("310115000482", "310227197804123316", "AX7319", k, moment, moment),
        *(100_000, 60_000, 10, 600, 30_000, 0, 0, 0),
        lifetime_distance_m=lifetime_m,
        lifetime_hired_distance_m=lifetime_m // 200 * 100,
        unit_price_fen_per_km=270,
        lifetime_trips=1,
    )
    command = Command.SIGNED_OFF_AGAIN if again else Command.SIGNED_OFF
    return _frame(command, layouts.SIGNED_OFF.build(body))


def _frame(command: int, data: bytes) -> bytes:
    return encode_frame(Frame(TAXIMETER, 1, command, data))
