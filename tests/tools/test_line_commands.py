"""`sealkit meter ask`, `record`, `frames` and profiles, through the command's own entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealkit.meter.frames import Frame, FrameDecoder, encode_frame
from sealkit_tools.main import run

Device = Callable[[bytes], bytes]
Serve = Callable[[Device], str]

PROFILE = str(Path(__file__).parents[2] / "docs" / "meter-profile-example.toml")
K_REPLY = encode_frame(Frame(2, 0x11, 0x1001, bytes.fromhex("901024")))
HEARTBEAT = encode_frame(Frame(2, 0x11, 0x00E9, b"\x02" + bytes(35)))
ODD_CLOCK = encode_frame(Frame(2, 0, 0x0001, bytes.fromhex("20250230250000")))


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    status = run(["meter", *arguments, "--json"])
    output: dict[str, Any] = json.loads(capsys.readouterr().out)
    return status, output


def meter() -> Device:
    """A meter of the example profile: its K can be read, and set with a password."""
    decoder, k = FrameDecoder(), bytes.fromhex("1024")

    def receive(data: bytes) -> bytes:
        nonlocal k
        said = b""
        for frame in decoder.feed(data):
            if frame.command == 0x1001:
                reply = b"\x90" + k
            else:
                k, password = frame.data[:2], frame.data[2:]
                reply = b"\x90" if password == b"secret\0\0" else b"\xff"
            said += encode_frame(Frame(2, 0x11, frame.command, reply))
        return said

    return receive


def test_a_makers_command_is_asked(capsys: pytest.CaptureFixture[str], serve: Serve) -> None:
    spec = serve(meter())
    given = (spec, "set_k", "k=1030", "password=secret", "--profile", PROFILE)
    assert told(capsys, "ask", *given)[0] == 0
    status, output = told(capsys, "ask", spec, "read_k", "--profile", PROFILE)
    assert status == 0
    assert output == {
        "schema": "sealkit.meter.ask/1",
        "spec": spec,
        "command": "read_k",
        "reply": {"result": 0x90, "result_meaning": "done", "k": 1030, "k_unit": "pulses/km"},
    }
    assert run(["meter", "ask", spec, "read_k", "--profile", PROFILE, "--baud", "19200"]) == 0
    shown = capsys.readouterr().out
    assert "1030 pulses/km" in shown
    assert "144 (done)" in shown


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (("read_q",), 2, "METER_NO_SUCH_COMMAND"),
        (("read_k", "k=1"), 2, "METER_WRONG_FIELDS"),
        (("set_k", "k"), 2, "METER_WRONG_FIELDS"),
        (("set_k", "k=1", "k=1"), 2, "METER_WRONG_FIELDS"),
        (("set_k", "k=x", "password=y"), 2, "METER_BAD_VALUE"),
        (("read_k", "--profile", PROFILE), 7, "METER_PROFILE_DUPLICATE"),
        (("read_k", "--profile", "no-such-file"), 3, "METER_PROFILE_UNREADABLE"),
    ],
)
def test_what_cannot_be_asked_opens_no_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, code: str
) -> None:
    given = ("ask", "serial:/dev/no-such-port", *arguments, "--profile", PROFILE)
    found, output = told(capsys, *given)
    assert (found, output["error"]["code"]) == (status, code)
    assert output["error"]["remedy"]


def test_a_frame_is_explained_by_a_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "decode", K_REPLY.hex())[1]["body"] == {"raw": "901024"}
    output = told(capsys, "decode", K_REPLY.hex(), "--profile", PROFILE)[1]
    assert output["frame"]["meaning"] == "read K"
    assert output["body"]["k"] == 1024
    assert run(["meter", "decode", K_REPLY.hex(), "--profile", PROFILE]) == 0
    assert "1024 pulses/km" in capsys.readouterr().out


def test_the_frames_of_a_capture_are_listed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = str(tmp_path / "capture")
    lines = [
        {"schema": "sealkit.meter.capture/1", "started": "2025-06-03T12:00:00"},
        {"at_us": 1_500_000, "direction": None, "bytes": (b"noise" + HEARTBEAT[:20]).hex()},
        {"at_us": 1_520_000, "direction": None, "bytes": (HEARTBEAT[20:] + K_REPLY).hex()},
        {"at_us": 2_000_000, "direction": "terminal_to_meter", "bytes": ODD_CLOCK.hex()},
    ]
    Path(file).write_text("".join(json.dumps(line) + "\n" for line in lines))
    status, output = told(capsys, "frames", file, "--profile", PROFILE)
    assert (status, output["schema"], output["bytes"]) == (
        0,
        "sealkit.meter.frames/1",
        5 + len(HEARTBEAT + K_REPLY + ODD_CLOCK),
    )
    assert [
        (one["at_us"], one["direction"], one["meaning"], one["problem"]) for one in output["frames"]
    ] == [
        (1_520_000, "meter_to_terminal", "heartbeat", None),
        (1_520_000, "meter_to_terminal", "read K", None),
        (2_000_000, "terminal_to_meter", None, "METER_BAD_TIME"),
    ]
    assert output["frames"][1]["body"]["k"] == 1024
    assert run(["meter", "frames", file]) == 0
    shown = capsys.readouterr().out
    for words in ("1.520", "heartbeat", "METER_BAD_TIME", "terminal"):
        assert words in shown


def test_recording_ends_in_time_and_writes_over_nothing(
    capsys: pytest.CaptureFixture[str], serve: Serve, tmp_path: Path
) -> None:
    file = str(tmp_path / "capture")
    spec = serve(lambda data: b"")
    given = ("record", spec, file, "--seconds", "0.2")
    assert told(capsys, *given) == (
        0,
        {
            "schema": "sealkit.meter.record/1",
            "spec": spec,
            "file": file,
            "bytes": 0,
            "pieces": 0,
            "full": False,
        },
    )
    status, output = told(capsys, *given)
    assert (status, output["error"]["code"]) == (4, "CAPTURE_UNWRITABLE")


def test_two_wires_are_recorded(
    capsys: pytest.CaptureFixture[str], serve: Serve, tmp_path: Path
) -> None:
    file = str(tmp_path / "capture")
    meters, terminals = serve(lambda data: b""), serve(lambda data: b"")
    given = ["meter", "record", meters, file, "--terminal", terminals, "--seconds", "0.2"]
    assert run([*given, "--baud", "19200"]) == 0
    assert file.split("/")[-1] in capsys.readouterr().out
    assert run([*given[:4], "--terminal", meters]) == 4  # one port cannot be both


def test_a_file_that_is_no_capture(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "capture").write_text("x")
    assert told(capsys, "frames", str(tmp_path / "capture"))[0] == 7
    assert told(capsys, "frames", str(tmp_path / "none"))[0] == 3
