"""What went over the lines during a run: packets, one for each frame or for what is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from time import time
from typing import IO, Final

from sealkit.errors import AccessError
from sealkit.keys.files import read_bounded
from sealkit_conformance import SUITE_VERSION
from sealkit_conformance.pcapng import (
    CapturedPacket,
    Direction,
    LinkType,
    capture_head,
    capture_packet,
    read_capture,
)

FILE_MAX: Final = 1 << 30
_PIECE: Final = re.compile(rb"\0*[^\0]+\0?|\0+", re.DOTALL)


class RecordedLine(Enum):
    """Whose line a packet was on."""

    SEAL = LinkType.SEAL
    METER = LinkType.METER


@dataclass(frozen=True, slots=True)
class Packet:
    """time_s: seconds since 1970, by this computer. to_device: towards seal or meter. case: the
    name of the case that begins with this packet; empty for all others."""

    time_s: float
    line: RecordedLine
    to_device: bool
    data: bytes
    case: str = ""


class Recorder:
    """Keeps the packets of one case, and writes all of a run to a file if there is one."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises AccessError RECORD_NOT_WRITABLE."""
        self.packets: list[Packet] = []
        self._case = ""
        self._file: IO[bytes] | None = None
        if path is not None:
            try:
                self._file = path.open("wb")
                self._file.write(capture_head(f"sealkit conformance {SUITE_VERSION}"))
            except OSError as error:
                raise AccessError(
                    "RECORD_NOT_WRITABLE",
                    f"{path} cannot be written: {error.strerror or error}.",
                    "Name a file in a directory that you may write to.",
                ) from error

    def begin_case(self, name: str) -> None:
        """Forgets the packets of the case before."""
        self.packets.clear()
        self._case = name

    def add(self, line: RecordedLine, data: bytes, *, to_device: bool) -> None:
        """Frames, or bytes that are none; on the seal's line each frame is a packet."""
        pieces = _PIECE.findall(data) if line is RecordedLine.SEAL else [data] if data else []
        for piece in pieces:
            packet = Packet(time(), line, to_device, piece, self._case)
            self._case = ""
            self.packets.append(packet)
            if self._file is not None:
                self._file.write(capture_packet(_captured(packet)))

    def close(self) -> None:
        """Ends the file."""
        if self._file is not None:
            self._file.close()


def read_recording(path: Path) -> list[Packet]:
    """The packets of a file that a run wrote, or Wireshark saved again.

    Raises MalformedError PCAPNG_MALFORMED, and what reading a file raises.
    """
    return [
        Packet(
            packet.at_us / 1_000_000,
            RecordedLine(packet.link),
            packet.direction is Direction.TO_DEVICE,
            packet.data,
            packet.comment,
        )
        for packet in read_capture(read_bounded(path, FILE_MAX))
    ]


def _captured(packet: Packet) -> CapturedPacket:
    return CapturedPacket(
        at_us=int(packet.time_s * 1_000_000),
        link=packet.line.value,
        direction=Direction.TO_DEVICE if packet.to_device else Direction.FROM_DEVICE,
        data=packet.data,
        comment=packet.case,
    )
