"""Request and answer over a line that may lose, alter, repeat or delay bytes (SPEC.md 2).

A request is repeated with the same sequence number and payload, so that a seal that carried it
out answers again and does not carry it out again (L-9).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from sealkit.errors import RefusedError, TimedOutError
from sealkit.rules.refusals import refusal
from sealkit.transport import Deadline, Transport
from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.messages import ANSWER_BIT, Answer, Request
from sealkit.wire.registry import (
    LINK_FRAME_MAX,
    PROTOCOL_VERSION,
    STATUS_KINDS,
    Command,
    Status,
    StatusKind,
)

FIRST_ANSWER_S: Final = 1.0
REPEATS: Final = 3
WHOLE_S: Final = 10.0
_BYTE_S: Final = 10 / 9600
"""A byte at the rate that every line begins with: nobody is waited for before it can have come."""
_READ_BYTES: Final = 4096
_SAMPLE_BYTES: Final = 256
_ANSWER_BYTES_MIN: Final = 5
_TAXIMETER_MARK: Final = b"\x55\xaa"
_CARRY_OBJECTS: Final = (Command.ORDER, Command.INSTALL_CREDENTIAL)
"""Commands whose `wrong_version` may speak of the object and not of the message."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went over the line: bytes in frames sent, bytes received, requests answered."""

    sent: int = 0
    received: int = 0
    round_trips: int = 0

    def __sub__(self, earlier: Traffic) -> Traffic:
        return Traffic(
            self.sent - earlier.sent,
            self.received - earlier.received,
            self.round_trips - earlier.round_trips,
        )


class Exchange:
    """Asks one seal, one request at a time.

    first_answer_s: from a request to the first byte of its answer, and between bytes of it.
    repeats: how often an unanswered request is sent again. whole_s: for a request with all of its
    repeats, however often the seal says that it is working (L-10, L-11, chapter 14).
    """

    def __init__(
        self,
        transport: Transport,
        *,
        first_answer_s: float = FIRST_ANSWER_S,
        repeats: int = REPEATS,
        whole_s: float = WHOLE_S,
    ) -> None:
        self.transport = transport
        self._first_answer_s = first_answer_s
        self._repeats = repeats
        self._whole_s = whole_s
        self._sequence = secrets.randbelow(1 << 16)
        self._decoder = FrameDecoder()
        self._sent = self._received = self._round_trips = 0

    @property
    def traffic(self) -> Traffic:
        """Totals since the beginning; subtract two to see what happened between them."""
        return Traffic(self._sent, self._received, self._round_trips)

    def ask(self, command: Command, body: bytes = b"", deadline: Deadline | None = None) -> bytes:
        """The body of the answer. For deadline and errors see `answer`."""
        return self.answer(command, body, deadline).body

    def answer(
        self, command: Command, body: bytes = b"", deadline: Deadline | None = None
    ) -> Answer:
        """The answer to one request; its status is of the kind *done*.

        deadline: instead of whole_s from now.
        Errors: `RefusedError` with the name of the status, STATUS_0xNN for an unknown one, or
        SEAL_VERSION; `TimedOutError` SEAL_SILENT (nothing came), SEAL_BABBLES (bytes came, no
        frame), SEAL_NO_ANSWER (frames came, the answer did not), SEAL_WORKING (still); those of
        the transport.
        """
        self._sequence = (self._sequence + 1) & 0xFFFF
        frame = encode_frame(Request(command, self._sequence, body).build())
        whole = deadline or Deadline.after(self._whole_s)
        heard = _Heard()
        for _ in range(1 + self._repeats):
            try:
                self.transport.write(frame, whole)
                self._sent += len(frame)
                answer = self._await(command, len(frame), whole, heard)
            except TimedOutError:
                if whole.expired:
                    break
                continue
            self._round_trips += 1
            return _judged(command, answer)
        raise heard.failure(self.transport.spec)

    def _await(self, command: Command, frame_bytes: int, whole: Deadline, heard: _Heard) -> Answer:
        """The answer, of whatever status but `working`. Errors: `TimedOutError`."""
        expected = bytes((command | ANSWER_BIT, self._sequence >> 8, self._sequence & 0xFF))
        # While bytes come an answer may be under way, for as long as the largest one takes.
        longest = self._first_answer_s + (frame_bytes + LINK_FRAME_MAX) * _BYTE_S
        last = _earlier(Deadline.after(longest), whole)
        until = _earlier(Deadline.after(self._first_answer_s + frame_bytes * _BYTE_S), whole)
        while True:
            data = self.transport.read(_READ_BYTES, until)
            self._received += len(data)
            heard.take(data)
            for payload in self._decoder.feed(data):
                heard.frames += 1
                if payload[1:4] != expected or len(payload) < _ANSWER_BYTES_MIN:
                    continue
                answer = Answer.parse(payload)
                if answer.version != PROTOCOL_VERSION:
                    raise _other_version(f"version {answer.version}")
                if answer.status != Status.WORKING:
                    return answer
                heard.working = True
                last = whole
            # Reading goes on past a deadline while there is something to read: a babbler's way.
            if last.expired:
                raise heard.failure(self.transport.spec)
            until = _earlier(Deadline.after(self._first_answer_s), last)


class _Heard:
    """What came during one request, to say why there was no answer."""

    def __init__(self) -> None:
        self.frames = 0
        self.working = False
        self._bytes = 0
        self._sample = b""

    def take(self, data: bytes) -> None:
        if self._bytes < _SAMPLE_BYTES:
            self._sample += data[:_SAMPLE_BYTES]
        self._bytes += len(data)

    def failure(self, spec: str) -> TimedOutError:
        if self.working:
            return TimedOutError(
                "SEAL_WORKING",
                f"The seal on {spec} is still working on the request.",
                "Try again in a moment; an order may be given again without harm.",
            )
        if self.frames:
            return TimedOutError(
                "SEAL_NO_ANSWER",
                f"{self.frames} frames came from {spec}, none of them the answer.",
                "Check that nobody else is talking to the seal on this line, then try again.",
            )
        if not self._bytes:
            return TimedOutError(
                "SEAL_SILENT",
                f"Nothing came from {spec}.",
                "Check the seal's power, the cable, and that the port and baud rate are right.",
            )
        if _TAXIMETER_MARK in self._sample:
            return TimedOutError(
                "SEAL_BABBLES",
                f"This looks like a taximeter's line: marks 55AA come from {spec}.",
                "Connect to the seal's port; the taximeter's is for `sealkit meter`.",
            )
        return TimedOutError(
            "SEAL_BABBLES",
            f"{self._bytes} bytes came from {spec}, but no whole frame of a seal.",
            "Probably the wrong port or the wrong baud rate; a seal begins with 9600 baud.",
        )


def _earlier(one: Deadline, other: Deadline) -> Deadline:
    return one if one.moment < other.moment else other


def _judged(command: Command, answer: Answer) -> Answer:
    """The answer, if the seal did what it was asked."""
    try:
        status = Status(answer.status)
    except ValueError:
        raise RefusedError(
            f"STATUS_0x{answer.status:02X}",
            f"The seal refused with status 0x{answer.status:02X}, which is not known here.",
            "The seal is newer than this tool: update sealkit.",
        ) from None
    if STATUS_KINDS[status] is StatusKind.DONE:
        return answer
    if status is Status.WRONG_VERSION and command not in _CARRY_OBJECTS:
        raise _other_version("another version")
    raise refusal(status)


def _other_version(spoken: str) -> RefusedError:
    return RefusedError(
        "SEAL_VERSION",
        f"The seal speaks {spoken} of the protocol, not version {PROTOCOL_VERSION}.",
        "Use a release of sealkit that speaks the seal's version.",
    )
