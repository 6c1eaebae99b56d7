"""Numbers at the ends of their fields (N-1): a processor's own integers are narrower, or signed."""

from __future__ import annotations

from typing import Final

import pytest

from sealkit.wire.messages import OrderRequest
from sealkit.wire.orders import GroupItem, ParametersBody, TrustBody
from sealkit.wire.parameters import PendingTariff
from sealkit.wire.registry import Group, OrderKind, Role, Status
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Capability
from sealkit_conformance.cases.test_sets import set_of
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.people import minimum
from sealkit_conformance.subject.seal import SealUnderTest

U32: Final = 1 << 32
I64: Final = 1 << 63
END: Final = (1 << 64) - 1
GROUP: Final = 200
"""A group that the seal keeps and does not interpret (P-2)."""
SALT: Final = bytes(16)


# A credential's times and generation.


@clause("K-5", "N-1", "N-4")
@pytest.mark.parametrize("not_after", [U32 + 5, I64 - 1, I64, END])
def test_a_credential_may_hold_for_ages(sealed: SealUnderTest, not_after: int) -> None:
    station = sealed.people.another(Role.STATION, not_after=not_after)
    sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[station]), "K-5")


@clause("K-5", "N-1", "N-4")
@pytest.mark.parametrize("not_before", [U32 + 5, I64, END - 1])
def test_a_credential_may_begin_in_ages(sealed: SealUnderTest, not_before: int) -> None:
    station = sealed.people.another(Role.STATION, not_before=not_before, not_after=END)
    request = sealed.good(OrderKind.CONFIRM, signers=[station])
    sealed.refuses(request, Status.CREDENTIAL_NOT_YET_VALID, "K-5")


@clause("K-5", "N-4")
def test_a_credential_that_never_holds_is_not_yet_valid(sealed: SealUnderTest) -> None:
    """Of one credential its beginning is judged first."""
    now = sealed.status().clock
    station = sealed.people.another(Role.STATION, not_before=now + 9_000, not_after=now - 9_000)
    request = sealed.good(OrderKind.CONFIRM, signers=[station])
    sealed.refuses(request, Status.CREDENTIAL_NOT_YET_VALID, "K-5")


@clause("K-5", "N-1", "R43")
@pytest.mark.parametrize(
    ("least", "generation", "status"),
    [
        (255, 256, Status.OK),
        (256, 255, Status.CREDENTIAL_REVOKED),
        (0x7FFF, 0x8000, Status.OK),
        (0x8000, 0x7FFF, Status.CREDENTIAL_REVOKED),
        (0xFFFF, 0xFFFF, Status.OK),
        (0xFFFF, 0xFFFE, Status.CREDENTIAL_REVOKED),
        (0, 0, Status.OK),
    ],
)
def test_generations_are_numbers_of_two_bytes(
    sealed: SealUnderTest, least: int, generation: int, status: Status
) -> None:
    people = sealed.people
    version = sealed.status().trust_version + 1
    statement = people.statement(version, minimums=(minimum(people["registry"], least),))
    sealed.give(OrderKind.TRUST, body=TrustBody(statement.raw), signers=[people["inspector"]])
    technician = people.another(Role.TECHNICIAN, generation=generation)
    signers = [technician, people["station"]]
    answer = sealed.order(sealed.good(OrderKind.UNSEAL, signers=signers))
    expect.status("K-5", status, answer, f"generation {generation} where {least} is the least")


# Regions.


@clause("K-1", "N-1")
@pytest.mark.parametrize(
    "scope",
    [
        310000 + 65_536,
        310000 - 65_536 * 4,
        310000 + (1 << 24),
        300000,
        U32 - 65_536 + 310000 % 65_536,
        U32 - 1,
        65_536,
        330000,
        31,
        3100,
    ],
)
def test_other_numbers_are_other_regions(sealed: SealUnderTest, scope: int) -> None:
    """Whatever they have in common with the seal's: digits, bytes, or the remainder.

    The authority is of 310000, so a credential of such a scope is none that it may issue (K-3).
    """
    inspector = sealed.people.another(Role.INSPECTOR, scope=scope)
    request = sealed.good(OrderKind.CONFIRM, signers=[inspector])
    sealed.refuses(request, Status.CREDENTIAL_UNTRUSTED, "K-1")


# The head that an order was made against.


@clause("O-7", "N-1")
@pytest.mark.parametrize("wrong", [1 << 8, 1 << 16, 1 << 24, 1 << 31])
def test_every_byte_of_the_heads_number_counts(sealed: SealUnderTest, wrong: int) -> None:
    number = sealed.status().control_sequence ^ wrong
    request = sealed.good(OrderKind.CONFIRM, head_sequence=number)
    sealed.refuses(request, Status.STALE_HEAD, "O-7")


@clause("O-7", "O-4", "O-8", "N-1")
@pytest.mark.parametrize("at", range(0, 32, 5))
def test_every_byte_of_what_an_order_names_counts(sealed: SealUnderTest, at: int) -> None:
    """The head's digest, the seal's key, the challenge: each differs in one byte alone."""

    def other(value: bytes) -> bytes:
        place = at % len(value)
        return value[:place] + bytes((value[place] ^ 0x80,)) + value[place + 1 :]

    status = sealed.status()
    request = sealed.good(OrderKind.UNSEAL, head_digest=other(status.control_digest))
    sealed.refuses(request, Status.STALE_HEAD, "O-7")
    request = sealed.good(OrderKind.UNSEAL, seal_key=other(status.seal_key))
    sealed.refuses(request, Status.WRONG_SEAL, "O-4")
    orders = sealed.orders(challenge=True)
    request = orders.good(OrderKind.UNSEAL, challenge=other(orders.standing.challenge))
    sealed.refuses(request, Status.CHALLENGE_WRONG, "O-8")


# A pending tariff's window.


@clause("P-7", "O-22", "N-4")
@pytest.mark.parametrize(
    ("begin", "end", "good"),
    [
        (5, U32, True),
        (U32 + 9, 2 * U32 + 3, True),
        (0, I64 + 1, True),
        (I64 - 1, I64, True),
        (END - 1, END, True),
        (0, END, True),
        (END, 0, False),
        (I64 + 5, I64 + 4, False),
        (U32, 5, False),
        (2 * U32 + 3, U32 + 9, False),
        (END, END, False),
    ],
)
def test_a_pending_tariffs_window_is_of_long_numbers(
    opened: SealUnderTest, begin: int, end: int, good: bool
) -> None:
    opened.see_meter()
    pending = (PendingTariff(begin, end, opened.backend.meter().fare),)
    request = opened.good(OrderKind.SEAL, body=set_of(opened, pending=pending))
    if good:
        opened.apply(request, "P-7")
    else:
        opened.refuses(request, Status.BODY_INVALID, "P-7")


@clause("P-7", "O-25", "W-3")
@needs(Capability.METER)
@pytest.mark.parametrize("shown", ["the one of now", "the pending one"])
def test_a_pending_tariffs_window_to_the_second(opened: SealUnderTest, shown: str) -> None:
    """Before valid_from the one of now, from valid_until on the pending one, between them both."""
    opened.see_meter()
    fare = opened.backend.meter().fare
    other = bytes((fare[0] ^ 1,)) + fare[1:]
    now, pending = (fare, other) if shown == "the one of now" else (other, fare)
    edges = {
        "the one of now": (((0, 1), Status.OK), ((-1, 0), Status.METER_MISMATCH)),
        "the pending one": (((1, 2), Status.METER_MISMATCH), ((0, 1), Status.OK)),
    }
    orders = opened.orders()
    for (begin, end), status in edges[shown]:

        def make(clock: int, begin: int = begin, end: int = end) -> OrderRequest:
            window = PendingTariff(clock + begin, clock + end, pending)
            body = orders.set_body(fare=now, pending=(window,))
            return opened.good(OrderKind.SEAL, body=body)

        answer = opened.judged_within(make)
        what = f"the meter shows {shown}, the window is [{begin}, {end}) from this second"
        expect.status("P-7", status, answer, what)


# What has changed.


def optional(seal: SealUnderTest, content: bytes) -> ParametersBody:
    """A group of its own kind, with the calibration group that a change needs."""
    calibration = set_of(seal, Group.CALIBRATION).groups
    return ParametersBody((*calibration, GroupItem(GROUP, SALT + content)))


@clause("P-3", "O-24", "P-2")
def test_all_of_a_group_decides_whether_it_changed(sealed: SealUnderTest) -> None:
    """Longer, shorter, or another at its very end is a change; the same once more is none."""
    long = bytes(range(200))
    for content in (
        b"",
        b"ab",
        b"abc",
        b"ab",
        long,
        long[:-1] + b"\xff",
        long[:-1],
        long[:-1] + b"\0",
    ):
        sealed.give(OrderKind.SEAL, body=optional(sealed, content), clause="P-3")
        again = sealed.good(OrderKind.SEAL, body=optional(sealed, content))
        sealed.refuses(again, Status.NOTHING_CHANGED, "P-3")


@clause("P-4", "P-2", "R14")
def test_a_group_of_no_counter_steps_none(sealed: SealUnderTest) -> None:
    """Nor does the calibration group, which comes with it."""
    before = sealed.status()
    for content in (b"first", b"second"):
        answer = sealed.order(sealed.good(OrderKind.SEAL, body=optional(sealed, content)))
        expect.status("P-4", Status.OK, answer, "a group that the seal does not interpret")
    due = {
        "calibration_counter": before.calibration_counter,
        "configuration_counter": before.configuration_counter,
    }
    expect.fields_of("P-4", sealed.status(), due, "the counters")
    expect.fields_of("P-4", sealed.evidence(), due, "the evidence's counters")


@clause("P-3", "P-4", "R14")
@needs(Capability.FRESH_DEVICES)
def test_the_first_set_changes_all(opened: SealUnderTest) -> None:
    opened.see_meter()
    opened.take(opened.good(OrderKind.SEAL))
    due = {"calibration_counter": 1, "configuration_counter": 1}
    expect.fields_of("P-3", opened.status(), due, "the counters after the first set")
