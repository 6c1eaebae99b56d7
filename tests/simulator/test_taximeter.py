"""The simulated taximeter: what it answers, how it is tampered with, what survives a restart."""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError, UsageError
from sealkit.meter import layouts
from sealkit.meter.commands import Command
from sealkit.meter.decode import describe
from sealkit.meter.frames import Frame, decode_frame, encode_frame
from sealkit_simulator.taximeter import SHANGHAI_FARE, STORED_TRIPS, Taximeter

NOW = bytes.fromhex("20250603120000")


def request(command: int, data: bytes = b"") -> bytes:
    return encode_frame(Frame(0x02, 0x00, command, data))


def ask(meter: Taximeter, command: int, data: bytes = b"") -> bytes:
    """The data of the meter's answer on the line to the terminal."""
    answer = decode_frame(meter.terminal_line.receive(request(command, data)))
    assert (answer.device_type, answer.command) == (0x02, command)
    return answer.data


def test_it_tells_its_status() -> None:
    meter = Taximeter()
    assert layouts.STATUS.parse(ask(meter, Command.STATUS, NOW)) == meter.status


def test_it_tells_its_fare_parameters() -> None:
    assert layouts.FARE_PARAMETERS.parse(ask(Taximeter(), Command.READ_FARE)) == SHANGHAI_FARE


def test_it_tells_the_trips_it_has_stored() -> None:
    meter = Taximeter()
    for trip in STORED_TRIPS:
        number = trip.trip_number.to_bytes(4, "big")
        assert layouts.TRIP_RECORD.parse(ask(meter, Command.READ_TRIP, number)) == trip
    assert ask(meter, Command.READ_TRIP, bytes(4)) == b""


def test_its_clock_can_be_set_to_times_only() -> None:
    meter = Taximeter()
    assert ask(meter, Command.SET_CLOCK, NOW) == b"\x90"
    assert meter.clock == datetime(2025, 6, 3, 12)
    assert ask(meter, Command.SET_CLOCK, bytes.fromhex("20251303120000")) == b"\xff"
    assert ask(meter, Command.SET_CLOCK, b"\x20") == b"\xff"
    assert meter.clock == datetime(2025, 6, 3, 12)


def test_new_fare_parameters_are_taken_checked_and_recognised() -> None:
    meter = Taximeter()
    new = bytearray(layouts.FARE_PARAMETERS.build(SHANGHAI_FARE))
    new[9:11] = b"\x09\x99"
    enabled = bytes.fromhex("2024030100")
    assert ask(meter, Command.SET_FARE, bytes(new)) == b"\x00" + enabled
    assert meter.fare.day_one_way_price_fen_per_km == 999
    assert ask(meter, Command.SET_FARE, bytes(new)) == b"\x02" + enabled
    new[9] = 0xAA
    assert ask(meter, Command.SET_FARE, bytes(new)) == b"\x01" + enabled
    assert ask(meter, Command.READ_FARE)[9:11] == b"\x09\x99"


@pytest.mark.parametrize(
    "unanswered",
    [
        request(0x0100),
        request(Command.HEARTBEAT, bytes(10)),
        request(Command.STATUS, NOW[:-1]),
        request(Command.READ_FARE, b"\x00"),
        request(Command.READ_TRIP, b"\x00"),
        encode_frame(Frame(0x03, 0x00, Command.READ_FARE)),
        request(Command.READ_FARE)[:-1],
    ],
)
def test_what_is_no_request_to_it_is_not_answered(unanswered: bytes) -> None:
    assert Taximeter().terminal_line.receive(unanswered) == b""


def test_its_two_lines_do_not_mix() -> None:
    meter = Taximeter()
    asked = request(Command.READ_FARE)
    assert meter.terminal_line.receive(asked[:5]) == b""
    assert decode_frame(meter.seal_line.receive(asked)).command == Command.READ_FARE
    assert decode_frame(meter.terminal_line.receive(asked[5:])).command == Command.READ_FARE


def test_requests_sent_together_are_answered_in_order() -> None:
    meter = Taximeter()
    both = meter.seal_line.receive(request(Command.READ_FARE) + request(Command.STATUS, NOW))
    fare, status = both[:138], both[138:]
    assert decode_frame(fare).command == Command.READ_FARE
    assert decode_frame(status).command == Command.STATUS


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_garbage_neither_stops_it_nor_is_answered_beyond_one_frame(noise: list[bytes]) -> None:
    meter = Taximeter()
    for piece in noise:
        meter.terminal_line.receive(piece)
    meter.terminal_line.receive(bytes(138))
    assert len(ask(meter, Command.READ_FARE)) == 127


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("day_one_way_price_fen_per_km", "450", 450),
        ("night_start", "22:30", time(22, 30)),
        ("enable_time", "2025-07-01T00:00", datetime(2025, 7, 1)),
        ("vendor_area", "00" * 63 + "01", bytes(63) + b"\x01"),
        ("continuation_distance_m", "480", 480),
    ],
)
def test_every_fare_parameter_can_be_tampered_with(name: str, text: str, value: Any) -> None:
    meter = Taximeter()
    meter.set_parameter(name, text)
    told = layouts.FARE_PARAMETERS.parse(ask(meter, Command.READ_FARE))
    assert getattr(told, name) == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("plate", "BZ0001", "BZ0001"),
        ("software_version", "2.8", "2.8"),
        ("software_minor", "9", 9),
        ("device_number", "0199999999", "0199999999"),
        ("total_trips", "5", 5),
    ],
)
def test_what_it_says_of_itself_can_be_tampered_with(name: str, text: str, value: Any) -> None:
    meter = Taximeter()
    meter.set_parameter(name, text)
    told = layouts.STATUS.parse(ask(meter, Command.STATUS, NOW))
    assert getattr(told, name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("price", "450"),
        ("", ""),
        ("day_flag_fall_fen", "14.00"),
        ("day_flag_fall_fen", "10000"),
        ("day_flag_fall_fen", "-1"),
        ("flag_fall_distance_m", "3005"),
        ("night_start", "24:00:01"),
        ("night_start", "23:00:30"),
        ("enable_time", "2025-07-01T00:30"),
        ("enable_time", "soon"),
        ("reserved", "00"),
        ("plate", "A123456"),
        ("plate", "沪A1234"),
        ("software_version", "2"),
        ("software_version", "2.256"),
        ("device_number", "47"),
        ("device_number", "01020047AB"),
    ],
)
def test_bad_tampering_is_refused_and_changes_nothing(name: str, text: str) -> None:
    meter = Taximeter()
    before = meter.snapshot()
    with pytest.raises(UsageError) as refused:
        meter.set_parameter(name, text)
    assert refused.value.remedy
    assert meter.snapshot() == before


def test_another_meter_in_its_place_has_another_number() -> None:
    meter = Taximeter()
    meter.replace("0102009999")
    told = layouts.STATUS.parse(ask(meter, Command.STATUS, NOW))
    assert told.device_number == "0102009999"


def test_a_silent_meter_says_nothing_until_it_speaks_again() -> None:
    meter = Taximeter()
    meter.set_silent(True)
    assert meter.terminal_line.receive(request(Command.READ_FARE)) == b""
    assert meter.heartbeat() == b""
    meter.set_silent(False)
    assert ask(meter, Command.READ_FARE)


def test_its_heartbeat_is_one_of_the_standard() -> None:
    told = describe(Taximeter().heartbeat())
    assert told["frame"]["meaning"] == "heartbeat"
    assert told["frame"]["direction"] == "meter_to_terminal"
    assert told["body"]["state_meaning"] == "signed on"


def test_its_state_survives_as_json() -> None:
    meter = Taximeter()
    meter.set_parameter("day_one_way_price_fen_per_km", "450")
    meter.set_parameter("plate", "BZ0001")
    meter.set_silent(True)
    restored = Taximeter.from_snapshot(json.loads(json.dumps(meter.snapshot())))
    assert restored.snapshot() == meter.snapshot()
    assert (restored.status, restored.fare, restored.trips) == (
        meter.status,
        meter.fare,
        meter.trips,
    )
    assert restored.silent


@pytest.mark.parametrize(
    "damage",
    [
        {"schema": "other/1"},
        {"fare": "00"},
        {"fare": "xy"},
        {"status": None},
        {"trips": 3},
        {"trips": ["00"]},
    ],
)
def test_a_damaged_state_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(MalformedError) as refused:
        Taximeter.from_snapshot(Taximeter().snapshot() | damage)
    assert refused.value.code == "METER_BAD_SNAPSHOT"
