"""Frames of the taximeter's own line (JT/T 905.2-2014, clause 10.4.2).

    55 AA | length u16 | device type u8 | vendor u8 | command u16 | data | check u8 | 55 AA

length counts device type to the end of data; check is the exclusive or of everything from length
to the last data byte. There is no escaping, data may hold 55 AA: only length tells where a frame
ends. All integers are big-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import reduce
from operator import xor

from sealkit.errors import MalformedError, UsageError

MARK = b"\x55\xaa"
# The standard bounds data only by its 16-bit length. The longest standard body is a trip record
# with its city card data; this leaves room for it and keeps noise from claiming 64 KiB.
MAX_DATA_BYTES = 1024

TAXIMETER = 0x02
DEVICE_NAMES = {
    0x00: "in-car terminal",
    0x01: "communication module",
    0x02: "taximeter",
    0x03: "security module",
    0x04: "LED display",
    0x05: "top light",
    0x06: "rear evaluator",
    0x07: "camera",
    0x08: "GNSS receiver",
    0x09: "LCD display",
    0x0A: "operator panel",
    0x0B: "front evaluator",
}

_HEADER = struct.Struct(">2sHBBH")
_LENGTH = struct.Struct(">H")
# What length counts beside data: device type, vendor, command.
_COUNTED = 4
# What a frame has beside what length counts: start mark, length, check, end mark.
_UNCOUNTED = 7


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. device_type and vendor: 8 bits; command: 16 bits; data: at most 1,024 bytes."""

    device_type: int
    vendor: int
    command: int
    data: bytes = b""


def encode_frame(frame: Frame) -> bytes:
    """The bytes of a frame. Raises UsageError METER_BAD_VALUE if a field does not fit."""
    if len(frame.data) > MAX_DATA_BYTES:
        raise UsageError(
            "METER_BAD_VALUE",
            f"A frame holds at most {MAX_DATA_BYTES} data bytes, not {len(frame.data)}.",
            "Send less data.",
        )
    length = _COUNTED + len(frame.data)
    try:
        header = _HEADER.pack(MARK, length, frame.device_type, frame.vendor, frame.command)
    except struct.error as error:
        raise UsageError(
            "METER_BAD_VALUE",
            f"The frame's header does not fit its fields: {error}.",
            "Device type and vendor are bytes, the command has two.",
        ) from error
    body = header + frame.data
    return body + bytes([_check(body[len(MARK) :])]) + MARK


def decode_frame(data: bytes) -> Frame:
    """The frame that `data` is, exactly one and whole.

    Raises MalformedError: METER_NO_START, METER_BAD_LENGTH (cut short, or length is not true),
    METER_BAD_END, METER_BAD_CHECK, METER_TRAILING_BYTES.
    """
    if not data.startswith(MARK):
        raise MalformedError(
            "METER_NO_START",
            "The bytes do not begin with the start mark 55AA.",
            "Give the frame from its start mark to its end mark.",
        )
    size = _claimed_size(data, MAX_DATA_BYTES)
    if size is None:
        raise _bad_length(f"{len(data)} bytes are too few for a frame.")
    if size == 0:
        length = _LENGTH.unpack_from(data, len(MARK))[0]
        raise _bad_length(
            f"The length field says {length}; {_COUNTED} to {_COUNTED + MAX_DATA_BYTES} can be."
        )
    if len(data) < size:
        raise _bad_length(f"By its length field the frame has {size} bytes, here are {len(data)}.")
    if not _ends_with_mark(data, size):
        if len(data) > size:
            raise _bad_length(
                f"The length field says {size} bytes in all, but no end mark 55AA is there."
            )
        raise MalformedError(
            "METER_BAD_END",
            "The frame does not end with the mark 55AA.",
            "Record the frame again; bytes were altered or lost.",
        )
    expected, found = _check(data[2 : size - 3]), data[size - 3]
    if expected != found:
        raise MalformedError(
            "METER_BAD_CHECK",
            f"The check byte is {found:02X}, the frame's bytes give {expected:02X}.",
            "Record the frame again; bytes were altered on the line.",
        )
    if len(data) > size:
        raise MalformedError(
            "METER_TRAILING_BYTES",
            f"{len(data) - size} bytes follow the end of the frame.",
            "Give one frame at a time.",
        )
    return _unpack(data)


class FrameDecoder:
    """Finds frames in a stream, in pieces of any size, after any garbage.

    Between calls it keeps less than one frame of the largest size. A start mark that turns out
    not to begin a frame costs one byte, then the search goes on behind it: a true frame inside
    what a false one claimed is found.
    """

    def __init__(self, max_data_bytes: int = MAX_DATA_BYTES) -> None:
        """max_data_bytes: what claims more is taken for noise; a small bound recovers sooner."""
        self._max_data_bytes = max_data_bytes
        self._buffer = bytearray()
        self.dropped = 0
        """Bytes so far that were part of no frame."""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order."""
        buffer = self._buffer
        buffer += data
        frames = []
        position = 0
        while True:
            start = _find_start(buffer, position)
            self.dropped += start - position
            position = start
            # A view, so that a candidate is not copied before it has proved to be a frame.
            with memoryview(buffer)[position:] as candidate:
                size = _claimed_size(candidate, self._max_data_bytes)
                if size is None or size > len(candidate):
                    break
                if size and _is_whole(candidate, size):
                    frames.append(_unpack(bytes(candidate[:size])))
                    position += size
                else:
                    position += 1
                    self.dropped += 1
        del buffer[:position]
        return frames


def _check(data: bytes | memoryview) -> int:
    return reduce(xor, data, 0)


def _claimed_size(data: bytes | memoryview, max_data_bytes: int) -> int | None:
    """The frame's whole size by its length field; 0 if none can be so; None if not yet there."""
    if len(data) < len(MARK) + _LENGTH.size:
        return None
    length: int = _LENGTH.unpack_from(data, len(MARK))[0]
    if not _COUNTED <= length <= _COUNTED + max_data_bytes:
        return 0
    return length + _UNCOUNTED


def _find_start(buffer: bytearray, position: int) -> int:
    """Where the next start mark, or its first half at the very end, is; else the end."""
    found = buffer.find(MARK, position)
    if found >= 0:
        return found
    half = len(buffer) - 1
    return half if half >= position and buffer[half] == MARK[0] else len(buffer)


def _ends_with_mark(data: bytes | memoryview, size: int) -> bool:
    return data[size - 2 : size] == MARK


def _is_whole(data: memoryview, size: int) -> bool:
    return _ends_with_mark(data, size) and _check(data[2 : size - 3]) == data[size - 3]


def _unpack(data: bytes) -> Frame:
    _, _, device_type, vendor, command = _HEADER.unpack_from(data)
    return Frame(device_type, vendor, command, data[_HEADER.size : -3])


def _bad_length(message: str) -> MalformedError:
    return MalformedError(
        "METER_BAD_LENGTH", message, "Record the frame again, from its start mark to its end mark."
    )
