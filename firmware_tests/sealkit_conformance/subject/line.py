"""Frames to the seal and back, recorded; every wait has an end, every answer a bound."""

from __future__ import annotations

from time import monotonic
from typing import Final

from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.registry import ANSWER_MS, LINK_FRAME_MAX
from sealkit_conformance.bench.backend import Backend
from sealkit_conformance.expect import fail
from sealkit_conformance.recording import RecordedLine, Recorder

FIRST_ANSWER_S: Final = 3 * ANSWER_MS / 1000
"""For how long nothing may come: the limit of L-10 and what a line and a computer may add."""
BYTE_S: Final = 10 / 9600
FLOOD_BYTES: Final = 65_536


class SealLine:
    """One seal's line. `now_ms` counts the seal's time, so that delays can be judged."""

    def __init__(self, backend: Backend, recorder: Recorder) -> None:
        self.backend = backend
        self.recorder = recorder
        self.byte_s = BYTE_S
        self.last_frame = b""
        """What came last between two zeros, with them."""
        self.asked = False
        """Whether anything was sent since `begin_case`."""
        self._in_time = 0
        self._decoder = FrameDecoder()
        self._rest = b""
        self._received: list[bytes] = []

    def send_raw(self, data: bytes) -> None:
        """Any bytes, frames or not."""
        if data:
            self.asked = True
            self.recorder.add(RecordedLine.SEAL, data, to_device=True)
            self.backend.send(data)

    def send(self, payload: bytes) -> int:
        """One payload in a frame; gives the bytes on the line."""
        frame = encode_frame(payload)
        self.send_raw(frame)
        return len(frame)

    def next_payload(self, wait_s: float = FIRST_ANSWER_S) -> bytes | None:
        """The next whole payload of the seal; None if nothing comes for so long.

        While bytes come it waits on, for as long as the longest frame takes.
        """
        whole = monotonic() + wait_s + LINK_FRAME_MAX * self.byte_s
        taken = 0
        while not self._received:
            data = self.backend.receive(wait_s)
            if not data:
                return None
            taken += len(data)
            self._take(data)
            if taken > FLOOD_BYTES or (monotonic() > whole and not self._received):
                fail("L-1", f"the seal sends {taken} bytes and no frame among them")
        self._in_time += 1
        return self._received.pop(0)

    @property
    def answered(self) -> bool:
        """Whether a frame came in time since `begin_case`."""
        return self._in_time > 0

    def begin_case(self) -> None:
        """Forgets what was before."""
        self.forget()
        self.asked = False
        self._in_time = 0

    def was_late(self) -> None:
        """The frame that was taken last had been due long before."""
        self._in_time -= 1

    def silence(self, wait_s: float) -> bytes | None:
        """A payload that came although nothing was due; None if there was none."""
        return self.next_payload(wait_s)

    def forget(self) -> None:
        """Drops what has come and was not read, as after a power cut."""
        self._received.clear()
        self._rest = b""
        self._decoder = FrameDecoder()

    def _take(self, data: bytes) -> None:
        *pieces, self._rest = (self._rest + data).split(b"\0")
        for piece in pieces:
            if piece:
                self.last_frame = b"\0" + piece + b"\0"
                self.recorder.add(RecordedLine.SEAL, self.last_frame, to_device=False)
        dropped = self._decoder.dropped.total()
        self._received += self._decoder.feed(data)
        if self._decoder.dropped.total() != dropped:
            fail("L-1", f"the seal sends what is no frame: {dict(self._decoder.dropped)}")
        self._rest = self._rest[-LINK_FRAME_MAX:]
