"""Every order with each rule broken alone, and with any two: the first decides (O-1 to O-14).

What is broken is a `Breach`; several can be put into one `Draft`, which becomes an order at last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

import pytest

from sealkit.wire.messages import OrderRequest
from sealkit.wire.orders import (
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    OrderBody,
    ParametersBody,
    ReasonBody,
    RestoreClockBody,
    TrustBody,
)
from sealkit.wire.registry import ORDERS, OrderKind, Reason, Role, State, Status
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, every_order, needs
from sealkit_conformance.subject.orders import Orders
from sealkit_conformance.subject.people import CITY, DAY, People, Person
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.shown import lasting, look_at
from sealkit_conformance.subject.stages import Stages

PEOPLE: Final = (Role.TECHNICIAN, Role.STATION, Role.INSPECTOR, Role.REGISTRY)
"""Whose credentials lead to the authority as a signer's must."""


@dataclass
class Draft:
    """An order before it is made. signers: role and changed fields of each signer's credential."""

    orders: Orders
    kind: OrderKind
    signers: list[dict[str, Any]]
    body: OrderBody
    fields: dict[str, Any] = field(default_factory=dict)
    send_nothing: bool = False
    send_besides: list[bytes] = field(default_factory=list)
    wrong_key_at: int | None = None
    signatures: int | None = None

    @classmethod
    def good(cls, seal: SealUnderTest, kind: OrderKind) -> Draft:
        orders = seal.orders(challenge=ORDERS[kind].challenge)
        signers = [{"role": roles[0]} for roles in ORDERS[kind].signers]
        return cls(orders, kind, signers, orders.body(kind))

    @property
    def clock(self) -> int:
        return self.orders.standing.clock

    def order(self) -> OrderRequest:
        people = [_person(self.orders.people, signer) for signer in self.signers]
        keys = [person.key for person in people]
        if self.wrong_key_at is not None:
            keys[self.wrong_key_at] = self.orders.people.maker.key
        credentials = [raw for person in people for raw in person.chain]
        sent = [] if self.send_nothing else list(dict.fromkeys(credentials))
        return self.orders.order(
            self.kind,
            self.body,
            people,
            credentials=[*sent, *self.send_besides][:4],
            sign_with=keys[: self.signatures],
            **self.fields,
        )


def _person(people: People, signer: dict[str, Any]) -> Person:
    changes = dict(signer)
    role = changes.pop("role")
    return people.another(role, **changes) if changes else people.of(role)


@dataclass(frozen=True)
class Breach:
    """A rule broken in one way. part: of two that break the same part of an order one would hide
    the other. applies: whether an order of this kind can break it."""

    name: str
    rule: str
    status: Status
    part: str
    make: Callable[[Draft], None]
    applies: Callable[[OrderKind], bool] = lambda kind: True


def _fields(**values: Callable[[Draft], Any]) -> Callable[[Draft], None]:
    def make(draft: Draft) -> None:
        draft.fields |= {name: value(draft) for name, value in values.items()}

    return make


def _signer(at: int, **changes: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.signers[at].update(changes)


def _wrong_role(at: int) -> Callable[[Draft], None]:
    def make(draft: Draft) -> None:
        allowed = ORDERS[draft.kind].signers[at]
        draft.signers[at]["role"] = next(role for role in PEOPLE if role not in allowed)

    return make


def _has_wrong_role(at: int) -> Callable[[OrderKind], bool]:
    def applies(kind: OrderKind) -> bool:
        places = ORDERS[kind].signers
        return len(places) > at and any(role not in places[at] for role in PEOPLE)

    return applies


def _one_key(draft: Draft) -> None:
    key = draft.orders.people.suite.generate()
    for signer in draft.signers:
        signer["key"] = key


def _body(draft: Draft) -> None:
    match draft.body:
        case ReasonBody():
            draft.body = ReasonBody(Reason.REPAIR, "")
        case ParametersBody():
            draft.body = ParametersBody(())
        case AdjustClockBody():
            draft.body = AdjustClockBody(0)
        case RestoreClockBody():
            draft.body = RestoreClockBody(draft.clock - 1)
        case AcknowledgeBody() as body:
            draft.body = AcknowledgeBody(body.sequence, bytes(32), body.receipt)


BODIES: Final = {
    OrderKind.SEAL: ("O-22", Status.PARAMETERS_INCOMPLETE),
    OrderKind.CONFIRM: ("O-26", Status.BODY_INVALID),
    OrderKind.UNSEAL: ("O-27", Status.BODY_INVALID),
    OrderKind.CLEAR: ("O-27", Status.BODY_INVALID),
    OrderKind.RETIRE: ("O-27", Status.BODY_INVALID),
    OrderKind.ADJUST_CLOCK: ("O-29", Status.NOTHING_CHANGED),
    OrderKind.RESTORE_CLOCK: ("O-30", Status.BELOW_FLOOR),
    OrderKind.ACKNOWLEDGE: ("O-32", Status.ACKNOWLEDGE_INVALID),
}
"""How the body breaks the rules of its order, where it can without breaking an earlier one."""


def _strange_statement(draft: Draft) -> None:
    people, version = draft.orders.people, draft.orders.standing.trust_version
    draft.body = TrustBody(people.statement(version + 1, sign_with=people.maker.key).raw)


def _old_statement(draft: Draft) -> None:
    people, version = draft.orders.people, draft.orders.standing.trust_version
    draft.body = TrustBody(people.statement(version).raw)


def _unendorsed(draft: Draft) -> None:
    draft.body = EnrolBody(draft.clock, draft.orders.people.authority.credential.raw)


def _two(kind: OrderKind) -> bool:
    return len(ORDERS[kind].signers) == 2


def _one(kind: OrderKind) -> bool:
    return not _two(kind)


def _challenged(kind: OrderKind) -> bool:
    return ORDERS[kind].challenge


def _unchallenged(kind: OrderKind) -> bool:
    return not ORDERS[kind].challenge


def _is(*kinds: OrderKind) -> Callable[[OrderKind], bool]:
    return lambda kind: kind in kinds


def _not(*kinds: OrderKind) -> Callable[[OrderKind], bool]:
    return lambda kind: kind not in kinds


def _set(name: str, value: Any) -> Callable[[Draft], None]:
    return lambda draft: setattr(draft, name, value)


FEW: Final = Status.SIGNATURES_MISSING
BREACHES: Final = [
    Breach(
        "of another suite",
        "T-2",
        Status.WRONG_SUITE,
        "tag",
        _fields(suite_number=lambda d: 3 - d.orders.people.suite.id),
    ),
    Breach("a signature too few", "O-1", FEW, "signatures", _set("signatures", -1)),
    Breach(
        "another maker",
        "O-4",
        Status.WRONG_SEAL,
        "seal",
        _fields(maker=lambda d: d.orders.standing.maker ^ 1),
    ),
    Breach(
        "another serial",
        "O-4",
        Status.WRONG_SEAL,
        "seal",
        _fields(serial=lambda d: d.orders.standing.serial ^ 1),
    ),
    Breach(
        "another key of the seal",
        "O-4",
        Status.WRONG_SEAL,
        "seal",
        _fields(seal_key=lambda d: d.orders.standing.seal_key[::-1]),
    ),
    Breach(
        "another head's number",
        "O-7",
        Status.STALE_HEAD,
        "head",
        _fields(head_sequence=lambda d: d.orders.standing.head_sequence + 1),
    ),
    Breach(
        "another head's digest",
        "O-7",
        Status.STALE_HEAD,
        "head",
        _fields(head_digest=lambda d: d.orders.standing.head_digest[::-1]),
    ),
    Breach(
        "another challenge",
        "O-8",
        Status.CHALLENGE_WRONG,
        "challenge",
        _fields(challenge=lambda d: d.orders.standing.challenge[::-1]),
        _challenged,
    ),
    Breach(
        "no challenge",
        "O-8",
        Status.CHALLENGE_WRONG,
        "challenge",
        _fields(challenge=lambda d: bytes(16)),
        _challenged,
    ),
    Breach(
        "a challenge too many",
        "O-8",
        Status.MALFORMED,
        "challenge",
        _fields(challenge=lambda d: b"\1" * 16),
        _unchallenged,
    ),
    Breach(
        "a window too long",
        "O-9",
        Status.WINDOW_TOO_LONG,
        "window",
        _fields(not_before=lambda d: d.clock - DAY, not_after=lambda d: d.clock + 6 * DAY + 1),
    ),
    Breach(
        "an empty window",
        "O-9",
        Status.WINDOW_TOO_LONG,
        "window",
        _fields(not_before=lambda d: d.clock, not_after=lambda d: d.clock),
    ),
    Breach(
        "a window to come",
        "O-9",
        Status.NOT_YET_VALID,
        "window",
        _fields(not_before=lambda d: d.clock + 2 * DAY, not_after=lambda d: d.clock + 3 * DAY),
    ),
    Breach(
        "a window that is over",
        "O-9",
        Status.EXPIRED,
        "window",
        _fields(not_before=lambda d: d.clock - 3 * DAY, not_after=lambda d: d.clock - 2 * DAY),
    ),
    Breach(
        "a statement with a wrong signature",
        "O-31",
        Status.TRUST_INVALID,
        "body",
        _strange_statement,
        _is(OrderKind.TRUST),
    ),
    Breach(
        "a statement held already",
        "K-7",
        Status.TRUST_VERSION,
        "body",
        _old_statement,
        _is(OrderKind.TRUST),
    ),
    Breach(
        "an authority that nobody endorsed",
        "O-20",
        Status.CREDENTIAL_UNTRUSTED,
        "body",
        _unendorsed,
        _is(OrderKind.ENROL),
    ),
    Breach("no credentials", "O-10", Status.CREDENTIAL_MISSING, "sent", _set("send_nothing", True)),
    Breach(
        "a credential that is none",
        "O-10",
        Status.CREDENTIAL_INVALID,
        "sent besides",
        lambda d: d.send_besides.append(b"no credential"),
    ),
    Breach(
        "the first is a strangers'",
        "K-5",
        Status.CREDENTIAL_INVALID,
        "issuer of the first",
        lambda d: d.signers[0].update(sign_with=d.orders.people.maker.key),
    ),
    Breach(
        "the first is to come",
        "K-5",
        Status.CREDENTIAL_NOT_YET_VALID,
        "validity of the first",
        lambda d: d.signers[0].update(not_before=d.clock + 2 * DAY),
    ),
    Breach(
        "the first has expired",
        "K-5",
        Status.CREDENTIAL_EXPIRED,
        "validity of the first",
        lambda d: d.signers[0].update(not_after=d.clock - 2 * DAY),
    ),
    Breach(
        "the second is to come",
        "K-5",
        Status.CREDENTIAL_NOT_YET_VALID,
        "validity of the second",
        lambda d: d.signers[1].update(not_before=d.clock + 2 * DAY),
        _two,
    ),
    Breach(
        "the second has expired",
        "K-5",
        Status.CREDENTIAL_EXPIRED,
        "validity of the second",
        lambda d: d.signers[1].update(not_after=d.clock - 2 * DAY),
        _two,
    ),
    Breach(
        "the first has another role",
        "O-11",
        Status.ROLE_NOT_ALLOWED,
        "role of the first",
        _wrong_role(0),
        _has_wrong_role(0),
    ),
    Breach(
        "the second has another role",
        "O-11",
        Status.ROLE_NOT_ALLOWED,
        "role of the second",
        _wrong_role(1),
        _has_wrong_role(1),
    ),
    Breach(
        "a signer too many",
        "O-11",
        FEW,
        "signatures",
        lambda d: d.signers.append({"role": Role.STATION, "name": "another"}),
        _one,
    ),
    Breach(
        "the first is of one city",
        "O-11",
        Status.CREDENTIAL_SCOPE,
        "scope of the first",
        _signer(0, scope=CITY),
        _not(OrderKind.ENROL),
    ),
    Breach(
        "the second is of one city",
        "O-11",
        Status.CREDENTIAL_SCOPE,
        "scope of the second",
        _signer(1, scope=CITY),
        _two,
    ),
    Breach("one key for two", "O-12", Status.SAME_SIGNER, "keys", _one_key, _two),
    Breach(
        "the first signature",
        "O-13",
        Status.SIGNATURE_INVALID,
        "keys",
        _set("wrong_key_at", 0),
    ),
    Breach(
        "the second signature",
        "O-13",
        Status.SIGNATURE_INVALID,
        "keys",
        _set("wrong_key_at", 1),
        _two,
    ),
]
"""In the order in which SPEC.md judges them."""


def breaches_of(kind: OrderKind) -> list[Breach]:
    """Those that an order of this kind can have, its body's own rule at last."""
    found = [breach for breach in BREACHES if breach.applies(kind)]
    if kind in BODIES:
        rule, status = BODIES[kind]
        found.append(Breach("its body", rule, status, "body", _body))
    return found


def pairs_of(kind: OrderKind) -> Iterator[tuple[Breach, Breach]]:
    """Two that do not hide each other; the first is judged first."""
    for first, second in combinations(breaches_of(kind), 2):
        if first.part != second.part:
            yield first, second


def bring(seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind) -> None:
    """The seal in a state in which it takes an order of this kind."""
    stages.bring_for(seal, kind)
    if kind is OrderKind.SEAL:
        stages.bring(seal, State.OPEN)
        seal.see_meter()


@clause("O-1", "O-4", "O-7", "O-8", "O-9", "O-10", "O-11", "O-12", "O-13", "O-14", "R35", "R40")
@pytest.mark.parametrize("kind", every_order())
@pytest.mark.seconds(300)
def test_an_order_that_breaks_one_rule(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    """It is refused with this rule's status and leaves no trace; made good again it is applied."""
    bring(seal, stages, bench, kind)
    for breach in breaches_of(kind):
        draft = Draft.good(seal, kind)
        breach.make(draft)
        seal.refuses(draft.order(), breach.status, breach.rule)
    seal.apply(Draft.good(seal, kind).order())


@clause("O-14", "O-1", "O-4", "O-7", "O-8", "O-9", "O-10", "O-11", "O-12", "O-13", "K-5", "R41")
@pytest.mark.parametrize("kind", every_order())
@pytest.mark.seconds(600)
def test_of_two_rules_that_are_broken_the_first_decides(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    bring(seal, stages, bench, kind)
    before = look_at(seal)
    for first, second in pairs_of(kind):
        draft = Draft.good(seal, kind)
        for breach in (second, first):
            breach.make(draft)
        answer = seal.order(draft.order())
        expect.status(first.rule, first.status, answer, f"{first.name}, and {second.name}")
    after = look_at(seal)
    due = lasting(before.status)
    expect.fields_of("O-14", after.status, due, "orders that were refused changed it")
    seal.apply(Draft.good(seal, kind).order())


@clause("O-14")
@pytest.mark.parametrize("kind", list(BODIES), ids=lambda kind: kind.name.lower())
@pytest.mark.destructive
def test_the_body_is_judged_after_all_that_comes_before_it(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    bring(seal, stages, bench, kind)
    for first, second in pairs_of(kind):
        if second.make is not _body:
            continue
        draft = Draft.good(seal, kind)
        for breach in (second, first):
            breach.make(draft)
        answer = seal.order(draft.order())
        too_early = answer.status == second.status
        expect.true("O-14", not too_early, f"the body is judged before {first.rule}: {first.name}")


@clause("O-5", "O-6", "O-1", "O-4", "O-7", "R40")
@needs(Capability.CLOCK)
@pytest.mark.parametrize("kind", every_order())
@pytest.mark.seconds(300)
def test_state_and_clock_are_judged_at_their_place(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    """After form and seal (O-1, O-4), before the head and all that follows (O-7)."""
    wrong = [s for s in State if s not in (*ORDERS[kind].from_states, State.RETIRED)]
    places: list[tuple[State, str, Status]] = [
        (state, "O-5", Status.WRONG_STATE) for state in wrong[:1]
    ]
    if not ORDERS[kind].lost_clock:
        places.append((ORDERS[kind].from_states[0], "O-6", Status.TIME_NOT_SET))
        places += [(state, "O-5", Status.WRONG_STATE) for state in wrong[1:2]]
    elif kind is OrderKind.RESTORE_CLOCK:
        places.append((State.OPEN, "O-6", Status.CLOCK_RUNNING))
    for at, (state, rule, status) in enumerate(places):
        stages.bring(seal, state)
        if at and kind is not OrderKind.RESTORE_CLOCK:
            bench.lose_clock()
            bench.pass_time(500)
        for breach in breaches_of(kind):
            draft = Draft.good(seal, kind)
            breach.make(draft)
            earlier = breach.rule in ("T-2", "O-1", "O-4")
            due = (breach.rule, breach.status) if earlier else (rule, status)
            answer = seal.order(draft.order())
            expect.status(due[0], due[1], answer, f"in {state.name}, and {breach.name}")
