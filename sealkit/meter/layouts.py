"""Where the fields of the bodies lie (the tables T1 to T8): bytes <-> the values of `bodies`.

`TRIP_RECORD.parse(data)` gives a `TripRecord`, `TRIP_RECORD.build(record)` its bytes; alike for
every layout. Errors are those of `fields`. At the end: which fare parameter is which, to name
bytes that differ.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import NamedTuple

from construct import Bytes, GreedyBytes, Int8ub, Int16ub, Int32ub

from sealkit.errors import MalformedError, UsageError
from sealkit.meter import bodies
from sealkit.meter.fields import (
    Bcd,
    Digits,
    Duration,
    FieldPlace,
    Layout,
    Moment,
    ShortMoment,
    Text,
    TimeOfDay,
)
from sealkit.meter.frames import MAX_DATA_BYTES

FareValue = int | time | datetime | bytes | None


# The units of the standard: XX.XX yuan, XXXXX.X yuan, XX.XX km and XXXXX.X km.
def _fen(size: int = 2) -> Bcd:
    return Bcd(size)


def _tens_of_fen(size: int = 3) -> Bcd:
    return Bcd(size, 10)


def _tens_of_metres(size: int = 2) -> Bcd:
    return Bcd(size, 10)


def _hundreds_of_metres(size: int = 3) -> Bcd:
    return Bcd(size, 100)


_LICENCE_AND_DRIVER = {"company_licence": Text(16), "driver_certificate": Text(19)}

EMPTY = Layout("empty body", bodies.Empty, {})
CLOCK_TIME = Layout("time", bodies.ClockTime, {"time": Moment(7)})
RESULT = Layout("result", bodies.Result, {"result": Int8ub})

STATUS = Layout(
    "meter's status",
    bodies.MeterStatus,
    {
        "device_number": Digits(5),
        "hardware_version": Bcd(1),
        "software_main": Int8ub,
        "software_minor": Int8ub,
        "device_state": Int8ub,
        "work_state": Int8ub,
        "plate": Text(6),
        **_LICENCE_AND_DRIVER,
        "total_trips": Int32ub,
    },
)

FARE_PARAMETERS = Layout(
    "fare parameters",
    bodies.FareParameters,
    {
        "enable_time": Moment(5),
        "day_round_trip_price_fen_per_km": _fen(),
        "night_round_trip_price_fen_per_km": _fen(),
        "day_one_way_price_fen_per_km": _fen(),
        "night_one_way_price_fen_per_km": _fen(),
        "day_second_empty_price_fen_per_km": _fen(),
        "night_second_empty_price_fen_per_km": _fen(),
        "day_flag_fall_fen": _fen(),
        "night_flag_fall_fen": _fen(),
        "continuation_distance_m": _tens_of_metres(),
        "flag_fall_distance_m": _tens_of_metres(),
        "one_way_distance_m": _tens_of_metres(),
        "second_empty_distance_m": _tens_of_metres(),
        "day_waiting_price_fen": _fen(),
        "night_waiting_price_fen": _fen(),
        "free_waiting_s": Duration(2),
        "price_increment_time_s": Duration(2),
        "night_start": TimeOfDay(),
        "night_end": TimeOfDay(),
        "reserved": Bytes(22),
        "vendor_area": Bytes(64),
    },
)

FARE_SET_REPLY = Layout(
    "answer to new fare parameters",
    bodies.FareSetReply,
    {"result": Int8ub, "enable_time": Moment(5)},
)

TRIP_REQUEST = Layout("trip request", bodies.TripRequest, {"trip_number": Int32ub})

TRIP_RECORD = Layout(
    "trip record",
    bodies.TripRecord,
    {
        "plate": Text(6),
        **_LICENCE_AND_DRIVER,
        "on_time": ShortMoment(),
        "off_time": TimeOfDay(),
        "metered_distance_m": _hundreds_of_metres(),
        "empty_distance_m": _hundreds_of_metres(2),
        "surcharge_fen": _tens_of_fen(),
        "waiting_minutes": Duration(2),
        "amount_fen": _tens_of_fen(),
        "trip_number": Int32ub,
        "payment": Int8ub,
        "city_data": GreedyBytes,
    },
    rest=range(MAX_DATA_BYTES - 66 + 1),
)

SIGN_REQUEST = Layout("request to sign on or off", bodies.SignRequest, {"flag": Int8ub})

SIGN_REPLY = Layout(
    "answer to signing on or off",
    bodies.SignReply,
    {
        **_LICENCE_AND_DRIVER,
        "plate": Text(6),
        "card_time": Moment(6),
        "terminal_state": Int16ub,
        "time_limit": Moment(5),
        "count_limit": Bcd(2),
        "result": Int8ub,
    },
)

SIGNED_ON = Layout(
    "sign-on data",
    bodies.SignedOn,
    {
        **_LICENCE_AND_DRIVER,
        "plate": Text(6),
        "on_time": Moment(6),
        "total_trips": Int32ub,
        "result": Int8ub,
    },
)

SIGNED_OFF = Layout(
    "sign-off data",
    bodies.SignedOff,
    {
        **_LICENCE_AND_DRIVER,
        "plate": Text(6),
        "k_pulses_per_km": Bcd(2),
        "shift_on_time": Moment(6),
        "shift_off_time": Moment(6),
        "shift_distance_m": _hundreds_of_metres(),
        "hired_distance_m": _hundreds_of_metres(),
        "trips": Bcd(2),
        "timed_s": Duration(3),
        "total_amount_fen": _tens_of_fen(),
        "card_amount_fen": _tens_of_fen(),
        "card_trips": Bcd(2),
        "distance_between_shifts_m": _hundreds_of_metres(2),
        "lifetime_distance_m": _hundreds_of_metres(4),
        "lifetime_hired_distance_m": _hundreds_of_metres(4),
        "unit_price_fen_per_km": _fen(),
        "lifetime_trips": Int32ub,
    },
)

HEARTBEAT = Layout("heartbeat", bodies.Heartbeat, {"state": Int8ub, **_LICENCE_AND_DRIVER})

HEARTBEAT_REPLY = Layout(
    "answer to a heartbeat",
    bodies.HeartbeatReply,
    {
        "terminal_state": Int16ub,
        "time_limit": Moment(5),
        "count_limit": Int8ub,
        "reserved": GreedyBytes,
    },
    rest=range(1, 4),
)

UPGRADE_REQUEST = Layout(
    "upgrade request",
    bodies.UpgradeRequest,
    {
        "vendor": Int8ub,
        "hardware_version": Int8ub,
        "software_main": Int8ub,
        "software_minor": Int8ub,
    },
)

FARE_FIELDS = FARE_PARAMETERS.fields
FARE_BYTES = sum(field.size for field in FARE_FIELDS)


class FareDifference(NamedTuple):
    """A fare parameter that differs. A value that does not parse is given as its bytes."""

    name: str
    old: FareValue
    new: FareValue


def fare_field_at(offset: int) -> str:
    """The name of the fare parameter that the byte at `offset` (0 to 126) of T2 belongs to."""
    for field in FARE_FIELDS:
        if field.offset <= offset < field.offset + field.size:
            return field.name
    raise UsageError(
        "METER_NO_SUCH_OFFSET",
        f"The fare parameters have no byte {offset}.",
        f"Give an offset from 0 to {FARE_BYTES - 1}.",
    )


def fare_differences(old: bytes, new: bytes) -> list[FareDifference]:
    """The fare parameters that differ between two T2 of 127 bytes, in their order.

    Works also on parameters that no longer parse, since a tampered meter may hold any bytes.
    Raises MalformedError METER_BAD_LENGTH.
    """
    for parameters in (old, new):
        if len(parameters) != FARE_BYTES:
            raise MalformedError(
                "METER_BAD_LENGTH",
                f"Fare parameters have {FARE_BYTES} bytes, here are {len(parameters)}.",
                "Compare what two reads of fare parameters gave.",
            )
    return [
        FareDifference(field.name, _value(field, old), _value(field, new))
        for field in FARE_FIELDS
        if _raw(field, old) != _raw(field, new)
    ]


def _raw(field: FieldPlace, parameters: bytes) -> bytes:
    return parameters[field.offset : field.offset + field.size]


def _value(field: FieldPlace, parameters: bytes) -> FareValue:
    try:
        value: FareValue = FARE_PARAMETERS.parse_field(field, parameters)
    except MalformedError:
        return _raw(field, parameters)
    return value
