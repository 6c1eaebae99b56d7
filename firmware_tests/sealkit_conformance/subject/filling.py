"""Fills a seal's memory: its control chain by the greatest orders, its journal by flags."""

from __future__ import annotations

import secrets
from typing import Final

from sealkit.wire.credentials import Minimum, Revoked
from sealkit.wire.messages import OrderRequest
from sealkit.wire.orders import TrustBody
from sealkit.wire.registry import (
    ORDER_REQUEST_MAX,
    TRUST_MINIMUMS_MAX,
    TRUST_REVOKED_MAX,
    Flag,
    OrderKind,
    Role,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import CannotDoError, Capability
from sealkit_conformance.subject.people import Person
from sealkit_conformance.subject.seal import SealUnderTest

ORDERS_MAX: Final = 300
JOURNAL_MAX: Final = 32_768
"""What takes more orders, or more bytes of small records, is left out."""
FLAGS_RECORD_BYTES: Final = 85
_NAME_BYTES: Final = 4
_CREDENTIALS: Final = 4
_KEY_ID_BYTES: Final = 16


def greatest_order(seal: SealUnderTest) -> OrderRequest:
    """A TRUST order whose record has all the bytes that a record may have (C-6, O-1)."""
    people, standing = seal.people, seal.standing()
    someone = [secrets.token_bytes(_KEY_ID_BYTES) for _ in range(TRUST_REVOKED_MAX)]
    statement = people.statement(
        standing.trust_version + 1,
        minimums=tuple(Minimum(issuer, 1) for issuer in someone[:TRUST_MINIMUMS_MAX]),
        revoked=tuple(Revoked(issuer, 1) for issuer in someone),
    )
    inspector = people.another(Role.INSPECTOR, name="i" * _NAME_BYTES)
    return stretched(seal, OrderKind.TRUST, TrustBody(statement.raw), inspector)


def stretched(seal: SealUnderTest, kind: OrderKind, body: object, signer: Person) -> OrderRequest:
    """An order with credentials that nobody has seen, as long as a request may be."""
    extra = [seal.people.another(Role.STATION, name="e" * _NAME_BYTES) for _ in range(2)]
    sent = [signer.credential.raw, *(one.credential.raw for one in extra)]
    request = seal.good(kind, body=body, signers=[signer], credentials=sent)
    used = 3 + len(request.order) + sum(2 + len(raw) for raw in sent)
    left = ORDER_REQUEST_MAX - used
    shortest = 2 + len(signer.credential.raw) - len(signer.credential.name)
    if 0 <= left - shortest <= 48:
        last = seal.people.another(Role.STATION, name="l" * (left - shortest))
        return OrderRequest(request.order, (*request.credentials, last.credential.raw))
    return request


def fill_control(seal: SealUnderTest, left: int = 0) -> None:
    """Greatest orders until so many more of them fit by `control_free`.

    Raises CannotDoError if that takes too long.
    """
    if seal.status().control_free > ORDERS_MAX:
        raise CannotDoError(Capability.FILLING)
    for _ in range(ORDERS_MAX):
        if seal.status().control_free <= left:
            return
        seal.apply(greatest_order(seal), "C-3")
    expect.fail("C-3", "control_free does not fall although orders are stored")


def flip_flag(seal: SealUnderTest) -> None:
    """The battery's flag changes: a flags record."""
    seal.backend.set_battery_low(not seal.status().flags & Flag.BATTERY_LOW)
    seal.backend.pass_time(200)


def fill_journal(seal: SealUnderTest) -> None:
    """Flags change until the journal is full.

    Raises CannotDoError if that takes too long.
    """
    free = seal.status().journal_free
    if free > JOURNAL_MAX:
        raise CannotDoError(Capability.FILLING)
    for _ in range(4 * JOURNAL_MAX // FLAGS_RECORD_BYTES):
        flip_flag(seal)
        status = seal.status()
        if status.flags & Flag.JOURNAL_FULL:
            expect.true("J-3", free < FLAGS_RECORD_BYTES, f"full, with {free} bytes free")
            return
        free = status.journal_free
    expect.fail("J-3", "the journal takes records without end")
