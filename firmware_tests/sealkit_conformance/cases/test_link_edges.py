"""The link at its edges: full runs, shared zeros, repeats, rates (L-1 to L-12)."""

from __future__ import annotations

import zlib
from itertools import count, pairwise
from typing import Final

import pytest

from sealkit.wire.link import encode_frame
from sealkit.wire.messages import READ_LOG_REQUEST, ReadLogRequest, Request
from sealkit.wire.registry import BAUD_FALLBACK_MS, Chain, Command, Status
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.cases.test_link import GARBAGE, ping
from sealkit_conformance.cases.test_timing import FIRST_RATE, ask_rate, at_rate, hears, rates_of
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.filling import flip_flag
from sealkit_conformance.subject.seal import SealUnderTest

FULL_RUN: Final = 254
READ_LIMIT: Final = 2_027


# Frames.


def answer_without_zeros(seal: SealUnderTest, body: bytes) -> tuple[bytes, bytes]:
    """A ping whose answer ends in a run of `body` and CRC; and that answer's payload."""
    for number in count(seal.next_sequence()):
        sequence = number % (1 << 16)
        request = Request(Command.PING, sequence, body).build()
        answer = bytes((1, Command.PING | 0x80)) + sequence.to_bytes(2, "big") + b"\0" + body
        if all(zlib.crc32(answer).to_bytes(4, "big")):
            seal.sequence = sequence
            return request, answer
    raise AssertionError


@clause("L-1")
@pytest.mark.parametrize("run", [FULL_RUN - 1, FULL_RUN, FULL_RUN + 1, 2 * FULL_RUN, 3 * FULL_RUN])
def test_nothing_follows_a_full_run_at_the_end(sealed: SealUnderTest, run: int) -> None:
    """Byte for byte: of two ways to stuff the same data only one is right."""
    request, answer = answer_without_zeros(sealed, b"\x55" * (run - 4))
    sealed.ask_payload(request, "L-1")
    frame = sealed.line.last_frame
    expect.equal("L-1", encode_frame(answer), frame, f"the frame of a run of {run} at the end")


@clause("L-3", "L-1")
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_the_zero_that_ends_garbage_may_begin_a_frame(
    sealed: SealUnderTest, garbage: bytes
) -> None:
    """There is no second zero between them."""
    payload = ping(sealed, b"shared zero")
    sealed.line.send_raw(garbage)
    sealed.backend.pass_time(20)
    sealed.line.send_raw(encode_frame(payload))
    answer = sealed.answer_to(payload, clause="L-3")
    expect.equal("L-3", payload[4:], answer.body, "the frame behind garbage")


# Messages.


@clause("L-6", "L-7")
@pytest.mark.parametrize("sequence", [0, 0x00FF, 0x0100, 0x1234, 0xFF00, 0xFFFF])
def test_a_refusal_has_the_requests_number(sealed: SealUnderTest, sequence: int) -> None:
    for command, version in ((0x7E, 1), (Command.STATUS, 9), (Command.READ_GROUP, 1)):
        payload = Request(command, sequence, b"", version).build()
        sealed.line.send(payload)
        raw = sealed.line.next_payload()
        due = bytes((1, command | 0x80)) + sequence.to_bytes(2, "big")
        expect.equal("L-6", due, raw and raw[:4], "the header of a refusal")
        expect.equal("L-6", 5, len(raw or b""), "bytes of a refusal, which has no body")


# Repeated requests (L-9).


@clause("L-9")
@needs(Capability.BATTERY)
@pytest.mark.parametrize("records", [2, 7, 13, 18])
def test_answers_of_every_length_are_kept(sealed: SealUnderTest, records: int) -> None:
    """A log that has grown meanwhile is told as it was, up to the longest answer there is."""
    while len(sealed.log(Chain.JOURNAL)) < records + 2:
        flip_flag(sealed)
    start = sealed.log(Chain.JOURNAL)[-records].sequence
    body = READ_LOG_REQUEST.build(ReadLogRequest(Chain.JOURNAL, start, READ_LIMIT))
    payload = Request(Command.READ_LOG, sealed.next_sequence(), body).build()
    first = sealed.ask_payload(payload)
    for low in (True, False):  # nothing is asked meanwhile
        sealed.backend.set_battery_low(low)
        sealed.backend.pass_time(500)
    again = sealed.ask_payload(payload)
    expect.equal("L-9", first, again, f"an answer of {len(first.body)} bytes, asked for again")


@clause("L-9")
@pytest.mark.parametrize("sequence", [0, 1, 0xFF, 0x100, 0xFFFF])
def test_a_repeated_request_may_have_any_number(sealed: SealUnderTest, sequence: int) -> None:
    payload = Request(Command.CHALLENGE, sequence, b"").build()
    first = sealed.ask_payload(payload)
    expect.equal("L-9", first, sealed.ask_payload(payload), f"number {sequence} asked for again")


@clause("L-9")
@pytest.mark.parametrize("length", [1, 8, 60, 300, 1_024])
def test_the_whole_payload_decides_whether_it_is_a_repeat(
    sealed: SealUnderTest, length: int
) -> None:
    """The same number, and all bytes but the last the same."""
    sequence = sealed.next_sequence()
    for last in (b"\1", b"\2", b""):
        body = b"\x33" * (length - 1) + last
        payload = Request(Command.PING, sequence, body).build()
        answer = sealed.ask_payload(payload)
        expect.equal("L-9", body, answer.body, "the answer to another request with this number")


# The rate of the line (L-12).


@clause("L-12", "N-1")
def test_a_rate_is_a_number_of_four_bytes(sealed: SealUnderTest, bench: Backend) -> None:
    """What is a known rate but for its higher bytes is none."""
    for rate in [FIRST_RATE, *rates_of(sealed, bench)]:
        for wrong in (rate + (1 << 16), rate + (1 << 24), rate + (1 << 31)):
            status = ask_rate(sealed, wrong)
            expect.equal("L-12", Status.MALFORMED, status, f"a rate of {wrong}")
            hears(sealed, f"after a rate of {wrong}")


@clause("L-12")
def test_it_goes_back_to_the_rate_before(sealed: SealUnderTest, bench: Backend) -> None:
    """Which need not be that of the beginning."""
    rates = rates_of(sealed, bench)
    for used, unused in pairwise(rates):
        expect.equal("L-12", Status.OK, ask_rate(sealed, used), f"a rate of {used}")
        with at_rate(sealed, bench, used):
            hears(sealed, f"at {used}")
            expect.equal("L-12", Status.OK, ask_rate(sealed, unused), f"a rate of {unused}")
            bench.pass_time(BAUD_FALLBACK_MS + 500)
            sealed.line.forget()
            hears(sealed, f"back at {used} from {unused}")
            expect.equal("L-12", Status.OK, ask_rate(sealed, FIRST_RATE), "back to 9600")
        hears(sealed, "back at 9600")
