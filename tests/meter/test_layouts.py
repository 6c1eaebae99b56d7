"""Layouts: exact inverses, the tables' offsets and units, refusals that name the field."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError, UsageError
from sealkit.meter import bodies, layouts
from sealkit.meter.fields import Layout

ALL = [value for value in vars(layouts).values() if isinstance(value, Layout)]

FARE = bytes.fromhex(
    "2024030100"
    "0270 0351 0405 0527 0406 0528 1400 1800"
    "0050 0300 1500 1600"
    "0271 0352 0130 0400 2300 0500" + "AB" * 22 + "CD" * 64
)


def bcd(size: int, step: int = 1) -> st.SearchStrategy[int]:
    return st.integers(0, 10 ** (2 * size) - 1).map(lambda digits: digits * step)


def text(size: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=size)


def moment(**zeroed: int) -> st.SearchStrategy[datetime | None]:
    whole = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23))
    return st.none() | whole.map(lambda found: found.replace(microsecond=0, **zeroed))


TO_HOUR = moment(minute=0, second=0)
TO_MINUTE = moment(second=0)
SHORT = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(
    lambda found: found.replace(second=0, microsecond=0)
)
TIME_OF_DAY = st.times().map(lambda found: found.replace(second=0, microsecond=0))
U8, U16, U32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
DURATION = st.integers(0, 99 * 60 + 59)
WHO = {"company_licence": text(16), "driver_certificate": text(19)}

VALUES: dict[str, tuple[Layout[Any], st.SearchStrategy[Any]]] = {
    "empty": (layouts.EMPTY, st.just(bodies.Empty())),
    "clock time": (layouts.CLOCK_TIME, st.builds(bodies.ClockTime, moment())),
    "result": (layouts.RESULT, st.builds(bodies.Result, U8)),
    "T1": (
        layouts.STATUS,
        st.builds(
            bodies.MeterStatus,
            device_number=st.text("0123456789", min_size=10, max_size=10),
            hardware_version=bcd(1),
            software_main=U8,
            software_minor=U8,
            device_state=U8,
            work_state=U8,
            plate=text(6),
            total_trips=U32,
            **WHO,
        ),
    ),
    "T2": (
        layouts.FARE_PARAMETERS,
        st.builds(
            bodies.FareParameters,
            TO_HOUR,
            *[bcd(2)] * 8,
            *[bcd(2, 10)] * 4,
            *[bcd(2)] * 2,
            *[DURATION] * 2,
            *[TIME_OF_DAY] * 2,
            st.binary(min_size=22, max_size=22),
            st.binary(min_size=64, max_size=64),
        ),
    ),
    "fare set reply": (layouts.FARE_SET_REPLY, st.builds(bodies.FareSetReply, U8, TO_HOUR)),
    "trip request": (layouts.TRIP_REQUEST, st.builds(bodies.TripRequest, U32)),
    "T3": (
        layouts.TRIP_RECORD,
        st.builds(
            bodies.TripRecord,
            plate=text(6),
            on_time=SHORT,
            off_time=TIME_OF_DAY,
            metered_distance_m=bcd(3, 100),
            empty_distance_m=bcd(2, 100),
            surcharge_fen=bcd(3, 10),
            waiting_minutes=DURATION,
            amount_fen=bcd(3, 10),
            trip_number=U32,
            payment=U8,
            city_data=st.binary(max_size=958),
            **WHO,
        ),
    ),
    "sign request": (layouts.SIGN_REQUEST, st.builds(bodies.SignRequest, U8)),
    "T4": (
        layouts.SIGN_REPLY,
        st.builds(
            bodies.SignReply,
            plate=text(6),
            card_time=TO_MINUTE,
            terminal_state=U16,
            time_limit=TO_HOUR,
            count_limit=bcd(2),
            result=U8,
            **WHO,
        ),
    ),
    "T5": (
        layouts.SIGNED_ON,
        st.builds(
            bodies.SignedOn,
            plate=text(6),
            on_time=TO_MINUTE,
            total_trips=U32,
            result=U8,
            **WHO,
        ),
    ),
    "T6": (
        layouts.SIGNED_OFF,
        st.builds(
            bodies.SignedOff,
            plate=text(6),
            k_pulses_per_km=bcd(2),
            shift_on_time=TO_MINUTE,
            shift_off_time=TO_MINUTE,
            shift_distance_m=bcd(3, 100),
            hired_distance_m=bcd(3, 100),
            trips=bcd(2),
            timed_s=st.integers(0, 99 * 3600 + 3599),
            total_amount_fen=bcd(3, 10),
            card_amount_fen=bcd(3, 10),
            card_trips=bcd(2),
            distance_between_shifts_m=bcd(2, 100),
            lifetime_distance_m=bcd(4, 100),
            lifetime_hired_distance_m=bcd(4, 100),
            unit_price_fen_per_km=bcd(2),
            lifetime_trips=U32,
            **WHO,
        ),
    ),
    "T7": (layouts.HEARTBEAT, st.builds(bodies.Heartbeat, state=U8, **WHO)),
    "T8": (
        layouts.HEARTBEAT_REPLY,
        st.builds(bodies.HeartbeatReply, U16, TO_HOUR, U8, st.binary(min_size=1, max_size=3)),
    ),
    "upgrade": (layouts.UPGRADE_REQUEST, st.builds(bodies.UpgradeRequest, U8, U8, U8, U8)),
}

SIZES = {
    "empty": 0,
    "clock time": 7,
    "result": 1,
    "T1": 55,
    "T2": 127,
    "fare set reply": 6,
    "trip request": 4,
    "T3": 66,
    "sign request": 1,
    "T4": 57,
    "T5": 52,
    "T6": 90,
    "T7": 36,
    "T8": 9,
    "upgrade": 4,
}


@pytest.mark.parametrize("name", VALUES)
def test_every_layout_has_the_size_of_its_table(name: str) -> None:
    layout, _ = VALUES[name]
    assert layout.fits(SIZES[name])
    assert not layout.fits(SIZES[name] - 1)
    assert sum(field.size for field in layout.fields) in (SIZES[name], SIZES[name] - 1)


def test_no_layout_goes_untested() -> None:
    assert {id(layout) for layout in ALL} == {id(layout) for layout, _ in VALUES.values()}


@pytest.mark.parametrize("name", VALUES)
@given(st.data())
def test_a_value_parses_back_to_itself(name: str, data: st.DataObject) -> None:
    layout, values = VALUES[name]
    value = data.draw(values)
    assert layout.parse(layout.build(value)) == value


@pytest.mark.parametrize("name", VALUES)
@given(st.data())
def test_any_bytes_build_back_to_themselves_or_are_refused(name: str, data: st.DataObject) -> None:
    layout, values = VALUES[name]
    raw = bytearray(layout.build(data.draw(values)))
    for at in data.draw(st.lists(st.integers(0, max(len(raw) - 1, 0)), max_size=3)):
        if raw:
            raw[at] = data.draw(st.integers(0, 255))
    try:
        parsed = layout.parse(bytes(raw))
    except MalformedError:
        return
    assert layout.build(parsed) == raw


@pytest.mark.parametrize("name", VALUES)
@given(st.binary(max_size=130))
def test_arbitrary_bytes_raise_only_the_librarys_errors(name: str, raw: bytes) -> None:
    layout, _ = VALUES[name]
    try:
        parsed = layout.parse(raw)
    except MalformedError:
        return
    assert layout.build(parsed) == raw


def test_the_fare_parameters_field_by_field() -> None:
    fare = layouts.FARE_PARAMETERS.parse(FARE)
    assert fare == bodies.FareParameters(
        enable_time=datetime(2024, 3, 1, 0),
        day_round_trip_price_fen_per_km=270,
        night_round_trip_price_fen_per_km=351,
        day_one_way_price_fen_per_km=405,
        night_one_way_price_fen_per_km=527,
        day_second_empty_price_fen_per_km=406,
        night_second_empty_price_fen_per_km=528,
        day_flag_fall_fen=1400,
        night_flag_fall_fen=1800,
        continuation_distance_m=500,
        flag_fall_distance_m=3000,
        one_way_distance_m=15000,
        second_empty_distance_m=16000,
        day_waiting_price_fen=271,
        night_waiting_price_fen=352,
        free_waiting_s=90,
        price_increment_time_s=240,
        night_start=time(23, 0),
        night_end=time(5, 0),
        reserved=b"\xab" * 22,
        vendor_area=b"\xcd" * 64,
    )
    assert layouts.FARE_PARAMETERS.build(fare) == FARE


def offsets(layout: Layout[Any]) -> dict[str, int]:
    return {field.name: field.offset for field in layout.fields}


def test_the_offsets_of_the_tables() -> None:
    assert list(offsets(layouts.STATUS).values()) == [0, 5, 6, 7, 8, 9, 10, 16, 32, 51]
    assert list(offsets(layouts.FARE_PARAMETERS).values()) == [
        0,
        *range(5, 42, 2),
        63,
    ]
    assert list(offsets(layouts.TRIP_RECORD).values()) == [
        *(0, 6, 22, 41, 46, 48, 51, 53, 56, 58, 61, 65, 66)
    ]
    assert list(offsets(layouts.SIGN_REPLY).values()) == [0, 16, 35, 41, 47, 49, 54, 56]
    assert list(offsets(layouts.SIGNED_ON).values()) == [0, 16, 35, 41, 47, 51]
    assert list(offsets(layouts.SIGNED_OFF).values()) == [
        *(0, 16, 35, 41, 43, 49, 55, 58, 61, 63, 66, 69, 72, 74, 76, 80, 84, 86)
    ]


def altered(data: bytes, offset: int, new: str) -> bytes:
    raw = bytes.fromhex(new)
    return data[:offset] + raw + data[offset + len(raw) :]


@pytest.mark.parametrize(
    ("offset", "new", "code", "field"),
    [
        (7, "03A1", "METER_NOT_BCD", "night_round_trip_price_fen_per_km"),
        (0, "2024130100", "METER_BAD_TIME", "enable_time"),
        (0, "2023022900", "METER_BAD_TIME", "enable_time"),
        (0, "202403010F", "METER_NOT_BCD", "enable_time"),
        (33, "0060", "METER_BAD_TIME", "free_waiting_s"),
        (37, "2400", "METER_BAD_TIME", "night_start"),
        (39, "0560", "METER_BAD_TIME", "night_end"),
    ],
)
def test_a_bad_field_is_named(offset: int, new: str, code: str, field: str) -> None:
    with pytest.raises(MalformedError) as refused:
        layouts.FARE_PARAMETERS.parse(altered(FARE, offset, new))
    assert refused.value.code == code
    assert field in refused.value.message


@pytest.mark.parametrize("plate", ["1B5B32", "410042", "C2E9"])
def test_text_that_a_terminal_would_act_on_is_refused(plate: str) -> None:
    with pytest.raises(MalformedError) as refused:
        layouts.TRIP_RECORD.parse(altered(bytes(66), 0, plate))
    assert refused.value.code == "METER_BAD_TEXT"


def test_a_time_of_zeros_is_none() -> None:
    fare = layouts.FARE_PARAMETERS.parse(altered(FARE, 0, "0000000000"))
    assert fare.enable_time is None
    assert layouts.FARE_PARAMETERS.build(fare)[:5] == bytes(5)


@pytest.mark.parametrize("size", [9, 10, 11])
def test_the_heartbeats_answer_is_read_in_all_sizes_that_are_met(size: int) -> None:
    reply = layouts.HEARTBEAT_REPLY.parse(
        bytes.fromhex("0001 2025060300 07".replace(" ", "")) + bytes(size - 8)
    )
    assert reply == bodies.HeartbeatReply(1, datetime(2025, 6, 3, 0), 7, bytes(size - 8))


def test_the_heartbeats_answer_is_sent_in_ten_bytes() -> None:
    assert len(layouts.HEARTBEAT_REPLY.build(bodies.HeartbeatReply(0, None, 0))) == 10


TRIP = bodies.TripRecord(
    "A12345", "", "", datetime(2025, 6, 3, 8, 12), time(8, 21), 2600, 1300, 0, 0, 1400, 7, 0
)


@pytest.mark.parametrize(
    "values",
    [
        {"plate": "A123456"},
        {"plate": "沪A1234"},
        {"plate": "A\0"},
        {"on_time": datetime(1999, 12, 31)},
        {"on_time": datetime(2025, 6, 3, 8, 12, 30)},
        {"off_time": time(8, 21, 5)},
        {"metered_distance_m": 2650},
        {"metered_distance_m": -100},
        {"metered_distance_m": 100_000_000},
        {"metered_distance_m": 2600.0},
        {"waiting_minutes": 6000},
        {"waiting_minutes": -1},
        {"trip_number": 2**32},
        {"payment": "cash"},
        {"city_data": bytes(959)},
    ],
)
def test_a_value_that_its_field_cannot_hold_is_not_built(values: dict[str, Any]) -> None:
    assert layouts.TRIP_RECORD.parse(layouts.TRIP_RECORD.build(TRIP)) == TRIP
    with pytest.raises(UsageError) as refused:
        layouts.TRIP_RECORD.build(replace(TRIP, **values))
    assert refused.value.code == "METER_BAD_VALUE"


def test_every_byte_of_the_fare_parameters_has_a_name() -> None:
    names = [layouts.fare_field_at(offset) for offset in range(127)]
    assert names[5] == "day_round_trip_price_fen_per_km"
    assert names[25] == names[26] == "one_way_distance_m"
    assert names[41] == names[62] == "reserved"
    assert names[63] == names[126] == "vendor_area"
    for outside in (-1, 127):
        with pytest.raises(UsageError):
            layouts.fare_field_at(outside)


def test_differences_name_the_parameters_with_old_and_new_values() -> None:
    changed = altered(altered(FARE, 9, "0499"), 37, "2200")
    assert layouts.fare_differences(FARE, changed) == [
        ("day_one_way_price_fen_per_km", 405, 499),
        ("night_start", time(23, 0), time(22, 0)),
    ]
    assert layouts.fare_differences(FARE, FARE) == []


def test_differences_show_what_no_longer_parses_as_bytes() -> None:
    changed = altered(FARE, 17, "1ABC")
    assert layouts.fare_differences(FARE, changed) == [("day_flag_fall_fen", 1400, b"\x1a\xbc")]


def test_differences_want_whole_parameters() -> None:
    with pytest.raises(MalformedError) as refused:
        layouts.fare_differences(FARE, FARE[:-1])
    assert refused.value.code == "METER_BAD_LENGTH"


@given(st.binary(min_size=127, max_size=127), st.binary(min_size=127, max_size=127))
def test_no_difference_is_missed(old: bytes, new: bytes) -> None:
    named = [difference.name for difference in layouts.fare_differences(old, new)]
    differing = (layouts.fare_field_at(at) for at in range(127) if old[at] != new[at])
    assert named == list(dict.fromkeys(differing))
