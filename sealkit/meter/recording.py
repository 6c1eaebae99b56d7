"""Listening to a meter's line: everything that comes goes into a capture, nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from time import monotonic_ns
from typing import Final

from sealkit.errors import TimedOutError
from sealkit.meter.capture import CaptureWriter, Piece
from sealkit.meter.commands import Direction
from sealkit.transport import Deadline, Transport

_READ_BYTES: Final = 4096
# How soon a listener notices that the others have stopped.
_SLICE_S: Final = 0.2

Tap = tuple[Transport, Direction | None]
"""A line that is listened to, and which way its bytes go; None: both."""


def record(taps: Sequence[Tap], writer: CaptureWriter, seconds: float) -> None:
    """Listens for that long, or until the capture is full. Raises what reading raises (PORT_LOST);
    what had come before is in the capture."""
    start = monotonic_ns()
    end = Deadline.after(seconds)
    stopped = Event()
    # Held from reading the clock to writing, so that times never fall.
    writing = Lock()

    def listen(tap: Tap) -> None:
        line, direction = tap
        try:
            while not (stopped.is_set() or writer.is_full or end.expired):
                try:
                    slice_end = Deadline.after(min(_SLICE_S, end.remaining()))
                    data = line.read(_READ_BYTES, slice_end)
                except TimedOutError:
                    continue
                with writing:
                    writer.add(Piece((monotonic_ns() - start) // 1000, direction, data))
        finally:
            stopped.set()

    with ThreadPoolExecutor(len(taps)) as pool:
        listening = [pool.submit(listen, tap) for tap in taps]
        try:
            for one in listening:
                one.result()
        finally:
            stopped.set()
