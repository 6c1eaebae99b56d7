"""Frames explained: the published ones field by field, all others without surprises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError
from sealkit.meter.commands import EXCHANGES, Command
from sealkit.meter.decode import describe
from sealkit.meter.frames import MAX_DATA_BYTES, Frame, encode_frame

TRIP_END = bytes.fromhex(
    "55AA0046020000E84141333333330000000000000000000000000000000034323130383331393838303930363031"
    "31580023072619411941000001056700000000000000800000000C002255AA"
)


def described(hexadecimal: str) -> dict[str, Any]:
    return describe(bytes.fromhex(hexadecimal))


def test_the_published_status_request() -> None:
    assert described("55AA000B02000000201111111111112955AA") == {
        "schema": "sealkit.meter.frame/1",
        "frame": {
            "device_type": 2,
            "device": "taximeter",
            "vendor": 0,
            "command": "0000",
            "meaning": "status",
            "direction": "terminal_to_meter",
            "data": "20111111111111",
        },
        "body": {"time": "2011-11-11T11:11:11"},
    }


def test_the_published_trip() -> None:
    told = describe(TRIP_END)
    assert told["frame"]["command"] == "00E8"
    assert told["frame"]["direction"] == "meter_to_terminal"
    assert told["body"] == {
        "plate": "AA3333",
        "company_licence": "",
        "driver_certificate": "42108319880906011X",
        "on_time": "2023-07-26T19:41:00",
        "off_time": "19:41",
        "metered_distance_m": 100,
        "empty_distance_m": 56_700,
        "surcharge_fen": 0,
        "waiting_minutes": 0,
        "amount_fen": 800,
        "trip_number": 12,
        "payment": 0,
        "payment_meaning": "cash",
        "city_data": "",
    }


@pytest.mark.parametrize(
    ("frame", "direction", "body"),
    [
        ("55AA0004020000040255AA", "terminal_to_meter", {}),
        (
            "55AA000B020000E720171208104455C255AA",
            "meter_to_terminal",
            {"time": "2017-12-08T10:44:55"},
        ),
        (
            "55AA0005020000E7907055AA",
            "terminal_to_meter",
            {"result": 0x90, "result_meaning": "done"},
        ),
        ("55AA0008020000060000003B3755AA", "terminal_to_meter", {"trip_number": 59}),
    ],
)
def test_the_constructed_frames(frame: str, direction: str, body: dict[str, Any]) -> None:
    told = described(frame)
    assert told["frame"]["direction"] == direction
    assert told["body"] == body


@pytest.mark.parametrize("command", list(Command))
def test_no_size_of_a_command_is_both_request_and_reply(command: Command) -> None:
    exchange = EXCHANGES[command]
    for size in range(MAX_DATA_BYTES + 1):
        fitting = [layout for layout in (exchange.request, *exchange.replies) if layout.fits(size)]
        assert len(fitting) <= 1


@pytest.mark.parametrize(
    ("command", "data", "direction"),
    [
        (0x0006, b"", "meter_to_terminal"),
        (0x0006, TRIP_END[8:-3], "meter_to_terminal"),
        (0x00E9, bytes(36), "meter_to_terminal"),
        (0x00E9, bytes(10), "terminal_to_meter"),
        (0x00E4, bytes(90), "meter_to_terminal"),
        (0x00E0, b"\x90", "meter_to_terminal"),
        (0x00E0, bytes(57), "terminal_to_meter"),
        (0x00FF, bytes(4), "terminal_to_meter"),
    ],
)
def test_size_tells_the_direction(command: int, data: bytes, direction: str) -> None:
    told = describe(encode_frame(Frame(2, 1, command, data)))
    assert told["frame"]["direction"] == direction
    assert "raw" not in told["body"]


@pytest.mark.parametrize(
    "frame",
    [
        Frame(2, 9, 0x1234, b"\x01\x02"),
        Frame(2, 9, 0x00AA, b"\x01\x02"),
        Frame(3, 9, 0x0000, b"\x01\x02"),
        # What answers 00E1 is known to nobody we could ask.
        Frame(2, 9, 0x00E1, b"\x01\x02"),
    ],
)
def test_what_the_tables_do_not_have_stays_raw(frame: Frame) -> None:
    told = describe(encode_frame(frame))
    assert told["body"] == {"raw": "0102"}
    assert told["frame"]["direction"] is None


def test_a_body_of_no_size_of_its_command_is_refused() -> None:
    with pytest.raises(MalformedError) as refused:
        describe(encode_frame(Frame(2, 0, 0x0004, bytes(126))))
    assert refused.value.code == "METER_BAD_LENGTH"


def test_digits_that_are_none_are_refused() -> None:
    with pytest.raises(MalformedError) as refused:
        describe(encode_frame(Frame(2, 0, 0x00E8, TRIP_END[8:-3][:58] + b"\x0a" + bytes(7))))
    assert refused.value.code == "METER_NOT_BCD"


@given(
    st.builds(
        Frame,
        device_type=st.sampled_from([2, 2, 2, 3]),
        vendor=st.just(0),
        command=st.sampled_from([*Command, 0x0100]),
        data=st.sampled_from([0, 1, 4, 6, 7, 9, 10, 36, 52, 55, 57, 66, 70, 90, 127]).flatmap(
            lambda size: (
                st.lists(
                    st.sampled_from([0x00, 0x01, 0x12, 0x20, 0x59, 0x90, 0xFF]),
                    min_size=size,
                    max_size=size,
                ).map(bytes)
                | st.just(bytes(size))
            )
        ),
    )
)
def test_any_frame_is_explained_in_json_or_refused(frame: Frame) -> None:
    try:
        told = describe(encode_frame(frame))
    except MalformedError:
        return
    assert json.loads(json.dumps(told)) == told
