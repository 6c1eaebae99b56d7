"""Every order in every state by every role: the table of chapter 6, played whole (O-2 to O-16)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from sealkit.wire.messages import ORDER_ANSWER, OrderAnswer, OrderRequest
from sealkit.wire.orders import ORDER
from sealkit.wire.records import OrderRecord, parse_record_body
from sealkit.wire.registry import ORDERS, Chain, OrderKind, Role, State, Status
from sealkit.wire.tags import TAG_BYTES
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend
from sealkit_conformance.marks import clause, every_order
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.people import People, Person
from sealkit_conformance.subject.seal import SealUnderTest, parsed
from sealkit_conformance.subject.shown import look_at, same
from sealkit_conformance.subject.stages import Stages

Verdict = tuple[Status, str]
Signers = tuple[Role, ...]

UNHOLDING: Final = {
    Role.AUTHORITY: (Status.CREDENTIAL_UNTRUSTED, "K-3"),
    Role.MANUFACTURER: (Status.CREDENTIAL_UNTRUSTED, "K-3"),
    Role.SEAL: (Status.CREDENTIAL_MISSING, "K-5"),
}
"""Roles whose credentials do not lead to the authority as a signer's must."""


def by_the_table(kind: OrderKind, state: State, signers: Signers) -> list[Verdict]:
    """The statuses that the rules lead to, with the rule; more than one where SPEC.md leaves open
    which of two signers is judged first. OK if the order is to be applied."""
    rule = ORDERS[kind]
    if state is State.RETIRED:
        return [(Status.KEY_DESTROYED, "O-2")]
    if state not in rule.from_states:
        return [(Status.WRONG_STATE, "O-5")]
    if unholding := [UNHOLDING[role] for role in signers if role in UNHOLDING]:
        return unholding
    if any(role not in roles for role, roles in zip(signers, rule.signers, strict=False)):
        return [(Status.ROLE_NOT_ALLOWED, "O-11")]
    if len(signers) != len(rule.signers):
        return [(Status.SIGNATURES_MISSING, "O-11")]
    return [(Status.OK, "O-16")]


def all_signers() -> Iterator[Signers]:
    for first in Role:
        yield (first,)
        for second in Role:
            yield (first, second)


def people_of(people: People, signers: Signers) -> list[Person]:
    """Good people of these roles; of one role twice, two of them."""
    persons = [people.of(role) for role in signers]
    if len(signers) == 2 and signers[0] is signers[1]:
        persons[1] = _second(people, signers[1])
    return persons


def _second(people: People, role: Role) -> Person:
    if role in UNHOLDING:
        return people.seal(serial=2) if role is Role.SEAL else people.issue(None, role, serial=9)
    return people.another(role)


@clause("O-5", "O-2", "O-6", "O-11", "O-16", "R40")
@pytest.mark.parametrize("kind", every_order())
@pytest.mark.parametrize("state", list(State), ids=lambda state: state.name.lower())
@pytest.mark.seconds(120)
def test_the_order_in_this_state_by_every_role(
    seal: SealUnderTest, stages: Stages, bench: Backend, state: State, kind: OrderKind
) -> None:
    def bring() -> None:
        stages.bring(seal, state)
        if kind is OrderKind.RESTORE_CLOCK and state in ORDERS[kind].from_states:
            bench.lose_clock()

    bring()
    for signers in all_signers():
        verdicts = by_the_table(kind, state, signers)
        if len(signers) > 1 and verdicts[0][0] in (Status.WRONG_STATE, Status.KEY_DESTROYED):
            continue  # whoever signs: the state is judged before the signers
        request = seal.good(kind, signers=people_of(seal.people, signers))
        if verdicts[0][0] is Status.OK:
            before = len(seal.log(Chain.CONTROL))
            answer = seal.apply(request)
            check_applied(seal, request, answer, before)
            expect.equal("Z-1", ORDERS[kind].to_state or state, seal.state(), "the state after it")
            bring()
            continue
        expected = _one_of(seal, request, verdicts)
        seal.refuses(request, expected[0], expected[1], counted=False)


def _one_of(seal: SealUnderTest, request: OrderRequest, verdicts: list[Verdict]) -> Verdict:
    """Where two signers fail in two ways, the one that this seal finds."""
    if len(verdicts) == 1 or verdicts[0] == verdicts[1]:
        return verdicts[0]
    status = seal.order(request).status
    return next((verdict for verdict in verdicts if verdict[0] == status), verdicts[0])


def check_applied(
    seal: SealUnderTest, request: OrderRequest, answer: OrderAnswer, before: int
) -> None:
    """One control record more, and it holds the order whole (O-16)."""
    history = check_history(seal)
    expect.equal("O-16", before + 1, len(history.control), "an order makes one control record")
    record = history.control[-1]
    told = (answer.sequence, answer.digest)
    expect.equal(
        "C-6", (record.sequence, seal.suite.digest(record.raw)), told, "the answer names another"
    )
    body = parse_record_body(record)
    stored = body if isinstance(body, OrderRecord) else expect.fail("O-16", "no order record")
    expect.equal("O-16", request.order, stored.order, "the record holds other bytes")
    bits = sum(1 << at for at, raw in enumerate(request.credentials) if raw in stored.credentials)
    expect.equal("C-6", bits, answer.stored, "`stored` tells other credentials than the record")


@clause("O-6")
@pytest.mark.parametrize("state", ORDERS[OrderKind.RESTORE_CLOCK].from_states)
def test_a_running_clock_is_not_restored(seal: SealUnderTest, stages: Stages, state: State) -> None:
    stages.bring(seal, state)
    seal.refuses(seal.good(OrderKind.RESTORE_CLOCK), Status.CLOCK_RUNNING, "O-6")


@clause("O-1", "N-3", "R41")
@pytest.mark.parametrize("number", [0, 11, 12, 0x7F, 0xFF])
def test_no_other_order_exists(sealed: SealUnderTest, number: int) -> None:
    request = sealed.good(OrderKind.CONFIRM)
    order = ORDER.parse(request.order)
    tag, rest = order.unsigned_bytes[:TAG_BYTES], order.unsigned_bytes[TAG_BYTES + 1 :]
    unsigned = tag + bytes((number,)) + rest
    signed = unsigned + sealed.people["station"].key.sign(unsigned)
    sealed.refuses(OrderRequest(signed, request.credentials), Status.MALFORMED, "O-1")


@clause("O-3", "L-9", "R18")
@pytest.mark.parametrize("kind", [k for k in OrderKind if k is not OrderKind.RESTORE_CLOCK])
def test_an_applied_order_given_again_is_answered_and_not_done_again(
    seal: SealUnderTest, stages: Stages, kind: OrderKind
) -> None:
    stages.bring(seal, ORDERS[kind].from_states[-1])
    request = seal.good(kind)
    applied = seal.apply(request)
    before = look_at(seal)
    for _ in range(2):
        answer = expect.status("O-3", Status.ALREADY_APPLIED, seal.order(request))
        expect.equal("O-3", applied.sequence, int.from_bytes(answer.body[:4], "big"), "its record")
        expect.equal("O-3", applied.digest, answer.body[4:36], "its record")
    unsigned = ORDER.parse(request.order).unsigned_bytes
    forged = unsigned + bytes(len(request.order) - len(unsigned))
    for order, sent in (
        (request.order, ()),
        (request.order, (b"no credential",)),
        (forged, request.credentials),
    ):
        again = seal.order(OrderRequest(order, sent))
        expect.status("O-3", Status.ALREADY_APPLIED, again, "more is judged than its id")
    others = (*request.credentials[::-1], b"another")[:4]
    told = parsed("C-6", ORDER_ANSWER, seal.order(OrderRequest(request.order, others)).body)
    body = parse_record_body(seal.log(Chain.CONTROL, applied.sequence)[0])
    stored = body.credentials if isinstance(body, OrderRecord) else ()
    bits = sum(1 << at for at, raw in enumerate(others) if raw in stored)
    expect.equal("C-6", bits, told.stored, "`stored` of credentials in another order")
    same("O-3", before, look_at(seal), "an order that had been applied changed it")


@clause("O-2", "O-3", "R49")
@pytest.mark.destructive
def test_after_the_end_all_that_was_applied_is_known(seal: SealUnderTest, stages: Stages) -> None:
    """Anything else is answered with `key_destroyed`, before its seal and head are judged."""
    stages.bring(seal, State.SEALED)
    applied = []
    for kind in (OrderKind.CONFIRM, OrderKind.UNSEAL, OrderKind.TRUST, OrderKind.RETIRE):
        applied.append(seal.good(kind))
        seal.apply(applied[-1])
    for request in applied:
        expect.status("O-3", Status.ALREADY_APPLIED, seal.order(request), "in RETIRED")
    orders = seal.orders()
    for kind in OrderKind:
        challenge = b"\1" * 16 if ORDERS[kind].challenge else bytes(16)
        for changes in ({}, {"serial": 5}, {"head_sequence": 1}, {"not_after": 1}):
            request = orders.good(kind, **{"challenge": challenge, **changes})
            seal.refuses(request, Status.KEY_DESTROYED, "O-2", counted=False)
    short = orders.good(OrderKind.TRUST)
    malformed = OrderRequest(short.order[:100], short.credentials)
    seal.refuses(malformed, Status.MALFORMED, "O-1", counted=False)
