"""Captures: written, read back and recorded from real ports; what a terminal and a meter said
comes out of the codec as it went in."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.meter_records import DRIVER, LICENCE, MORNING, PLATE, shift, signed_on, trip

from sealkit.errors import AccessError, DeviceNotFoundError, MalformedError, SealkitError
from sealkit.meter.bodies import Heartbeat
from sealkit.meter.capture import (
    Capture,
    CaptureWriter,
    Piece,
    create_capture,
    frames_of,
    read_capture,
)
from sealkit.meter.commands import EXCHANGES, Command, Direction
from sealkit.meter.frames import Frame, FrameDecoder, encode_frame
from sealkit.meter.recording import record
from sealkit.meter.reporter import MeterReporter
from sealkit.meter.terminal import Driver, Terminal
from sealkit.transport import Deadline, memory_pair, open_transport

Serve = Callable[[Callable[[bytes], bytes]], str]

STARTED = datetime(2025, 6, 3, 12, 0)
HEADER = '{"schema": "sealkit.meter.capture/1", "started": "2025-06-03T12:00:00"}\n'


def written(*pieces: Piece) -> bytes:
    file = io.BytesIO()
    writer = CaptureWriter(file, STARTED)
    for piece in pieces:
        writer.add(piece)
    return file.getvalue()


def read(path: Path, data: bytes) -> Capture:
    path.write_bytes(data)
    return read_capture(path)


def conversation() -> list[Piece]:
    """A short shift, in the pieces in which a port would give it."""
    meter = MeterReporter(lambda: Heartbeat(0b10, LICENCE, DRIVER), vendor=0x11)
    terminal = Terminal(Driver(LICENCE, DRIVER, PLATE), lambda record: None)
    decoder = FrameDecoder()
    steps: dict[int, Callable[[], None]] = {
        0: meter.sign_on,
        2: lambda: meter.signed_on(signed_on(7)),
        4: lambda: meter.trip_started(MORNING),
        300: lambda: meter.trip_ended(trip(8, city_data=b"\x55\xaa\x00\x05")),
        400: meter.sign_off,
        402: lambda: meter.signed_off(shift(8)),
    }
    pieces = []
    for second in range(410):
        steps.get(second, lambda: None)()
        said = meter.due(second)
        answer = terminal.receive(said, MORNING + timedelta(seconds=second))
        for frame in decoder.feed(answer):
            meter.take(frame, second)
        pieces += [
            Piece(second * 1_000_000 + at * 1000, direction, data[at : at + 13])
            for direction, data in ((Direction.FROM_METER, said), (Direction.TO_METER, answer))
            for at in range(0, len(data), 13)
        ]
    return sorted(pieces, key=lambda piece: piece.at_us)


def bytes_of(pieces: tuple[Piece, ...], direction: Direction) -> bytes:
    return b"".join(piece.data for piece in pieces if piece.direction is direction)


def rebuilt(frame: Frame) -> bytes:
    """The frame from the value that its body has."""
    exchange = EXCHANGES[Command(frame.command)]
    known = exchange.identify(frame.data)
    data = known[1].build(known[1].parse(frame.data)) if known else frame.data
    return encode_frame(Frame(frame.device_type, frame.vendor, frame.command, data))


def test_a_conversation_replays_through_the_codec_to_the_same_bytes(tmp_path: Path) -> None:
    pieces = conversation()
    capture = read(tmp_path / "capture", written(*pieces))
    assert capture == Capture(STARTED, tuple(pieces))
    found = list(frames_of(capture.pieces))
    assert {frame.frame.command for frame in found} == {
        *(Command.SIGN_ON, Command.SIGNED_ON, Command.TRIP_START, Command.TRIP_END),
        *(Command.SIGN_OFF, Command.SIGNED_OFF, Command.HEARTBEAT),
    }
    for direction in Direction:
        frames = [one.frame for one in found if one.direction is direction]
        assert b"".join(map(rebuilt, frames)) == bytes_of(capture.pieces, direction)


def test_where_one_wire_carries_both_the_sizes_tell_the_direction() -> None:
    both = [
        Piece(0, None, encode_frame(Frame(2, 0, Command.HEARTBEAT, bytes(36)))),
        Piece(1, None, encode_frame(Frame(2, 0, Command.HEARTBEAT, bytes(10)))),
        Piece(2, None, encode_frame(Frame(2, 0, Command.HEARTBEAT, bytes(5)))),
        Piece(3, None, encode_frame(Frame(2, 0, 0x1001, b""))),
    ]
    assert [frame.direction for frame in frames_of(both)] == [
        Direction.FROM_METER,
        Direction.TO_METER,
        None,
        None,
    ]


@given(
    st.lists(
        st.builds(
            Piece,
            st.integers(0, 10**12),
            st.sampled_from([None, *Direction]),
            st.binary(min_size=1, max_size=50),
        )
    ).map(lambda pieces: sorted(pieces, key=lambda piece: piece.at_us))
)
def test_any_capture_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[Piece]
) -> None:
    path = tmp_path_factory.mktemp("capture") / "file"
    assert read(path, written(*pieces)).pieces == tuple(pieces)


def line(**values: Any) -> str:
    return json.dumps({"at_us": 5, "direction": None, "bytes": "55aa", **values}) + "\n"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("\n", 1),
        ("[]\n", 1),
        ('{"schema": "sealkit.meter.capture/2", "started": "2025-06-03"}\n', 1),
        ('{"schema": "sealkit.meter.capture/1", "started": "once"}\n', 1),
        ('{"schema": "sealkit.meter.capture/1"}\n', 1),
        (HEADER + "{\n", 2),
        (HEADER + "[" * 8000 + "\n", 2),
        (HEADER + line(at_us=-1), 2),
        (HEADER + line(at_us=1.5), 2),
        (HEADER + line(at_us=True), 2),
        (HEADER + line() + line(at_us=4), 3),
        (HEADER + line(direction="up"), 2),
        (HEADER + line(direction=[]), 2),
        (HEADER + line(bytes="5"), 2),
        (HEADER + line(bytes=""), 2),
        (HEADER + line(bytes=None), 2),
        (HEADER + line(bytes="00" * 4097), 2),
        (HEADER + line(bytes="00" * 20_000), 2),
        (HEADER + line(more=1), 2),
    ],
)
def test_a_file_that_is_no_capture(tmp_path: Path, text: str, number: int) -> None:
    with pytest.raises(MalformedError) as refused:
        read(tmp_path / "capture", text.encode())
    assert refused.value.code == "CAPTURE_MALFORMED"
    assert f"Line {number} " in refused.value.message


@given(st.binary(max_size=300))
def test_any_file_is_a_capture_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("capture") / "file"
    for content in (data, HEADER.encode() + data):
        with suppress(SealkitError):
            read(path, content)


def test_a_line_that_was_cut_off_in_the_middle_is_left_out(tmp_path: Path) -> None:
    data = written(Piece(1, None, b"ab"), Piece(2, None, b"cd"))
    assert read(tmp_path / "capture", data[:-5]).pieces == (Piece(1, None, b"ab"),)


def test_a_capture_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sealkit.meter.capture.MAX_BYTES", 5)
    file = io.BytesIO()
    writer = CaptureWriter(file, STARTED)
    for data in (b"abc", b"def", b"ghi"):
        writer.add(Piece(0, None, data))
    assert writer.is_full
    assert (writer.written_bytes, writer.pieces) == (5, 2)


def test_a_file_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    create_capture(path).close()
    for wrong in (path, tmp_path / "none" / "capture"):
        with pytest.raises(AccessError, match="CAPTURE_UNWRITABLE"):
            create_capture(wrong)
    with pytest.raises(DeviceNotFoundError, match="CAPTURE_UNREADABLE"):
        read_capture(tmp_path / "other")


class Enough(CaptureWriter):
    """Full as soon as it has so many bytes."""

    enough = sum(len(piece.data) for piece in conversation())

    @property
    def is_full(self) -> bool:
        return self.written_bytes == self.enough


def test_both_wires_are_recorded(tmp_path: Path) -> None:
    """Two taps, on what a meter and a terminal say at the same time."""
    pieces = conversation()
    path = tmp_path / "capture"
    (meters, tap), (terminals, other_tap) = memory_pair(), memory_pair()
    ends = {Direction.FROM_METER: meters, Direction.TO_METER: terminals}

    def talk() -> None:
        for piece in pieces:
            assert piece.direction
            ends[piece.direction].write(piece.data, Deadline.after(10))

    talking = threading.Thread(target=talk)
    with tap, other_tap, create_capture(path) as file:
        talking.start()
        listening = [(tap, Direction.FROM_METER), (other_tap, Direction.TO_METER)]
        record(listening, Enough(file, STARTED), seconds=30)
        talking.join(10)
    capture = read_capture(path)
    for direction in Direction:
        assert bytes_of(capture.pieces, direction) == bytes_of(tuple(pieces), direction)


def test_it_records_from_a_port_until_it_is_lost(tmp_path: Path) -> None:
    meters, terminals = os.openpty()
    path = tmp_path / "capture"
    spec = f"serial:{os.ttyname(terminals)}"
    with open_transport(spec) as tap, create_capture(path) as file:
        os.write(meters, bytes.fromhex("55AA0004020000040255AA"))
        os.close(terminals)
        lost = threading.Timer(0.3, os.close, [meters])
        lost.start()
        with pytest.raises(DeviceNotFoundError, match="PORT_LOST"):
            record([(tap, None)], CaptureWriter(file, STARTED), seconds=30)
        lost.join()
    (frame,) = frames_of(read_capture(path).pieces)
    assert frame.frame == Frame(2, 0, Command.READ_FARE)
    assert frame.direction is Direction.TO_METER
