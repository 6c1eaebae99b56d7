"""Link frames: a payload and its CRC between zeros, byte-stuffed by COBS (SPEC.md 2, L-1 to L-4).

On the line may stand anything between two frames: what is no frame is dropped and counted, up to
the next zero. Silence means nothing.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from typing import Final

from sealkit.errors import MalformedError
from sealkit.wire.registry import LINK_FRAME_MAX, LINK_PAYLOAD_MAX

_CRC: Final = struct.Struct(">I")
_RUN: Final = 254
_CODED_MAX: Final = LINK_FRAME_MAX - 2


def _stuff(data: bytes) -> bytes:
    """COBS: the same data without a zero in it."""
    coded = bytearray()
    runs = data.split(b"\0")
    for index, run in enumerate(runs):
        while len(run) >= _RUN:
            coded.append(_RUN + 1)
            coded += run[:_RUN]
            run = run[_RUN:]
            if not run and index == len(runs) - 1:
                return bytes(coded)  # a full run has no zero after it, so all is said
        coded.append(len(run) + 1)
        coded += run
    return bytes(coded)


def _unstuff(coded: bytes) -> bytes | None:
    """The data of COBS without its zeros; None if a run goes past the end."""
    data = bytearray()
    position, end = 0, len(coded)
    while position < end:
        run_end = position + coded[position]
        if run_end > end:
            return None
        data += coded[position + 1 : run_end]
        if coded[position] <= _RUN and run_end < end:
            data.append(0)
        position = run_end
    return bytes(data)


def encode_frame(payload: bytes) -> bytes:
    """The frame of a payload of 1 to 2,032 bytes.

    Errors: `MalformedError` FRAME_TOO_LONG, FRAME_EMPTY.
    """
    if len(payload) > LINK_PAYLOAD_MAX:
        raise MalformedError(
            "FRAME_TOO_LONG",
            f"A payload of {len(payload)} bytes is over {LINK_PAYLOAD_MAX}.",
            "Ask for less at a time.",
        )
    if not payload:
        raise MalformedError("FRAME_EMPTY", "A frame has at least one byte.", "Send a request.")
    return b"\0" + _stuff(payload + _CRC.pack(zlib.crc32(payload))) + b"\0"


class FrameDecoder:
    """Takes bytes as they come and gives the payloads of whole, good frames.

    Holds at most one frame (2,048 bytes). `dropped` counts what was no frame, by reason:
    too_long, bad_cobs, too_short, bad_crc.
    """

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self._pending = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that are complete with these bytes."""
        payloads = []
        *whole, rest = (self._pending + data).split(b"\0")
        for coded in whole:
            if self._skipping:
                self._skipping = False
            elif coded:
                payload = _payload(coded)
                if isinstance(payload, str):
                    self.dropped[payload] += 1
                else:
                    payloads.append(payload)
        if len(rest) > _CODED_MAX:
            if not self._skipping:
                self.dropped["too_long"] += 1
            self._skipping = True
        # Of a run that is skipped nothing is kept: its end is told by the zero alone.
        self._pending = b"" if self._skipping else rest
        return payloads


def _payload(coded: bytes) -> bytes | str:
    """The payload of what stood between two zeros, or why it is no frame."""
    if len(coded) > _CODED_MAX:
        return "too_long"
    data = _unstuff(coded)
    if data is None:
        return "bad_cobs"
    payload = data[: -_CRC.size]
    if not payload:
        return "too_short"
    if _CRC.pack(zlib.crc32(payload)) != data[-_CRC.size :]:
        return "bad_crc"
    return payload if len(payload) <= LINK_PAYLOAD_MAX else "too_long"
