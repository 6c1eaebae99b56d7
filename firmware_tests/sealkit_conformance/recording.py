"""What went over the lines during a run: packets, one for each frame or for what is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from time import time


class RecordedLine(Enum):
    """Whose line a packet was on."""

    SEAL = "seal"
    METER = "meter"


@dataclass(frozen=True, slots=True)
class Packet:
    """time_s: seconds since 1970, by this computer. to_device: towards seal or meter."""

    time_s: float
    line: RecordedLine
    to_device: bool
    data: bytes


class Recorder:
    """Keeps the packets of one case, and hands each to `written` (a file) if there is one."""

    def __init__(self, written: Callable[[Packet], None] | None = None) -> None:
        self.packets: list[Packet] = []
        self._written = written

    def add(self, line: RecordedLine, data: bytes, *, to_device: bool) -> None:
        """A frame, or bytes that are none; no bytes are no packet."""
        if not data:
            return
        packet = Packet(time(), line, to_device, data)
        self.packets.append(packet)
        if self._written is not None:
            self._written(packet)

    def begin_case(self) -> None:
        """Forgets the packets of the case before."""
        self.packets.clear()
