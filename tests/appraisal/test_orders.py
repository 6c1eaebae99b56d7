"""Every order in the chain is judged again: who signed, whether they might, and when (V-4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from appraisal.builder import (
    NOW,
    YEAR,
    Log,
    Person,
    World,
    codes,
    enrolled,
    flip,
    groups,
    judged,
    sealed,
)
from sealkit.appraisal.verdict import Conclusion, Verdict
from sealkit.keys.issuing import issue_statement
from sealkit.wire.orders import (
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    ReasonBody,
    RestoreClockBody,
    TrustBody,
)
from sealkit.wire.parameters import DistanceGroup
from sealkit.wire.registry import (
    STATUS_TEXTS,
    Cause,
    ClockQuality,
    Group,
    KSource,
    OrderKind,
    Reason,
    Role,
    State,
    Status,
)

pytestmark = pytest.mark.requirement("V-4")


def _told(verdict: Verdict, code: str) -> str:
    return next(found.message() for found in verdict.findings if found.code == code)


_REFUSED: list[tuple[Callable[[World, Log], dict[str, Any]], str, Status]] = [
    (lambda w, log: {"maker": 9}, "ORDER_NOT_ALLOWED", Status.WRONG_SEAL),
    (lambda w, log: {"head_digest": bytes(32)}, "ORDER_NOT_ALLOWED", Status.STALE_HEAD),
    (lambda w, log: {"challenge": bytes([1]) * 16}, "RECORD_MALFORMED", Status.MALFORMED),
    (lambda w, log: {"not_after": log.clock}, "ORDER_NOT_ALLOWED", Status.EXPIRED),
    (lambda w, log: {"not_before": log.clock + 2}, "ORDER_NOT_ALLOWED", Status.NOT_YET_VALID),
    (
        lambda w, log: {"not_after": log.clock + 604_800},
        "ORDER_NOT_ALLOWED",
        Status.WINDOW_TOO_LONG,
    ),
    (lambda w, log: {"stored": ()}, "ORDER_CREDENTIAL", Status.CREDENTIAL_MISSING),
    (
        lambda w, log: {"signers": (w.station, w.technician)},
        "ORDER_NOT_ALLOWED",
        Status.ROLE_NOT_ALLOWED,
    ),
    (lambda w, log: {"signers": (w.technician,)}, "ORDER_NOT_ALLOWED", Status.SIGNATURES_MISSING),
    (
        lambda w, log: {"signers": (w.technician, replace(w.station, key=w.technician.key))},
        "ORDER_SIGNATURE",
        Status.SIGNATURE_INVALID,
    ),
    (
        lambda w, log: {
            "signers": (
                w.technician,
                Person(w.technician.key, w.issue(w.authority, Role.STATION, w.technician.key)),
            )
        },
        "ORDER_NOT_ALLOWED",
        Status.SAME_SIGNER,
    ),
    (
        lambda w, log: {
            "signers": (
                w.technician,
                w.person(w.authority, Role.STATION, not_before=log.clock + 2),
            )
        },
        "ORDER_CREDENTIAL",
        Status.CREDENTIAL_NOT_YET_VALID,
    ),
    (
        lambda w, log: {
            "signers": (w.person(w.registry, Role.TECHNICIAN, scope=310_100), w.station)
        },
        "ORDER_CREDENTIAL",
        Status.CREDENTIAL_SCOPE,
    ),
    (
        lambda w, log: {"new": groups(distance=DistanceGroup(499, KSource.TYPED))},
        "ORDER_NOT_ALLOWED",
        Status.BODY_INVALID,
    ),
    (
        lambda w, log: {"new": {Group.TARIFF: groups()[Group.TARIFF]}},
        "ORDER_NOT_ALLOWED",
        Status.PARAMETERS_INCOMPLETE,
    ),
]


@pytest.mark.parametrize(("how", "code", "status"), _REFUSED)
def test_an_order_that_the_seal_had_to_refuse_is_told_with_who_signed_it_and_why(
    p256: World, how: Callable[[World, Log], dict[str, Any]], code: str, status: Status
) -> None:
    log = enrolled(p256)
    log.seal(**how(p256, log))
    verdict = judged(log.material(), p256.trust)
    assert verdict.conclusion is Conclusion.BROKEN
    told = _told(verdict, code)
    assert "Record 3: SEAL ← " in told
    assert STATUS_TEXTS[status].message_en in told
    if status is not Status.CREDENTIAL_MISSING:
        assert "(technician)" in told or "(station)" in told


def test_all_that_is_wrong_with_an_order_is_told(p256: World) -> None:
    log = enrolled(p256)
    log.seal(
        signers=(p256.station, p256.technician),
        head_sequence=1,
        not_after=log.clock,
        signatures=bytes([1]) * 128,
    )
    found = codes(judged(log.material(), p256.trust))
    assert found.count("ORDER_NOT_ALLOWED") == 3
    assert "ORDER_SIGNATURE" in found


def test_credentials_are_judged_at_the_records_time_not_todays(p256: World) -> None:
    log = enrolled(p256)
    then = p256.person(p256.registry, Role.TECHNICIAN, not_after=log.clock + 10)
    log.seal(signers=(then, p256.station))
    assert judged(log.material(), p256.trust).findings == ()
    year_later = judged(log.material({"clock": NOW + YEAR}), p256.trust, NOW + YEAR)
    assert "ORDER_CREDENTIAL" not in codes(year_later)


def test_a_renewed_registry_stands_for_the_technicians_it_issued(p256: World) -> None:
    log = enrolled(p256)
    ends = log.clock + 10
    old = p256.issue(p256.authority, Role.REGISTRY, p256.registry.key, not_after=ends)
    log.seal(signers=(replace(p256.technician, issuers=(old,)), p256.station))
    log.clock += 3_600
    log.seal(groups(distance=DistanceGroup(2000, KSource.READ)))
    assert judged(log.material(), p256.trust).findings == ()


def test_a_lost_clock_gives_only_a_bound(p256: World) -> None:
    log = sealed(p256)
    log.quality = ClockQuality.LOST
    future = log.clock + 100
    log.order(
        OrderKind.ACKNOWLEDGE,
        AcknowledgeBody(log.journal_head.sequence, log.journal_head.digest, bytes(32)),
        p256.station,
        not_before=future,
        not_after=future + 10,
    )
    assert codes(judged(log.material(), p256.trust)) == ["CLOCK_LOST"]
    log.order(OrderKind.ADJUST_CLOCK, AdjustClockBody(3), p256.station)
    assert "ORDER_NOT_ALLOWED" in codes(judged(log.material(), p256.trust))
    log = sealed(p256)
    log.order(
        OrderKind.RESTORE_CLOCK,
        RestoreClockBody(log.clock - 500),
        p256.technician,
        p256.station,
    )
    assert "ORDER_NOT_ALLOWED" in codes(judged(log.material(), p256.trust))


def test_the_same_order_is_not_applied_twice(p256: World) -> None:
    log = sealed(p256)
    log.seal(groups(distance=DistanceGroup(2000, KSource.READ)))
    again = log.control[-1][79 + 2 :]
    head = log.journal_head
    body = head.sequence.to_bytes(4, "big") + head.digest + again[36:]
    log.control_record(2, body, State.SEALED)
    told = _told(judged(log.material(), p256.trust), "ORDER_NOT_ALLOWED")
    assert "applied before" in told


def test_more_clock_than_allowed_is_told(p256: World) -> None:
    log = sealed(p256)
    # Each is judged at the time before it, which the record no longer tells.
    for change in (100, -20):
        log.adjust(change, p256.station)
    assert judged(log.material(), p256.trust).findings == ()
    log.adjust(1, p256.station)
    assert "ORDER_NOT_ALLOWED" in codes(judged(log.material(), p256.trust))


def test_an_order_that_needs_a_challenge_has_one(p256: World) -> None:
    log = sealed(p256)
    log.order(
        OrderKind.UNSEAL,
        ReasonBody(Reason.REPAIR, "repair"),
        p256.technician,
        p256.station,
        challenge=bytes(16),
    )
    told = _told(judged(log.material(), p256.trust), "ORDER_NOT_ALLOWED")
    assert STATUS_TEXTS[Status.CHALLENGE_MISSING].message_en in told


def test_what_is_acknowledged_stands_in_the_journal(p256: World) -> None:
    log = sealed(p256)
    sequence = log.journal_head.sequence
    log.order(OrderKind.ACKNOWLEDGE, AcknowledgeBody(sequence, bytes(32), bytes(32)), p256.station)
    assert "ORDER_NOT_ALLOWED" in codes(judged(log.material(), p256.trust))
    assert judged(log.material(journal=None), p256.trust).conclusion is Conclusion.INTACT


def test_a_statement_that_the_seal_took_is_the_authoritys_and_newer(p256: World) -> None:
    log = sealed(p256)
    log.trust(version=2)
    log.trust(version=2)
    told = _told(judged(log.material(), p256.trust_with(version=2)), "ORDER_NOT_ALLOWED")
    assert STATUS_TEXTS[Status.TRUST_VERSION].message_en in told
    log = sealed(p256)
    other = World(p256.suite)
    statement = issue_statement(
        other.authority.key,
        other.authority.credential,
        version=1,
        issued_at=NOW,
        minimums=(),
        revoked=(),
    )
    log.order(OrderKind.TRUST, TrustBody(statement.raw), p256.technician)
    told = _told(judged(log.material(), p256.trust_with()), "ORDER_NOT_ALLOWED")
    assert STATUS_TEXTS[Status.TRUST_INVALID].message_en in told


def test_an_order_in_a_state_that_does_not_take_it_ends_the_history(p256: World) -> None:
    log = enrolled(p256)
    with pytest.raises(Exception, match="cannot stand"):
        log.clear()
    verdict = judged(log.material(), p256.trust)
    told = _told(verdict, "ORDER_NOT_ALLOWED")
    assert STATUS_TEXTS[Status.WRONG_STATE].message_en in told
    assert codes(verdict).count("ORDER_NOT_ALLOWED") == 1


def test_a_break_that_cannot_be_is_told(p256: World) -> None:
    log = enrolled(p256)
    with pytest.raises(Exception, match="cannot stand"):
        log.tamper(Cause.CASE_OPENED)
    assert "STATE_CONTRADICTS_LOG" in codes(judged(log.material(), p256.trust))


@pytest.mark.requirement("K-4")
def test_the_seal_of_another_authority_is_undetermined_not_broken(world: World) -> None:
    other = World(world.suite)
    other.maker, other.trust = world.maker, world.trust
    other.endorsed = other.issue(world.maker, Role.AUTHORITY, other.authority.key)
    other.seal_key, other.seal_credential = world.seal_key, world.seal_credential
    verdict = judged(sealed(other).material(), world.trust)
    assert codes(verdict) == ["OTHER_AUTHORITY"]
    assert verdict.conclusion is Conclusion.UNDETERMINED


@pytest.mark.requirement("O-20")
def test_an_authority_that_the_maker_did_not_endorse_is_told(p256: World) -> None:
    forger = World(p256.suite)
    forged = forger.issue(forger.maker, Role.AUTHORITY, p256.authority.key)
    for authority in (forged.raw, flip(p256.endorsed.raw, -1), p256.authority.credential.raw):
        log = Log(p256)
        log.genesis()
        log.order(OrderKind.ENROL, EnrolBody(log.clock, authority), p256.station)
        log.seal()
        assert "ORDER_CREDENTIAL" in codes(judged(log.material(), p256.trust))


@pytest.mark.requirement("K-8")
def test_revocation_counts_for_what_is_sealed_now(p256: World) -> None:
    """Also that of the registry that issued the technician; not for what was sealed before."""
    log = sealed(p256)
    for revoked in (p256.technician, p256.registry):
        verdict = judged(log.material(), p256.trust_with(revoked.credential))
        assert verdict.conclusion is Conclusion.UNDETERMINED
        assert "Li (technician)" in _told(verdict, "ORDER_SIGNER_REVOKED")
    trust = p256.trust_with(p256.technician.credential)
    other = p256.person(p256.registry, Role.TECHNICIAN, serial=8, name="Sun")
    log.seal(groups(distance=DistanceGroup(2000, KSource.READ)), signers=(other, p256.station))
    assert "ORDER_SIGNER_REVOKED" in codes(judged(log.material(), trust))
    log.order(OrderKind.UNSEAL, ReasonBody(Reason.REPAIR, "repair"), other, p256.station)
    log.seal(groups(distance=DistanceGroup(1500, KSource.READ)), signers=(other, p256.station))
    verdict = judged(log.material(), trust)
    assert verdict.conclusion is Conclusion.INTACT
    assert codes(verdict) == ["TRUST_BEHIND"]
