"""Text that only looks like UTF-8 (N-2, N-3): a checker of one's own takes it easily."""

from __future__ import annotations

from typing import Final

import pytest

from sealkit.wire.registry import Command, Group, OrderKind, Role, Status
from sealkit_conformance import expect
from sealkit_conformance.cases.test_sets import refuses_set, set_of, text8, with_content
from sealkit_conformance.marks import clause
from sealkit_conformance.subject.seal import SealUnderTest

GOOD: Final = {
    "the last of two bytes": "\u07ff" * 2,
    "the first of three bytes": "\u0800" * 2,
    "before the surrogates": "\ud7ff\ue000",
    "the last of three bytes": "\uffff" * 2,
    "the first of four bytes": "\U00010000",
    "the last of all": "\U0010ffff",
    "a zero within": "a\0b",
}
BAD: Final = {
    "a continuation alone": b"ab\x80",
    "cut after the first of two": b"ab\xc3",
    "cut after the second of three": b"a\xe6\xb2",
    "cut after the third of four": b"\xf0\x9f\x9a",
    "two bytes for one": b"a\xc1\xbf",
    "two bytes for a zero": b"a\xc0\x80",
    "three bytes for two": b"\xe0\x9f\xbf",
    "four bytes for three": b"\xf0\x8f\xbf\xbf",
    "the first surrogate": b"\xed\xa0\x80",
    "the last surrogate": b"\xed\xbf\xbf",
    "beyond the last of all": b"\xf4\x90\x80\x80",
    "far beyond": b"\xf7\xbf\xbf\xbf",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "a byte that none begins with": b"abc\xff",
}
_VEHICLE_REST: Final = b"AX7319" + b"LSVAA49J132047371"
_NAME_AT: Final = 118


def length_and(raw: bytes) -> bytes:
    return bytes((len(raw),)) + raw


@clause("N-2", "P-10", "O-27")
@pytest.mark.parametrize("what", GOOD)
def test_every_character_is_text(sealed: SealUnderTest, what: str) -> None:
    text = text8(GOOD[what])
    body = with_content(set_of(sealed), Group.VEHICLE, text + _VEHICLE_REST)
    sealed.give(OrderKind.SEAL, body=body, clause="N-2")
    reason = b"\2" + text
    sealed.apply(sealed.good(OrderKind.UNSEAL, body=reason), "N-2")


@clause("N-3", "N-2", "O-22", "P-10")
@pytest.mark.parametrize("what", BAD)
def test_a_plate_that_is_no_text(opened: SealUnderTest, what: str) -> None:
    content = length_and(BAD[what]) + _VEHICLE_REST
    body = with_content(set_of(opened), Group.VEHICLE, content)
    refuses_set(opened, body, Status.BODY_INVALID, "N-3")


@clause("N-3", "N-2", "O-1", "O-27")
@pytest.mark.parametrize("what", BAD)
def test_a_reason_that_is_no_text(sealed: SealUnderTest, what: str) -> None:
    request = sealed.good(OrderKind.UNSEAL, body=b"\2" + length_and(BAD[what]))
    sealed.refuses(request, Status.MALFORMED, "N-3")


@clause("N-3", "N-2", "O-10", "C-12")
@pytest.mark.parametrize("what", BAD)
def test_a_name_that_is_no_text(sealed: SealUnderTest, what: str) -> None:
    """A signer's, and the seal's own."""
    people = sealed.people
    station = people["station"].credential.raw
    raw = station[:_NAME_AT] + length_and(BAD[what]) + station[-64:]
    inspector = people.another(Role.INSPECTOR)
    sent = [inspector.credential.raw, raw]
    request = sealed.good(OrderKind.CONFIRM, signers=[inspector], credentials=sent)
    sealed.refuses(request, Status.CREDENTIAL_INVALID, "N-3")
    info = sealed.info()
    own = people.seal(info.serial, info.public_key).credential.raw
    unsigned = own[:_NAME_AT] + length_and(BAD[what])
    installed = unsigned + people.maker.key.sign(unsigned)
    answer = sealed.ask(Command.INSTALL_CREDENTIAL, installed)
    taken = answer.status == Status.OK
    expect.true("N-3", not taken, "a credential is installed whose name is no text")
