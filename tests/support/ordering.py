"""An order and the seal that judges it, good until a test changes something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sealkit.crypto import PrivateKey
from sealkit.errors import RefusedError
from sealkit.rules.chain import Head
from sealkit.rules.history import History
from sealkit.rules.orders import Judgement, SealView, judge_order
from sealkit.wire.orders import (
    NO_CHALLENGE,
    NO_SIGNER,
    ORDER,
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    GroupItem,
    OrderBody,
    ParametersBody,
    ReasonBody,
    RestoreClockBody,
    TrustBody,
    build_body,
)
from sealkit.wire.registry import ClockQuality, Group, OrderKind, Reason, State
from support.issuing import CITY, DAY, MAKER, NOW, SERIAL, Family, Person, family, statement
from support.parameter_sets import LOOK, group, whole_set

HEAD = Head(7, b"\x07" * 32)
JOURNAL = Head(6, b"\x06" * 32)
CHALLENGE = bytes(range(16))
WITH_CHALLENGE = {
    OrderKind.ENROL,
    OrderKind.UNSEAL,
    OrderKind.CLEAR,
    OrderKind.RESTORE_CLOCK,
    OrderKind.RETIRE,
}
BY_TWO = {OrderKind.SEAL, OrderKind.UNSEAL, OrderKind.CLEAR, OrderKind.RESTORE_CLOCK}
STATES = {OrderKind.ENROL: State.FACTORY, OrderKind.CLEAR: State.TAMPERED}
OPEN_ORDERS = {OrderKind.SEAL, OrderKind.RETIRE}


@dataclass
class Draft:
    """Everything that `judge_order` depends on, each part for a test to change before `judge`.

    fields: of the order. signers: in their places, None for nobody. sign_with: keys by place,
    instead of the signers'. view, history: fields. send, alter: what happens to the credentials
    that are due, and to the order's bytes, on their way.
    """

    people: Family
    kind: OrderKind
    body: OrderBody | bytes
    signers: list[Person | None]
    fields: dict[str, Any] = field(default_factory=dict)
    sign_with: dict[int, PrivateKey] = field(default_factory=dict)
    send: list[Callable[[list[bytes]], list[bytes]]] = field(default_factory=list)
    view: dict[str, Any] = field(default_factory=dict)
    history: dict[str, Any] = field(default_factory=dict)
    alter: list[Callable[[bytes], bytes]] = field(default_factory=list)

    @property
    def credentials(self) -> list[bytes]:
        """Those of the signers, and the registry's."""
        people = [*(signer for signer in self.signers if signer), self.people.registry]
        sent = list(dict.fromkeys(person.credential.raw for person in people))
        for change in self.send:
            sent = change(sent)
        return sent

    def order(self) -> bytes:
        suite = self.people.suite
        first, second = (*self.signers, None, None)[:2]
        body = self.body if isinstance(self.body, bytes) else build_body(self.kind, self.body)
        values = {
            "kind": self.kind,
            "maker": MAKER,
            "serial": SERIAL,
            "seal_key": self.people.seal.key_id,
            "head_sequence": HEAD.sequence,
            "head_digest": HEAD.digest,
            "not_before": NOW - 60,
            "not_after": NOW + DAY,
            "challenge": CHALLENGE if self.kind in WITH_CHALLENGE else NO_CHALLENGE,
            "first_signer": first.digest if first else NO_SIGNER,
            "second_signer": second.digest if second else NO_SIGNER,
            "body": body,
            **self.fields,
        }
        unsigned = ORDER.unsigned(suite.id, values, until="signatures")
        raw = unsigned
        for place, signer in enumerate(self.signers):
            if signer is not None:
                raw += self.sign_with.get(place, signer.key).sign(unsigned)
        for change in self.alter:
            raw = change(raw)
        return raw

    def seal(self) -> SealView:
        state = STATES.get(self.kind, State.OPEN if self.kind in OPEN_ORDERS else State.SEALED)
        known: dict[str, Any] = {"state": state, "head": HEAD}
        if state is not State.FACTORY:
            known |= {"authority": self.people.authority.credential, "region": CITY}
            known |= {"groups": whole_set()}
        lost = self.kind is OrderKind.RESTORE_CLOCK
        values: dict[str, Any] = {
            "suite": self.people.suite,
            "maker": MAKER,
            "serial": SERIAL,
            "seal_key": self.people.seal.key_id,
            "manufacturer": self.people.manufacturer.credential,
            "history": History(self.people.suite, **{**known, **self.history}),
            "clock": NOW - DAY if lost else NOW,
            "clock_quality": ClockQuality.LOST if lost else ClockQuality.SET,
            "clock_floor": NOW - DAY,
            "tick_ms": 10_000_000_000,
            "challenge": CHALLENGE,
            "challenge_age_ms": 1_000,
            "look": LOOK,
            "look_age_ms": 1_000,
            "live_causes": 0,
            "pulse_age_ms": 60_000,
            "journal_digest": {JOURNAL.sequence: JOURNAL.digest}.get,
            "next_sequence": HEAD.sequence + 1,
            "control_room": 100_000,
            "retire_room": 100_000,
        }
        return SealView(**{**values, **self.view})

    def judge(self) -> Judgement:
        return judge_order(self.seal(), self.order(), self.credentials)

    def outcome(self) -> str:
        """OK, or the name of the status."""
        try:
            judgement = self.judge()
        except RefusedError as refused:
            return refused.code
        return "OK" if judgement.applied is None else "ALREADY_APPLIED"


def parameters(*numbers: Group, **changes: Any) -> ParametersBody:
    """A body with these groups; changes go to the first."""
    items = [
        GroupItem(number, group(number, salt=1, **(changes if index == 0 else {})))
        for index, number in enumerate(numbers)
    ]
    return ParametersBody(tuple(items))


def good_body(people: Family, kind: OrderKind) -> OrderBody:
    match kind:
        case OrderKind.ENROL:
            return EnrolBody(NOW, people.endorsed.credential.raw)
        case OrderKind.SEAL:
            return parameters(*Group, k_pulses_per_km=1001)
        case OrderKind.CONFIRM:
            return parameters(Group.CALIBRATION)
        case OrderKind.UNSEAL | OrderKind.CLEAR | OrderKind.RETIRE:
            return ReasonBody(Reason.REPAIR, "new tyre")
        case OrderKind.ADJUST_CLOCK:
            return AdjustClockBody(-30)
        case OrderKind.RESTORE_CLOCK:
            return RestoreClockBody(NOW)
        case OrderKind.TRUST:
            return TrustBody(statement(people.suite, people.authority, 1).raw)
        case OrderKind.ACKNOWLEDGE:
            return AcknowledgeBody(JOURNAL.sequence, JOURNAL.digest, b"\x99" * 32)
    raise AssertionError(f"no body for {kind}")


def good_order(kind: OrderKind, suite_name: str = "p256") -> Draft:
    """An order that its seal applies."""
    people = family(suite_name)
    signers = [people.technician, people.station] if kind in BY_TWO else [people.station]
    return Draft(people, kind, good_body(people, kind), list(signers))
