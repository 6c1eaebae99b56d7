"""`sealkit meter`: outputs and exit statuses, through the command's own entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sealkit_simulator.taximeter import Taximeter
from sealkit_tools.main import run

Device = Callable[[bytes], bytes]
Serve = Callable[[Device], str]

TRIP_END = (
    "55AA0046020000E84141333333330000000000000000000000000000000034323130383331393838303930363031"
    "31580023072619411941000001056700000000000000800000000C002255AA"
)


def decoded(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    status = run(["meter", "decode", *arguments, "--json"])
    output: dict[str, Any] = json.loads(capsys.readouterr().out)
    return status, output


def test_a_frame_is_explained_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    status, told = decoded(capsys, TRIP_END)
    assert status == 0
    assert list(told) == ["schema", "frame", "body"]
    assert told["schema"] == "sealkit.meter.frame/1"
    assert told["body"]["amount_fen"] == 800
    assert told["body"]["on_time"] == "2023-07-26T19:41:00"


@pytest.mark.parametrize("given", [TRIP_END.lower(), f" {TRIP_END[:4]} {TRIP_END[4:]}\n"])
def test_hex_may_be_written_in_either_case_and_with_spaces(
    capsys: pytest.CaptureFixture[str], given: str
) -> None:
    assert decoded(capsys, given)[0] == 0


def test_a_frame_is_explained_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["meter", "decode", TRIP_END]) == 0
    shown = capsys.readouterr().out
    for words in ("a trip ends", "AA3333", "0.10 km", "56.70 km", "8.00 yuan", "0 (cash)"):
        assert words in shown


@pytest.mark.parametrize("given", ["zz", "55A", "", " ", "0x55AA"])
def test_what_is_not_hex(capsys: pytest.CaptureFixture[str], given: str) -> None:
    status, told = decoded(capsys, given)
    assert told["schema"] == "sealkit.error/1"
    assert (status, told["error"]["code"]) == (2, "NOT_HEX")
    assert told["error"]["remedy"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (TRIP_END.replace("2255AA", "2355AA"), "METER_BAD_CHECK"),
        (TRIP_END.replace("55AA0046", "55AA0047"), "METER_BAD_LENGTH"),
        (TRIP_END[:-2], "METER_BAD_LENGTH"),
        (TRIP_END + "00", "METER_TRAILING_BYTES"),
        (TRIP_END[2:], "METER_NO_START"),
        # The amount's digit 8 becomes A; the check is made good for it.
        (TRIP_END.replace("800000000C0022", "A00000000C0002"), "METER_NOT_BCD"),
    ],
)
def test_a_damaged_frame(capsys: pytest.CaptureFixture[str], given: str, code: str) -> None:
    status, told = decoded(capsys, given)
    assert (status, told["error"]["code"]) == (7, code)
    assert told["error"]["message"]
    assert told["error"]["remedy"]


def test_a_meter_is_read_for_programs(capsys: pytest.CaptureFixture[str], serve: Serve) -> None:
    meter = Taximeter()
    meter.set_parameter("day_one_way_price_fen_per_km", "450")
    spec = serve(meter.terminal_line.receive)
    assert run(["meter", "read", spec, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "sealkit.meter.read/1"
    assert told["spec"] == spec
    assert told["status"]["device_number"] == "0102004711"
    assert told["status"]["work_state_meaning"] == "signed on"
    assert told["fare_parameters"]["day_one_way_price_fen_per_km"] == 450
    assert told["fare_parameters"]["night_start"] == "23:00"
    assert told["fare_raw"][18:22] == "0450"


def test_a_meter_is_read_for_people(capsys: pytest.CaptureFixture[str], serve: Serve) -> None:
    assert run(["meter", "read", serve(Taximeter().terminal_line.receive)]) == 0
    shown = capsys.readouterr().out
    for words in ("0102004711", "AX7319", "4.05 yuan/km", "14.00 yuan", "3.00 km", "23:00"):
        assert words in shown
    assert "…" not in shown


@pytest.mark.parametrize(
    ("device", "status", "code"),
    [(lambda data: b"", 5, "METER_SILENT"), (lambda data: b"login: ", 7, "METER_BABBLES")],
)
def test_a_device_that_is_no_meter(
    capsys: pytest.CaptureFixture[str], serve: Serve, device: Device, status: int, code: str
) -> None:
    asked = ["meter", "read", serve(device), "--timeout", "0.1", "--retries", "0", "--json"]
    assert run(asked) == status
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_no_device(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["meter", "read", "serial:/dev/no-such-port", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["remedy"]
