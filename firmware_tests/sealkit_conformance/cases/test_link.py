"""Frames and messages (chapter 2): whatever is on the line, a good frame is answered."""

from __future__ import annotations

import secrets
import zlib

import pytest

from sealkit.wire.link import encode_frame
from sealkit.wire.messages import Request
from sealkit.wire.registry import (
    LINK_FRAME_MAX,
    LINK_PAYLOAD_MAX,
    STATUS_KINDS,
    Command,
    Status,
    StatusKind,
)
from sealkit_conformance import expect
from sealkit_conformance.marks import clause
from sealkit_conformance.subject.seal import SealUnderTest

PING_MAX = 1_024


def ping(seal: SealUnderTest, body: bytes = b"hello") -> bytes:
    return Request(Command.PING, seal.next_sequence(), body).build()


def answers_ping(seal: SealUnderTest, clause_id: str, what: str, before: bytes = b"") -> None:
    """After `before` a ping is answered, and nothing else is."""
    payload = ping(seal, secrets.token_bytes(8))
    seal.line.send_raw(before + encode_frame(payload))
    raw = seal.line.next_payload()
    if raw is None:
        expect.fail(clause_id, f"{what}: the good frame after it gets no answer")
    answer = seal.parsed_answer(raw)
    expect.equal(clause_id, payload[4:], answer.body, f"{what}: ping answers other bytes")
    seal.no_answer(clause_id, f"{what}: there is a second answer", wait_s=0.1)


GARBAGE = {
    "nothing": b"",
    "a lone byte": b"\x01",
    "text": b"AT+CGMI\r\n",
    "a taximeter's frame": bytes.fromhex("55aa0004020100000755aa"),
    "zeros": bytes(64),
    "FF": b"\xff" * 300,
    "all values": bytes(range(256)) * 3,
    "more than a frame": b"\x55" * (LINK_FRAME_MAX + 500),
    "much more than a frame": b"\xa5" * (3 * LINK_FRAME_MAX),
}


@clause("L-3")
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_before_a_frame_costs_nothing(sealed: SealUnderTest, garbage: bytes) -> None:
    answers_ping(sealed, "L-3", "garbage before a frame", garbage + b"\0")


@clause("L-3")
def test_a_frames_own_zero_ends_garbage(sealed: SealUnderTest) -> None:
    answers_ping(sealed, "L-3", "garbage right before a frame", b"garbage")


@clause("L-3")
def test_random_garbage_costs_nothing(sealed: SealUnderTest) -> None:
    for length in (1, 3, 17, 254, 255, 1_000, LINK_FRAME_MAX - 3, LINK_FRAME_MAX + 1):
        garbage = secrets.token_bytes(length).replace(b"\0", b"\1")
        answers_ping(sealed, "L-3", f"{length} bytes of noise", garbage + b"\0")


@clause("L-3")
def test_garbage_inside_a_frame_loses_it_alone(sealed: SealUnderTest) -> None:
    frame = encode_frame(ping(sealed, b"lost"))
    middle = len(frame) // 2
    for inside in (b"\x07", b"\0", b"\xff" * 40):
        broken = frame[:middle] + inside + frame[middle:]
        answers_ping(sealed, "L-3", "garbage inside a frame", broken)


@clause("L-3", "L-1")
def test_every_flipped_bit_makes_a_frame_silent(sealed: SealUnderTest) -> None:
    frame = encode_frame(ping(sealed, b"\x01\x02"))
    for at in range(1, len(frame) - 1):
        for bit in range(8):
            broken = bytearray(frame)
            broken[at] ^= 1 << bit
            sealed.line.send_raw(bytes(broken))
    sealed.no_answer("L-3", "a frame with a flipped bit", wait_s=0.3)
    answers_ping(sealed, "L-3", "broken frames")


@clause("L-1", "L-3")
def test_a_wrong_crc_is_dropped(sealed: SealUnderTest) -> None:
    payload = ping(sealed)
    good = zlib.crc32(payload)
    for wrong in (0, good ^ 1, good ^ 0x80000000, 0xFFFFFFFF, zlib.crc32(payload[1:])):
        sealed.line.send_raw(_framed(payload + wrong.to_bytes(4, "big")))
    sealed.line.send_raw(_framed(payload + good.to_bytes(4, "little")))
    sealed.line.send_raw(_framed(payload))
    sealed.no_answer("L-3", "a frame with a wrong CRC")
    answers_ping(sealed, "L-3", "frames with a wrong CRC")


@clause("L-3")
def test_empty_frames_are_ignored(sealed: SealUnderTest) -> None:
    sealed.line.send_raw(bytes(100))
    sealed.no_answer("L-3", "empty frames")
    answers_ping(sealed, "L-3", "empty frames", bytes(9))


@clause("L-3")
def test_frames_that_do_not_decode_are_dropped(sealed: SealUnderTest) -> None:
    for coded in (b"\x05ab", b"\xff" + b"x" * 100, b"\x01", b"\x02\x01", b"\x01\x01\x01\x01"):
        sealed.line.send_raw(b"\0" + coded + b"\0")
    sealed.no_answer("L-3", "what is no frame", wait_s=0.3)
    answers_ping(sealed, "L-3", "what is no frame")


@clause("L-2", "L-3")
def test_a_frame_over_the_limit_is_dropped(sealed: SealUnderTest) -> None:
    payload = Request(Command.PING, sealed.next_sequence(), b"\x11" * 1_024).build()
    for length in (LINK_PAYLOAD_MAX + 1, LINK_PAYLOAD_MAX + 100, 2 * LINK_PAYLOAD_MAX):
        long = payload + b"\x11" * (length - len(payload))
        sealed.line.send_raw(_framed(long + zlib.crc32(long).to_bytes(4, "big")))
    sealed.no_answer("L-2", "a frame over the limit")
    answers_ping(sealed, "L-2", "a frame over the limit")


@clause("L-2", "L-7")
def test_the_longest_payload_is_read(sealed: SealUnderTest) -> None:
    """Of the greatest size a request still gets an answer: its body does not fit `ping`."""
    for filling in (b"\0", b"\x11"):
        body = filling * (LINK_PAYLOAD_MAX - 4)
        expect.status("L-2", Status.MALFORMED, sealed.ask(Command.PING, body))


@clause("C-1", "L-1")
@pytest.mark.parametrize("length", [0, 1, 2, 240, 245, 246, 247, 248, 249, 250, 500, 755, PING_MAX])
def test_runs_of_every_length_are_stuffed_right(sealed: SealUnderTest, length: int) -> None:
    for body in (b"\x7f" * length, bytes(length), (b"\x7f" * 300 + b"\0" * 3)[:length]):
        answer = sealed.ask_payload(ping(sealed, body), "L-1")
        expect.equal("L-1", body, answer.body, "ping answers other bytes")


@clause("C-1", "L-1")
def test_runs_around_254_with_and_without_zeros(sealed: SealUnderTest) -> None:
    for run in (252, 253, 254, 255, 507, 508, 509):
        for body in (b"\x01" * run + b"\0", b"\0" + b"\x01" * run, b"\x01" * run + b"\0\x02"):
            answer = sealed.ask_payload(ping(sealed, body), "L-1")
            expect.equal("L-1", body, answer.body, "ping answers other bytes")


@clause("L-4", "L-3")
def test_a_frame_may_come_in_any_two_pieces(sealed: SealUnderTest) -> None:
    for at in range(1, len(encode_frame(ping(sealed)))):
        payload = ping(sealed)
        frame = encode_frame(payload)
        sealed.line.send_raw(frame[:at])
        sealed.backend.pass_time(20)
        sealed.line.send_raw(frame[at:])
        answer = sealed.answer_to(payload, clause="L-4")
        expect.equal("L-4", payload[4:], answer.body, f"cut after {at} bytes")


@clause("L-4")
def test_silence_ends_no_frame(sealed: SealUnderTest) -> None:
    payload = ping(sealed)
    frame = encode_frame(payload)
    for wait_ms in (100, 1_000, 3_000):
        for byte in (frame[:7], frame[7:9], frame[9:]):
            sealed.line.send_raw(byte)
            sealed.backend.pass_time(wait_ms)
        answer = sealed.answer_to(payload, clause="L-4")
        expect.equal("L-4", payload[4:], answer.body, "cut by silence")
        payload = ping(sealed)
        frame = encode_frame(payload)


@clause("L-3")
def test_frames_may_share_a_zero_and_come_at_once(sealed: SealUnderTest) -> None:
    payloads = [ping(sealed, bytes((n, 1))) for n in range(5)]
    sealed.line.send_raw(b"\0".join(encode_frame(p).strip(b"\0") for p in payloads) + b"\0")
    answered = []
    while (raw := sealed.line.next_payload()) is not None:
        answered.append(sealed.parsed_answer(raw).body)
    # A seal with one buffer may lose what comes while it answers, but not the first.
    expect.equal("L-3", [payloads[0][4:]], answered[:1], "the first of two frames is lost")


@clause("L-5")
def test_a_seal_never_speaks_first(sealed: SealUnderTest) -> None:
    for _ in range(20):
        sealed.backend.pass_time(1_000)
        sealed.no_answer("L-5", "the seal speaks without being asked", wait_s=0.01)


# Messages.


@clause("L-7")
@pytest.mark.parametrize("version", [0, 2, 0xFF])
def test_another_version_is_refused(sealed: SealUnderTest, version: int) -> None:
    for command in (Command.PING, Command.STATUS, Command.ORDER, 0x7F):
        answer = sealed.ask(command, b"", version=version)
        expect.status("L-7", Status.WRONG_VERSION, answer)


@clause("L-7")
def test_unknown_commands_are_refused(sealed: SealUnderTest) -> None:
    for number in range(0x80):
        if number not in set(Command):
            expect.status("L-7", Status.UNKNOWN_COMMAND, sealed.ask(number))
            expect.status("L-7", Status.UNKNOWN_COMMAND, sealed.ask(number, bytes(40)))


@clause("N-3", "L-7")
@pytest.mark.parametrize("command", sorted(Command), ids=lambda c: Command(c).name.lower())
def test_a_body_of_a_wrong_length_is_malformed(sealed: SealUnderTest, command: Command) -> None:
    bodies = {
        Command.PING: [bytes(PING_MAX + 1)],
        Command.EVIDENCE: [b"", bytes(31), bytes(33)],
        Command.ORDER: [b"", b"\0", b"\0\x01", b"\0\0", b"\0\x05\1\2\3\4\5\1"],
        Command.READ_LOG: [b"", bytes(6), bytes((1, *bytes(7)))],
        Command.READ_RECORD: [b"", bytes(7), bytes(9)],
        Command.READ_GROUP: [b"", b"\1\1"],
        Command.READ_CREDENTIAL: [b"", b"\1\1"],
        Command.INSTALL_CREDENTIAL: [b"", bytes(10), b"SEALKIT"],
        Command.SET_BAUD: [b"", bytes(3), bytes((0, 0, 0x25, 0x80, 0))],
    }.get(command, [b"\0", bytes(32)])
    for body in bodies:
        answer = sealed.ask(command, body)
        what = f"a body of {len(body)} bytes"
        taken = STATUS_KINDS[Status(answer.status)] is StatusKind.DONE
        expect.status("N-3" if taken else "L-7", Status.MALFORMED, answer, what)


@clause("N-3", "L-7")
def test_values_that_are_not_in_their_table_are_malformed(sealed: SealUnderTest) -> None:
    for chain in (0, 4, 0x81, 0xFF):
        sealed.refused(Command.READ_LOG, bytes((chain, *bytes(6))), Status.MALFORMED, "N-3")
    for choice in (0, 3, 0xFF):
        sealed.refused(Command.READ_CREDENTIAL, bytes((choice,)), Status.MALFORMED, "N-3")


@clause("L-7")
def test_what_is_no_request_is_dropped(sealed: SealUnderTest) -> None:
    for payload in (b"\1", b"\1\2", b"\1\1\0", b"\1\x81\0\1", b"\1\x83\0\1\0", b"\2\xff\0\1"):
        sealed.line.send(payload)
    sealed.no_answer("L-7", "what is no request", wait_s=0.3)
    answers_ping(sealed, "L-7", "payloads that are no requests")


@clause("L-6")
@pytest.mark.parametrize("sequence", [0, 1, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF])
def test_an_answer_has_the_requests_number(sealed: SealUnderTest, sequence: int) -> None:
    sealed.ask(Command.PING, sequence=sequence)
    sealed.ask(Command.STATUS, sequence=sequence)


@clause("L-9")
def test_numbers_may_come_in_any_order(sealed: SealUnderTest) -> None:
    for sequence in (9, 8, 7, 65_535, 0, 65_535, 9, 8):
        body = secrets.token_bytes(4)
        answer = sealed.ask(Command.PING, body, sequence=sequence)
        expect.equal("L-9", body, answer.body, "an older answer comes for a new request")


@clause("L-9")
def test_the_same_number_with_another_payload_is_another_request(sealed: SealUnderTest) -> None:
    number = sealed.next_sequence()
    for body in (b"one", b"two", b"one"):
        answer = sealed.ask(Command.PING, body, sequence=number)
        expect.equal("L-9", body, answer.body, "the answer of another request comes")
    sealed.ask(Command.CHALLENGE, sequence=number)
    answer = sealed.ask(Command.PING, b"two", sequence=number)
    expect.equal("L-9", b"two", answer.body, "the answer of another request comes")


@clause("L-9")
@pytest.mark.parametrize("command", [Command.CHALLENGE, Command.EVIDENCE, Command.STATUS])
def test_a_repeated_request_gets_the_same_answer(sealed: SealUnderTest, command: Command) -> None:
    body = secrets.token_bytes(32) if command is Command.EVIDENCE else b""
    payload = Request(command, sealed.next_sequence(), body).build()
    first = sealed.ask_payload(payload)
    for _ in range(3):
        sealed.backend.pass_time(1_100)
        expect.equal("L-9", first, sealed.ask_payload(payload), "a repeated request is done again")
        sealed.no_answer("L-9", "a repeated request is answered twice", wait_s=0.1)
    other = sealed.ask(command, body)
    expect.true("L-9", other.body != first.body, "a new request gets an old answer")


@clause("L-9")
def test_a_repeated_challenge_does_not_replace_the_one_that_was_given(
    sealed: SealUnderTest,
) -> None:
    payload = Request(Command.CHALLENGE, sealed.next_sequence(), b"").build()
    first = sealed.ask_payload(payload).body
    expect.equal("L-9", first, sealed.ask_payload(payload).body, "another challenge is given")


def _framed(data: bytes) -> bytes:
    """Bytes as a frame that has no CRC of its own (COBS by L-1)."""
    coded = bytearray()
    for run in data.split(b"\0"):
        while len(run) >= 254:
            coded += b"\xff" + run[:254]
            run = run[254:]
        coded += bytes((len(run) + 1,)) + run
    return b"\0" + bytes(coded) + b"\0"
