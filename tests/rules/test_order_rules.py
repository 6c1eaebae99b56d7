"""Each rule of chapter 6 refuses with its status, and of two faults the earlier rule decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import pytest
from support.issuing import (
    DAY,
    NOW,
    OTHER_CITY,
    Family,
    Person,
    family,
    issue,
    key,
    statement,
)
from support.ordering import CHALLENGE, HEAD, Draft, good_order, parameters
from support.parameter_sets import LOOK, group, whole_set

from sealkit.wire.credentials import Revoked
from sealkit.wire.orders import (
    NO_CHALLENGE,
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    GroupItem,
    ParametersBody,
    ReasonBody,
    RestoreClockBody,
    TrustBody,
)
from sealkit.wire.registry import ClockQuality, Group, OrderKind, Role, State

Change = Callable[[Draft], None]


@dataclass(frozen=True)
class Fault:
    """What is wrong, the status that it leads to, and which parts of a draft it sets."""

    status: str
    parts: str
    change: Change
    rule: str = ""


def _fields(**values: Any) -> Change:
    return lambda draft: draft.fields.update(values)


def _view(**values: Any) -> Change:
    return lambda draft: draft.view.update(values)


def _history(**values: Any) -> Change:
    return lambda draft: draft.history.update(values)


def _body(body: Any) -> Change:
    def change(draft: Draft) -> None:
        draft.body = body

    return change


def _altered(place: int, mask: int) -> Change:
    """Bits of one byte flipped on the way."""

    def alter(raw: bytes) -> bytes:
        place_ = place % len(raw)
        return raw[:place_] + bytes((raw[place_] ^ mask,)) + raw[place_ + 1 :]

    return lambda draft: draft.alter.append(alter)


def _without_a_signature(draft: Draft) -> None:
    draft.alter.append(lambda raw: raw[:-64])


def _sent(change: Callable[[list[bytes]], list[bytes]]) -> Change:
    return lambda draft: draft.send.append(change)


def _without_the_registry(sent: list[bytes]) -> list[bytes]:
    return [raw for raw in sent if raw != family("p256").registry.credential.raw]


def _signer(place: int, person: Callable[[Family], Person | None]) -> Change:
    def change(draft: Draft) -> None:
        draft.signers[place] = person(draft.people)

    return change


def _of_registry(name: str, **changes: Any) -> Callable[[Family], Person]:
    return lambda f: issue(f.suite, f.registry, Role.TECHNICIAN, name, **changes)


def _elsewhere(f: Family) -> Person:
    other = issue(f.suite, None, Role.REGISTRY, "another registry")
    return issue(f.suite, other, Role.TECHNICIAN, "another technician")


def _with_the_same_key(f: Family) -> Person:
    return issue(f.suite, f.authority, Role.STATION, "both", key=f.technician.key)


def _revoking(draft: Draft) -> None:
    f, credential = draft.people, draft.people.technician.credential
    revoked = (Revoked(credential.issuer, credential.serial),)
    draft.history["statement"] = statement(f.suite, f.authority, 1, revoked=revoked)


# What may be wrong with any order that is signed by two, in the order of the rules.
TOO_LONG = Fault("TOO_LONG", "junk", _sent(lambda sent: [*sent, bytes(1_500)]), "O-1")
FORM = [
    TOO_LONG,
    Fault("MALFORMED", "alter", _altered(0, 0x20), "T-2"),
    Fault("MALFORMED", "alter", _altered(8, 0x01), "T-2"),
    Fault("WRONG_SUITE", "alter", _altered(7, 0x03), "S-5"),
    Fault("WRONG_VERSION", "alter", _altered(9, 0x02), "T-2"),
    Fault("MALFORMED", "alter", _altered(10, 0x80), "O-1"),
    Fault("MALFORMED", "body", _body(b""), "O-1"),
    Fault("SIGNATURES_MISSING", "signatures", _without_a_signature, "O-1"),
    Fault("KEY_DESTROYED", "state", _history(state=State.RETIRED), "O-2"),
    Fault("WRONG_SEAL", "number", _fields(serial=24), "O-4"),
    Fault("WRONG_SEAL", "number", _fields(maker=501), "O-4"),
    Fault("WRONG_SEAL", "number", _fields(seal_key=bytes(16)), "O-4"),
]
HEADS = [
    Fault("STALE_HEAD", "head", _fields(head_sequence=HEAD.sequence - 1), "O-7"),
    Fault("STALE_HEAD", "head", _fields(head_digest=bytes(32)), "O-7"),
]
CHALLENGES = [
    Fault("CHALLENGE_MISSING", "outstanding", _view(challenge=None), "O-8"),
    Fault("CHALLENGE_WRONG", "challenge", _fields(challenge=NO_CHALLENGE), "O-8"),
    Fault("CHALLENGE_WRONG", "challenge", _view(challenge=bytes(16)), "O-8"),
    Fault("CHALLENGE_EXPIRED", "age", _view(challenge_age_ms=600_001), "O-8"),
]
NO_CHALLENGE_DUE = [Fault("MALFORMED", "challenge", _fields(challenge=CHALLENGE), "O-8")]
WINDOWS = [
    Fault("WINDOW_TOO_LONG", "window", _fields(not_after=NOW - 60 + 604_801), "O-9"),
    Fault("WINDOW_TOO_LONG", "window", _fields(not_after=NOW - 60), "O-9"),
    Fault("WINDOW_TOO_LONG", "window", _fields(not_before=NOW + 2, not_after=NOW + 1), "O-9"),
    Fault("NOT_YET_VALID", "clock", _view(clock=NOW - 61), "O-9"),
    Fault("EXPIRED", "clock", _view(clock=NOW + DAY + 1), "O-9"),
]
PEOPLE = [
    Fault("CREDENTIAL_MISSING", "sent", _sent(lambda sent: sent[1:]), "O-10"),
    Fault("CREDENTIAL_INVALID", "junk", _sent(lambda sent: [*sent, b"junk"]), "O-10"),
    Fault("CREDENTIAL_MISSING", "first", _sent(_without_the_registry), "K-5"),
    Fault("CREDENTIAL_UNTRUSTED", "first", _signer(
        0, lambda f: issue(f.suite, None, Role.TECHNICIAN, "by itself")), "K-5"),
    Fault("CREDENTIAL_INVALID", "first", _signer(
        0, _of_registry("forged", sign_with=key("p256", "forger"))), "K-5"),
    Fault("CREDENTIAL_NOT_YET_VALID", "first", _signer(
        0, _of_registry("early", not_before=NOW + DAY)), "K-5"),
    Fault("CREDENTIAL_EXPIRED", "first", _signer(
        0, _of_registry("late", not_after=NOW - DAY)), "K-5"),
    Fault("CREDENTIAL_REVOKED", "first statement", _revoking, "K-5"),
    Fault("ROLE_NOT_ALLOWED", "first", _signer(0, lambda f: f.inspector), "O-11"),
    Fault("ROLE_NOT_ALLOWED", "second", _signer(1, lambda f: f.inspector), "O-11"),
    Fault("SIGNATURES_MISSING", "second", _signer(1, lambda f: None), "O-11"),
    Fault("CREDENTIAL_SCOPE", "region", _history(region=OTHER_CITY), "O-11"),
    Fault("SAME_SIGNER", "first second", _signer(1, _with_the_same_key), "O-12"),
    Fault("SIGNATURE_INVALID", "flip", _altered(-1, 1), "O-13"),
]  # fmt: skip
ROOM = [
    Fault("LOG_FULL", "room", _view(control_room=0), "O-15"),
    Fault("COUNTER_ENDED", "sequence", _view(next_sequence=4_294_967_280), "O-15"),
]

TOO_LARGE = whole_set() | {200: bytes(512), 201: bytes(512)}


def _new(number: int, data: bytes) -> Change:
    """The whole new set with one group's bytes replaced, or one added."""

    def change(draft: Draft) -> None:
        assert isinstance(draft.body, ParametersBody)
        items = {item.number: item.data for item in draft.body.groups} | {number: data}
        draft.body = ParametersBody(tuple(GroupItem(n, items[n]) for n in sorted(items)))

    return change


def _falling(draft: Draft) -> None:
    assert isinstance(draft.body, ParametersBody)
    draft.body = ParametersBody(draft.body.groups[::-1])


def _lacking(draft: Draft) -> None:
    """The sensor is neither in the last set nor in the new one."""
    assert isinstance(draft.body, ParametersBody)
    draft.history["groups"] = {n: d for n, d in whole_set().items() if n != Group.SENSOR}
    draft.body = ParametersBody(tuple(g for g in draft.body.groups if g.number != Group.SENSOR))


BY_KIND: dict[OrderKind, list[Fault]] = {
    OrderKind.UNSEAL: [
        *FORM,
        Fault("WRONG_STATE", "state", _history(state=State.OPEN), "O-5"),
        Fault("WRONG_STATE", "state", _history(state=State.TAMPERED), "O-5"),
        Fault("TIME_NOT_SET", "quality", _view(clock_quality=ClockQuality.LOST), "O-6"),
        *HEADS,
        *CHALLENGES,
        *WINDOWS,
        *PEOPLE,
        Fault("BODY_INVALID", "body", _body(ReasonBody(9, "new tyre")), "O-27"),
        Fault("BODY_INVALID", "body", _body(ReasonBody(1, "xy")), "O-27"),
        *ROOM,
    ],
    OrderKind.SEAL: [
        *FORM,
        Fault("WRONG_STATE", "state", _history(state=State.TAMPERED), "O-5"),
        Fault("TIME_NOT_SET", "quality", _view(clock_quality=ClockQuality.LOST), "O-6"),
        *HEADS,
        *NO_CHALLENGE_DUE,
        *WINDOWS,
        *PEOPLE,
        Fault("BODY_INVALID", "falling", _falling, "O-21"),
        Fault("PARAMETERS_INCOMPLETE", "groups", _lacking, "O-22"),
        Fault("BODY_INVALID", "salt", _new(Group.TYRE, bytes(15)), "P-1"),
        Fault("GROUP_UNKNOWN", "unknown", _new(127, bytes(16)), "P-2"),
        Fault("BODY_INVALID", "range", _new(1, group(Group.DISTANCE, k_pulses_per_km=499)), "O-22"),
        Fault("TOO_LONG", "groups", _history(groups=TOO_LARGE), "O-22"),
        Fault("TAMPER_LIVE", "live", _view(live_causes=1), "O-25"),
        Fault("METER_NOT_SEEN", "seen", _view(look_age_ms=15_001), "O-25"),
        Fault("METER_MISMATCH", "look", _view(look=replace(LOOK, device=bytes(5))), "O-25"),
        *ROOM,
    ],
    OrderKind.ADJUST_CLOCK: [
        Fault("MALFORMED", "body", _body(b"\0"), "O-1"),
        *HEADS,
        *NO_CHALLENGE_DUE,
        *WINDOWS,
        Fault("NOTHING_CHANGED", "body", _body(AdjustClockBody(0)), "O-29"),
        Fault("CLOCK_LIMIT", "moved", _history(adjustments=[(9_999_999_999, 121)]), "O-29"),
        Fault("VEHICLE_MOVING", "pulse", _view(pulse_age_ms=29_999), "O-29"),
        Fault("BELOW_FLOOR", "floor", _view(clock_floor=NOW + 1_000), "O-29"),
        *ROOM,
    ],
    OrderKind.RESTORE_CLOCK: [
        Fault("CLOCK_RUNNING", "quality", _view(clock_quality=ClockQuality.SET), "O-6"),
        *HEADS,
        *CHALLENGES,
        Fault("WINDOW_TOO_LONG", "window", _fields(not_after=NOW - 61), "O-9"),
        Fault("NOT_YET_VALID", "body", _body(RestoreClockBody(NOW - 61)), "O-9"),
        Fault("EXPIRED", "body", _body(RestoreClockBody(NOW + DAY + 1)), "O-9"),
        *PEOPLE,
        Fault("BELOW_FLOOR", "floor", _view(clock_floor=NOW + 1), "O-30"),
        *ROOM,
    ],
    OrderKind.TRUST: [
        *HEADS,
        *NO_CHALLENGE_DUE,
        *WINDOWS,
        Fault("MALFORMED", "body", _body(TrustBody(bytes(104))), "T-2"),
        Fault("TRUST_INVALID", "body", _body(TrustBody(statement(
            family("p256").suite, family("p256").station, 1).raw)), "O-31"),
        Fault("TRUST_INVALID", "body", _body(TrustBody(statement(
            family("p256").suite, family("p256").authority, 1,
            sign_with=key("p256", "forger")).raw)), "O-31"),
        Fault("TRUST_VERSION", "held", _history(statement=statement(
            family("p256").suite, family("p256").authority, 1)), "O-31"),
        Fault("CREDENTIAL_MISSING", "sent", _sent(lambda sent: sent[1:]), "O-10"),
        Fault("SIGNATURE_INVALID", "flip", _altered(-1, 1), "O-13"),
        *ROOM,
    ],
    OrderKind.ENROL: [
        *FORM,
        Fault("WRONG_STATE", "state", _history(state=State.OPEN), "O-5"),
        *HEADS,
        *CHALLENGES,
        *WINDOWS,
        Fault("CREDENTIAL_INVALID", "body", _body(EnrolBody(NOW, b"")), "O-20"),
        Fault("CREDENTIAL_UNTRUSTED", "body", _body(EnrolBody(
            NOW, family("p256").seal.credential.raw)), "O-20"),
        Fault("CREDENTIAL_EXPIRED", "body", _body(EnrolBody(NOW, issue(
            family("p256").suite, family("p256").manufacturer, Role.AUTHORITY, "authority",
            not_after=NOW - DAY).credential.raw)), "O-20"),
        Fault("CREDENTIAL_MISSING", "sent", _sent(lambda sent: sent[1:]), "O-10"),
        Fault("ROLE_NOT_ALLOWED", "first", _signer(0, lambda f: f.inspector), "O-11"),
        Fault("SIGNATURE_INVALID", "flip", _altered(-1, 1), "O-13"),
        *ROOM,
    ],
    OrderKind.ACKNOWLEDGE: [
        *HEADS,
        *NO_CHALLENGE_DUE,
        *WINDOWS,
        Fault("ROLE_NOT_ALLOWED", "first", _signer(0, lambda f: f.inspector), "O-11"),
        Fault("SIGNATURE_INVALID", "flip", _altered(-1, 1), "O-13"),
        Fault("ACKNOWLEDGE_INVALID", "body", _body(AcknowledgeBody(6, bytes(32), bytes(32))),
            "O-32"),
        Fault("ACKNOWLEDGE_INVALID", "journal", _view(journal_digest={}.get), "O-32"),
        *ROOM,
    ],
    OrderKind.CONFIRM: [
        *HEADS,
        *NO_CHALLENGE_DUE,
        *WINDOWS,
        Fault("SIGNATURE_INVALID", "flip", _altered(-1, 1), "O-13"),
        Fault("BODY_INVALID", "body", _body(parameters()), "O-26"),
        Fault("BODY_INVALID", "body", _body(parameters(Group.DISTANCE)), "O-26"),
        Fault("BODY_INVALID", "body", _body(parameters(Group.DISTANCE, Group.CALIBRATION)), "O-26"),
        Fault("BODY_INVALID", "body", _body(parameters(
            Group.CALIBRATION, valid_until=1)), "O-22"),
        *ROOM,
    ],
    OrderKind.CLEAR: [
        Fault("WRONG_STATE", "state", _history(state=State.SEALED), "O-5"),
        *CHALLENGES,
        *PEOPLE,
        Fault("BODY_INVALID", "body", _body(ReasonBody(0, "new tyre")), "O-27"),
        *ROOM,
    ],
    OrderKind.RETIRE: [
        Fault("WRONG_STATE", "state", _history(state=State.SEALED), "O-5"),
        *CHALLENGES,
        Fault("BODY_INVALID", "body", _body(ReasonBody(254, "new tyre")), "O-27"),
        Fault("LOG_FULL", "room", _view(retire_room=0), "O-15"),
        Fault("COUNTER_ENDED", "sequence", _view(next_sequence=1 << 32), "O-15"),
    ],
}  # fmt: skip


@pytest.mark.requirement("O-14")
@pytest.mark.parametrize(
    ("kind", "index"),
    [
        pytest.param(kind, index, id=f"{kind.name}-{fault.rule}-{fault.status}-{index}")
        for kind, faults in BY_KIND.items()
        for index, fault in enumerate(faults)
    ],
)
def test_a_fault_leads_to_its_status(kind: OrderKind, index: int) -> None:
    draft, fault = good_order(kind), BY_KIND[kind][index]
    assert draft.outcome() == "OK"
    fault.change(draft)
    assert draft.outcome() == fault.status


@pytest.mark.requirement("O-1")
@pytest.mark.parametrize("kind", BY_KIND)
def test_of_two_faults_the_earlier_rule_decides(kind: OrderKind) -> None:
    pairs = 0
    for earlier, later in combinations(BY_KIND[kind], 2):
        if set(earlier.parts.split()) & set(later.parts.split()):
            continue
        draft = good_order(kind)
        # The bytes are altered last, whichever fault does it.
        for fault in (later, earlier):
            fault.change(draft)
        assert draft.outcome() == earlier.status, (earlier, later)
        pairs += 1
    assert pairs > 5
