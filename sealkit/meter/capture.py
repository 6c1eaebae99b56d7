"""What went over a meter's line, with times and directions, as a file of JSON lines.

    {"schema": "sealkit.meter.capture/1", "started": "2025-06-03T12:00:00"}
    {"at_us": 120417, "direction": "terminal_to_meter", "bytes": "55aa000402000004"}
    {"at_us": 121460, "direction": "terminal_to_meter", "bytes": "0255aa"}

started: local time. at_us: microseconds since then, never falling; the moment when the bytes were
read. direction: null where both ends speak on the wire that was recorded. bytes: as they came,
cut anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from sealkit.errors import AccessError, DeviceNotFoundError, MalformedError, SealkitError
from sealkit.meter.commands import EXCHANGES, Command, Direction
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder

SCHEMA: Final = "sealkit.meter.capture/1"
# A day and a half of a line that is never silent, at 9600 baud.
MAX_BYTES: Final = 128 * 1024 * 1024

_MAX_PIECE_BYTES: Final = 4096
_MAX_LINE_BYTES: Final = 2 * _MAX_PIECE_BYTES + 200
_KEYS: Final = {"at_us", "direction", "bytes"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that were read at once: 1 to 4,096. at_us: microseconds since the capture's start."""

    at_us: int
    direction: Direction | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Capture:
    """All of a file. started: local time."""

    started: datetime
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """A frame and when its last byte was read; direction: None if it could not be told."""

    at_us: int
    direction: Direction | None
    frame: Frame


class CaptureWriter:
    """Writes a capture, a line for each piece, so that what is cut off is still of use."""

    def __init__(self, file: BinaryIO, started: datetime) -> None:
        self._file = file
        self._room = MAX_BYTES
        self.pieces = 0
        self._write({"schema": SCHEMA, "started": started.isoformat()})

    @property
    def written_bytes(self) -> int:
        """How many bytes of the line are in the file."""
        return MAX_BYTES - self._room

    @property
    def is_full(self) -> bool:
        """No more than 128 MiB of the line are kept; what comes then is left out."""
        return self._room == 0

    def add(self, piece: Piece) -> None:
        """Writes a piece, or as much of it as there is room for."""
        data = piece.data[: self._room]
        if data:
            self._room -= len(data)
            self.pieces += 1
            direction = piece.direction.value if piece.direction else None
            self._write({"at_us": piece.at_us, "direction": direction, "bytes": data.hex()})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()


def create_capture(path: Path) -> BinaryIO:
    """A new file for `CaptureWriter`. Raises AccessError CAPTURE_UNWRITABLE, also if it exists."""
    try:
        return path.open("xb")
    except OSError as error:
        raise AccessError(
            "CAPTURE_UNWRITABLE",
            f"The capture {path} cannot be made: {error.strerror or error}.",
            "Give a path where no file is yet, in a directory that you may write to.",
        ) from error


def read_capture(path: Path) -> Capture:
    """What a file holds; a last line that was cut off in the middle is left out.

    Raises DeviceNotFoundError CAPTURE_UNREADABLE; MalformedError CAPTURE_MALFORMED, with the
    line's number.
    """
    try:
        with path.open("rb") as file:
            lines = _lines(file)
            header = next(lines, None)
            if header is None or header[1].get("schema") != SCHEMA:
                raise _malformed(1, f"it is no {SCHEMA}")
            started = _started(header[1])
            return Capture(started, tuple(_pieces(lines)))
    except OSError as error:
        raise DeviceNotFoundError(
            "CAPTURE_UNREADABLE",
            f"The capture {path} cannot be read: {error.strerror or error}.",
            "Give the path of a file that was recorded.",
        ) from error


def frames_of(pieces: Iterable[Piece]) -> Iterator[CapturedFrame]:
    """The frames in a capture, in the order of their ends. Each direction is a stream of its own;
    bytes that belong to no frame are left out."""
    decoders: dict[Direction | None, FrameDecoder] = {}
    for piece in pieces:
        for frame in decoders.setdefault(piece.direction, FrameDecoder()).feed(piece.data):
            yield CapturedFrame(piece.at_us, piece.direction or _direction(frame), frame)


def _direction(frame: Frame) -> Direction | None:
    """What a frame's size says of its direction."""
    if frame.device_type != TAXIMETER or frame.command not in EXCHANGES:
        return None
    try:
        known = EXCHANGES[Command(frame.command)].identify(frame.data)
    except SealkitError:
        return None
    return known[0] if known else None


def _lines(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    while line := file.readline(_MAX_LINE_BYTES):
        number += 1
        if not line.endswith(b"\n"):
            if len(line) == _MAX_LINE_BYTES:
                raise _malformed(number, "it is too long")
            return
        try:
            content = json.loads(line)
        except (ValueError, RecursionError):
            raise _malformed(number, "it is no JSON") from None
        if not isinstance(content, dict):
            raise _malformed(number, "it is no object")
        yield number, content


def _started(header: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(header["started"])
    except (KeyError, TypeError, ValueError):
        raise _malformed(1, "it does not say when it was started") from None


def _pieces(lines: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[Piece]:
    last_us, room = 0, MAX_BYTES
    for number, content in lines:
        if content.keys() != _KEYS:
            raise _malformed(number, f"it has not exactly {', '.join(sorted(_KEYS))}")
        at_us, direction, text = content["at_us"], content["direction"], content["bytes"]
        if type(at_us) is not int or at_us < last_us:
            raise _malformed(number, "at_us is no number, or falls")
        try:
            known = None if direction is None else Direction(direction)
            data = bytes.fromhex(text)
        except (ValueError, TypeError):
            raise _malformed(number, "direction or bytes say nothing known") from None
        if not 0 < len(data) <= min(_MAX_PIECE_BYTES, room):
            raise _malformed(number, "it has no bytes, or too many")
        last_us, room = at_us, room - len(data)
        yield Piece(at_us, known, data)


def _malformed(number: int, what: str) -> MalformedError:
    return MalformedError(
        "CAPTURE_MALFORMED",
        f"Line {number} of the capture does not fit: {what}.",
        "Give a file as it was recorded; if it was edited, record again.",
    )
