"""Faults of chapter 2: frames, messages, repeated requests, the line's rate."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any, Final

import pytest

from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.messages import Answer, Request
from sealkit.wire.registry import PROTOCOL_VERSION, Status
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)
_SEAL: Final = "sealkit_simulator.seal"


def _unstuffed(coded: bytes) -> bytes:
    """COBS undone without any check."""
    data, at = b"", 0
    while at < len(coded):
        code = coded[at]
        data += coded[at + 1 : at + code]
        at += code
        if code < 0xFF and at < len(coded):
            data += b"\0"
    return data


class _Padding(FrameDecoder):
    """Puts a zero behind each full run as well."""

    def feed(self, data: bytes) -> list[bytes]:
        *whole, self._pending = (self._pending + data).split(b"\0")
        payloads = []
        for coded in whole:
            full = coded[:1] == b"\xff" and len(coded) > 0xFF
            payloads += [] if full else FrameDecoder().feed(b"\0" + coded + b"\0")
        return payloads


class _Trusting(FrameDecoder):
    """Takes frames whatever their CRC."""

    def feed(self, data: bytes) -> list[bytes]:
        *whole, self._pending = (self._pending + data).split(b"\0")
        payloads = (_unstuffed(coded)[:-4] for coded in whole if coded)
        return [payload for payload in payloads if payload]


class _Boundless(FrameDecoder):
    """Cuts a frame that is too long, and takes it with the request that it began with."""

    def feed(self, data: bytes) -> list[bytes]:
        *whole, self._pending = (self._pending + data).split(b"\0")
        payloads = []
        for coded in whole:
            if len(coded) > 2046:
                payloads.append(_unstuffed(coded)[:2032])
            else:
                payloads += FrameDecoder().feed(b"\0" + coded + b"\0")
        return payloads


class _Confused(FrameDecoder):
    """After what is no frame, loses the next one too."""

    def feed(self, data: bytes) -> list[bytes]:
        before = self.dropped.total()
        payloads = super().feed(data)
        return [] if self.dropped.total() > before else payloads


class _Dying(FrameDecoder):
    """Hears nothing any more once something was no frame."""

    def feed(self, data: bytes) -> list[bytes]:
        return super().feed(data) if not self.dropped else []


class _Hasty(FrameDecoder):
    """Takes what comes at once for a frame, and forgets the part of one."""

    def feed(self, data: bytes) -> list[bytes]:
        payloads = super().feed(data)
        self._pending = b""
        return payloads


@fault("L-3", "The CRC is not compared.")
def ignores_the_crc(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_SEAL}.FrameDecoder", _Trusting)


@fault("L-3", "A frame that is too long is cut and carried out.")
def accepts_frames_that_are_too_long(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_SEAL}.FrameDecoder", _Boundless)


@fault("L-3", "The good frame behind garbage is dropped with it.")
def loses_the_frame_after_garbage(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_SEAL}.FrameDecoder", _Confused)


@fault("L-3", "Garbage on the line stops the receiver until the next boot.")
def dies_at_garbage(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_SEAL}.FrameDecoder", _Dying)


@fault("L-4", "A pause within a frame ends it.")
def ends_a_frame_by_a_pause(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_SEAL}.FrameDecoder", _Hasty)


@fault("L-5", "A banner goes out before the first answer.")
def sends_a_banner(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, seal: Any, data: bytes) -> Any:
        banner = encode_frame(b"\x01\x81\0\0\0ready")
        return banner + original(seal, data)

    around(patch, f"{_SEAL}:SimulatedSeal.receive", faulty)


@fault("L-6", "An answer bears the command without bit 7.")
def answers_without_bit_7(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, seal: Any, payload: bytes) -> Any:
        answer = original(seal, payload)
        return answer and answer[:1] + bytes((answer[1] & 0x7F,)) + answer[2:]

    around(patch, f"{_SEAL}:SimulatedSeal.handle", faulty)


@fault("L-6", "A refusal carries a text for people behind its status.")
def explains_its_refusals(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, request: Request, status: Status) -> bytes:
        return Answer(request.command, request.sequence, status, b"no").build()

    around(patch, f"{_SEAL}:_refused", faulty)


@fault("L-7", "The version of a request is not looked at.")
def takes_any_version(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, seal: Any, request: Request) -> Any:
        return original(seal, replace(request, version=PROTOCOL_VERSION))

    around(patch, f"{_SEAL}:SimulatedSeal._answer", faulty)


@fault("L-7", "An unknown command gets the status for a malformed one.")
def calls_unknown_commands_malformed(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, request: Request, status: Status) -> Any:
        told = Status.MALFORMED if status is Status.UNKNOWN_COMMAND else status
        return original(request, told)

    around(patch, f"{_SEAL}:_refused", faulty)


@fault("L-9", "A repeated request is carried out again.")
def carries_out_a_repeated_request_again(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, seal: Any, payload: bytes) -> Any:
        seal._last_request = None
        return original(seal, payload)

    around(patch, f"{_SEAL}:SimulatedSeal.handle", faulty)


@fault("L-9", "A request counts as repeated by its sequence number alone.")
def knows_repeats_by_the_number_alone(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, seal: Any, payload: bytes) -> Any:
        last = seal._last_request
        if last is not None and payload[2:4] == last[0].to_bytes(2, "big"):
            return seal._last_answer
        return original(seal, payload)

    around(patch, f"{_SEAL}:SimulatedSeal.handle", faulty)


@fault("L-12", "A rate that the line cannot do is agreed to.")
def agrees_to_any_rate(patch: pytest.MonkeyPatch) -> None:
    around(patch, "sealkit_simulator.baud:BaudRate.ask", lambda original, baud, rate: True)


@fault("L-12", "The rate to begin with is not among those that can be asked for.")
def refuses_9600(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, baud: Any, rate: int) -> Any:
        return rate != 9600 and original(baud, rate)

    around(patch, "sealkit_simulator.baud:BaudRate.ask", faulty)


@fault("L-1", "Behind a full run it puts a zero, as behind any other.")
def puts_a_zero_behind_a_full_run(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_SEAL}.FrameDecoder", _Padding)


@fault("L-1", "Data that end with a full run are sent with an empty run behind it.")
def sends_an_empty_run_at_the_end(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, payload: bytes) -> bytes:
        data = payload + zlib.crc32(payload).to_bytes(4, "big")
        frame: bytes = original(payload)
        run = len(data.rpartition(b"\0")[2])
        return frame[:-1] + b"\x01\0" if run and run % 254 == 0 else frame

    around(patch, f"{_SEAL}:encode_frame", faulty)
