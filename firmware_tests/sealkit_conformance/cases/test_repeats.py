"""Requests that come again, and orders on a bad line (L-3, L-4, L-9)."""

from __future__ import annotations

import secrets

import pytest

from sealkit.wire.link import encode_frame
from sealkit.wire.messages import ORDER_REQUEST, OrderRequest, Request
from sealkit.wire.registry import Command, CredentialChoice, OrderKind, Status
from sealkit_conformance import expect
from sealkit_conformance.marks import clause
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.shown import look_at, same


def order_payload(seal: SealUnderTest, request: OrderRequest) -> bytes:
    body = ORDER_REQUEST.build(request)
    return Request(Command.ORDER, seal.next_sequence(), body).build()


@clause("L-9", "O-3")
@pytest.mark.parametrize(
    "kind", [OrderKind.CONFIRM, OrderKind.TRUST, OrderKind.ADJUST_CLOCK, OrderKind.UNSEAL]
)
def test_a_repeated_order_gets_the_answer_that_it_got(
    sealed: SealUnderTest, kind: OrderKind
) -> None:
    """*Done*, not *already applied*, as long as nothing else was asked."""
    payload = order_payload(sealed, sealed.good(kind))
    first = expect.status("L-9", Status.OK, sealed.ask_payload(payload))
    for _ in range(3):
        expect.equal("L-9", first, sealed.ask_payload(payload), "the order is carried out again")
        sealed.no_answer("L-9", "a repeated order is answered twice", wait_s=0.1)
    before = look_at(sealed)
    answer = expect.status("O-3", Status.ALREADY_APPLIED, sealed.ask_payload(payload))
    expect.equal("O-3", first.body, answer.body, "it names another record")
    same("O-3", before, look_at(sealed), "an order that had been applied changes something")


@clause("L-9", "O-1", "R41")
def test_a_repeated_order_that_is_refused_is_counted_once(sealed: SealUnderTest) -> None:
    before = sealed.evidence()
    payload = order_payload(sealed, sealed.good(OrderKind.CONFIRM, head_sequence=1))
    first = expect.status("L-9", Status.STALE_HEAD, sealed.ask_payload(payload))
    for _ in range(3):
        expect.equal("L-9", first, sealed.ask_payload(payload), "another answer")
    due = {"refused_stale": before.refused_stale + 1}
    expect.fields_of("L-9", sealed.evidence(), due, "it was judged again")
    expect.status("L-9", Status.STALE_HEAD, sealed.ask_payload(payload))
    due = {"refused_stale": before.refused_stale + 2}
    expect.fields_of("L-9", sealed.evidence(), due, "after another request it is a new one")


@clause("L-9")
def test_what_is_dropped_does_not_end_the_last_answer(sealed: SealUnderTest) -> None:
    payload = Request(Command.CHALLENGE, sealed.next_sequence(), b"").build()
    first = sealed.ask_payload(payload)
    good = encode_frame(payload)
    dropped = (
        b"noise\0",
        encode_frame(b"\1\x84" + payload[2:]),
        encode_frame(b"\1\4"),
        good[:5] + bytes((good[5] ^ 1,)) + good[6:],
    )
    for bytes_ in dropped:
        sealed.line.send_raw(bytes_)
        expect.equal("L-9", first, sealed.ask_payload(payload), "the request is done again")


@clause("L-9")
def test_only_the_last_answer_is_kept(sealed: SealUnderTest) -> None:
    """A request that comes again after another one is a new one, whatever its number."""
    payload = Request(Command.CHALLENGE, sealed.next_sequence(), b"").build()
    first = sealed.ask_payload(payload)
    sealed.ask(Command.PING)
    again = sealed.ask_payload(payload)
    expect.true("L-9", first.body != again.body, "an answer of before comes again")


@clause("L-9")
def test_refusals_are_kept_as_well(sealed: SealUnderTest) -> None:
    """And the command is part of what is compared."""
    number = sealed.next_sequence()
    for command, body, status in (
        (Command.READ_GROUP, b"\xc8", Status.NOT_FOUND),
        (0x7E, b"\xc8", Status.UNKNOWN_COMMAND),
        (Command.READ_CREDENTIAL, b"\xc8", Status.MALFORMED),
        (Command.PING, b"\xc8", Status.OK),
    ):
        payload = Request(command, number, body).build()
        first = expect.status("L-9", status, sealed.ask_payload(payload))
        expect.equal("L-9", first, sealed.ask_payload(payload), "another answer")


@clause("L-9")
def test_the_version_is_part_of_what_is_compared(sealed: SealUnderTest) -> None:
    number = sealed.next_sequence()
    expect.status("L-9", Status.OK, sealed.ask(Command.PING, b"x", sequence=number))
    answer = sealed.ask(Command.PING, b"x", sequence=number, version=2)
    expect.status("L-9", Status.WRONG_VERSION, answer)


@clause("L-9", "C-12")
def test_a_repeated_credential_is_not_installed_again(sealed: SealUnderTest) -> None:
    info = sealed.info()
    one = sealed.people.seal(info.serial, info.public_key, name="one").credential.raw
    other = sealed.people.seal(info.serial, info.public_key, name="other").credential.raw
    payload = Request(Command.INSTALL_CREDENTIAL, sealed.next_sequence(), one).build()
    expect.status("L-9", Status.OK, sealed.ask_payload(payload))
    sealed.done(Command.INSTALL_CREDENTIAL, other)
    expect.equal("C-12", other, sealed.credential(CredentialChoice.SEAL), "the later credential")
    expect.status("L-9", Status.OK, sealed.ask_payload(payload))
    held = sealed.credential(CredentialChoice.SEAL)
    expect.equal("L-9", one, held, "a request that comes again later is a new one")


# Orders on a bad line.


@clause("L-3", "L-4", "O-16")
def test_an_order_comes_in_many_pieces(sealed: SealUnderTest) -> None:
    for size in (1, 7, 64, 255, 1_000):
        payload = order_payload(sealed, sealed.good(OrderKind.CONFIRM))
        frame = encode_frame(payload)
        for at in range(0, len(frame), size):
            sealed.line.send_raw(frame[at : at + size])
        answer = sealed.answer_to(payload, len(frame))
        expect.status("L-4", Status.OK, answer, f"an order in pieces of {size} bytes")


@clause("L-3")
def test_an_order_cut_short_by_another_frame_is_dropped(sealed: SealUnderTest) -> None:
    """Nothing of it is carried out, and the frame that cut it is answered."""
    frame = encode_frame(order_payload(sealed, sealed.good(OrderKind.CONFIRM)))
    before = look_at(sealed)
    for at in (1, 30, len(frame) // 2, len(frame) - 2):
        payload = Request(Command.PING, sealed.next_sequence(), secrets.token_bytes(8)).build()
        sealed.line.send_raw(frame[:at] + encode_frame(payload))
        expect.equal("L-3", payload[4:], sealed.answer_to(payload, at).body, "a frame was lost")
    same("L-3", before, look_at(sealed), "an order that was cut short changed it")


@clause("L-3", "L-1")
def test_an_order_with_a_flipped_bit_on_the_line_is_dropped(sealed: SealUnderTest) -> None:
    payload = order_payload(sealed, sealed.good(OrderKind.CONFIRM))
    frame = encode_frame(payload)
    before = look_at(sealed)
    for at in range(1, len(frame) - 1, 37):
        broken = bytearray(frame)
        broken[at] ^= 0x10
        if not broken[at]:
            broken[at] ^= 0x20
        sealed.line.send_raw(bytes(broken))
    sealed.no_answer("L-3", "orders with a flipped bit", wait_s=0.3)
    same("L-3", before, look_at(sealed), "an order with a wrong CRC changed it")
    expect.status("L-3", Status.OK, sealed.ask_payload(payload), "the order as it was")
