"""What a station gives out is proof to others, and only of what its ledger holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from appraisal.builder import MAKER
from hypothesis import given, settings
from hypothesis import strategies as st
from station.fleet import DAY, NOW, YEAR, Log, cloned, handed_in, people, taxi, visit

from sealkit.appraisal import Conclusion, Policy, TrustBundle, Verdict, appraise, from_bundle
from sealkit.appraisal.attestation import AttestationConclusion
from sealkit.appraisal.station import judge_tree_head, judge_tree_heads
from sealkit.crypto import get_suite
from sealkit.errors import SealkitError, UsageError
from sealkit.station.ledger import Ledger
from sealkit.station.proof import proving
from sealkit.station.proof.proving import (
    StationIdentity,
    attested,
    bundle_for,
    check_attestation,
    tree_head,
)
from sealkit.wire.bundle import Bundle, build_bundle, parse_bundle
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import Cause, Group, Severity
from sealkit.wire.witness import attestation_parts, attestation_text

ONE = SealNumber(MAKER, 1)
LONG_AFTER = NOW + 3 * YEAR


def station() -> StationIdentity:
    person = people().station
    return StationIdentity(person.key, person.credential, person.issuers)


def take(ledger: Ledger, log: Log, at: int = NOW, **more: Any) -> int:
    return ledger.ingest_export(handed_in(log, at, **more), visit(at)).leaf


def judged_offline(data: bytes, trust: TrustBundle | None = None) -> Verdict:
    return appraise(from_bundle(data), trust or people().trust, Policy(), NOW + 60)


def codes(verdict: Verdict) -> set[str]:
    return {one.code for one in verdict.findings if one.severity is not Severity.NOTE}


def opened(data: bytes) -> Bundle:
    return parse_bundle(data, lambda suite: get_suite(suite).digest)


def closed(bundle: Bundle) -> bytes:
    return build_bundle(people().suite.digest, bundle)


# Bundles.


@pytest.mark.requirement("B-6")
def test_a_bundle_of_an_intact_seal_is_intact_elsewhere(ledger: Ledger) -> None:
    take(ledger, taxi(1))
    take(ledger, taxi(2))
    ledger.judge(ONE, NOW)
    data = bundle_for(ledger, ONE, station(), NOW + 9)
    verdict = judged_offline(data)
    assert (verdict.conclusion, codes(verdict)) == (Conclusion.INTACT, set())
    bundle = opened(data)
    assert bundle.verdict == ledger.judgements(ONE)[0].content
    assert bundle.earlier == ()
    kept = ledger.tree_heads()
    assert [head.raw for head in kept] == [bundle.tree_head]
    assert (kept[0].size, kept[0].time) == (3, NOW + 9)


def test_evidence_that_was_not_judged_goes_without_a_verdict(ledger: Ledger) -> None:
    log = taxi(1)
    first = take(ledger, log)
    ledger.judge(ONE, NOW)
    log.boot()
    second = take(ledger, log, NOW + DAY)
    latest = opened(bundle_for(ledger, ONE, station(), NOW + DAY))
    assert latest.verdict is None
    assert latest.leaf == ledger.leaf(second)
    older = opened(bundle_for(ledger, ONE, station(), NOW + DAY, leaf=first))
    assert older.verdict == ledger.judgements(ONE)[0].content
    with pytest.raises(UsageError, match="EVIDENCE_UNKNOWN"):
        bundle_for(ledger, ONE, station(), NOW, leaf=99)
    with pytest.raises(UsageError, match="SEAL_UNKNOWN"):
        bundle_for(ledger, SealNumber(MAKER, 7), station(), NOW)


@pytest.mark.requirement("B-3")
def test_groups_are_shown_as_asked(ledger: Ledger) -> None:
    take(ledger, taxi(1))
    ledger.judge(ONE, NOW)
    data = bundle_for(ledger, ONE, station(), NOW, shown={Group.VEHICLE, Group.TARIFF})
    bundle = opened(data)
    assert {number for number, _ in bundle.groups} == {Group.VEHICLE, Group.TARIFF}
    assert bundle.control == bundle.journal == ()
    assert b"TX-1" not in data
    assert codes(judged_offline(data)) == {"LOG_WITHHELD"}


def test_without_a_station_no_ledger_is_proven(ledger: Ledger) -> None:
    take(ledger, taxi(1))
    ledger.judge(ONE, NOW)
    assert codes(judged_offline(bundle_for(ledger, ONE, None, NOW))) == {"LEDGER_ENTRY_MISSING"}
    assert ledger.tree_heads() == []


@pytest.mark.requirement("B-5")
@pytest.mark.parametrize("how", ["cloned", "set back"])
def test_a_contradiction_is_proven(ledger: Ledger, how: str) -> None:
    log = taxi(1)
    copy = cloned(log)
    log.acknowledge()
    if how == "cloned":
        copy.boot()
        copy.acknowledge()
        copy.boot()
    take(ledger, log)
    take(ledger, copy, NOW + DAY)
    told = ledger.judge(ONE, NOW + DAY)
    assert told.conclusion is Conclusion.BROKEN
    verdict = judged_offline(bundle_for(ledger, ONE, station(), NOW + DAY))
    assert verdict.conclusion is Conclusion.BROKEN
    wanted = {"cloned": "HISTORY_FORKED", "set back": "HISTORY_ROLLED_BACK"}[how]
    assert wanted in codes(verdict)
    assert wanted in {one.code for one in told.findings}


def test_more_contradictions_than_a_bundle_holds(ledger: Ledger) -> None:
    log = taxi(1)
    copy = cloned(log)
    copy.boot()
    for day in range(20):
        log.acknowledge()
        take(ledger, log, NOW + day * 3_600, journal=False)
    take(ledger, copy, NOW + DAY)
    ledger.judge(ONE, NOW + DAY)
    data = bundle_for(ledger, ONE, station(), NOW + DAY)
    assert len(opened(data).earlier) == 16
    assert judged_offline(data).conclusion is Conclusion.BROKEN


def test_a_bundle_too_large_to_be_read_is_not_written(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(ledger, taxi(1))
    monkeypatch.setattr(proving, "BUNDLE_MAX", 1_000)
    with pytest.raises(UsageError, match="BUNDLE_TOO_LARGE"):
        bundle_for(ledger, ONE, station(), NOW)


@pytest.mark.requirement("B-6")
def test_parts_of_another_bundle_are_found(ledger: Ledger) -> None:
    """The proof, entry, head and verdict of another seal's bundle, each put into this one."""
    for serial in (1, 2):
        take(ledger, taxi(serial))
        ledger.judge(SealNumber(MAKER, serial), NOW)
    mine = opened(bundle_for(ledger, ONE, station(), NOW))
    other = opened(bundle_for(ledger, SealNumber(MAKER, 2), station(), NOW + 70))
    for part, code in (
        ("inclusion", "INCLUSION_INVALID"),
        ("leaf", "LEDGER_ENTRY_INVALID"),
        ("verdict", "STATION_VERDICT_INVALID"),
        ("seal_credential", "SEAL_CREDENTIAL_INVALID"),
    ):
        exchanged = closed(replace(mine, **{part: getattr(other, part)}))
        if part == "verdict":  # Both are intact, judged at one time: the same bytes.
            exchanged = closed(replace(mine, verdict=(mine.verdict or b"") + b" "))
        verdict = judged_offline(exchanged)
        assert verdict.conclusion is not Conclusion.INTACT
        assert code in codes(verdict), part
    stranger = type(people())(people().suite)
    assert "STATION_UNTRUSTED" in codes(judged_offline(closed(mine), stranger.trust))
    nested = closed(replace(mine, earlier=(closed(mine)[:2_000],)))
    assert judged_offline(nested).conclusion is not Conclusion.INTACT


# Tree heads.


@pytest.mark.requirement("G-5")
def test_heads_are_kept_and_continue_one_another(ledger: Ledger) -> None:
    trust, chain = people().trust, station().chain
    empty = tree_head(ledger, station(), NOW)
    assert empty.size == 0
    take(ledger, taxi(1))
    take(ledger, taxi(2))
    first = tree_head(ledger, station(), NOW + 1)
    assert tree_head(ledger, station(), NOW + 2) == first
    again = tree_head(ledger, station(), NOW + 90)
    assert (again.root, again.time) == (first.root, NOW + 90)
    take(ledger, taxi(3))
    last = tree_head(ledger, station(), NOW + 91)
    assert ledger.tree_heads() == [last, again, first, empty]
    assert judge_tree_head(trust, last.raw, chain) == (last, [])
    path = ledger.consistency(first.size, last.size)
    assert judge_tree_heads(trust, first, last, path, chain) == []
    assert judge_tree_heads(trust, first, last, (), chain)[0].code == "LEDGER_FORKED"


def test_who_may_sign() -> None:
    world = people()
    with pytest.raises(UsageError, match="ISSUER_KEY_DIFFERS"):
        StationIdentity(world.suite.generate(), world.station.credential)
    with pytest.raises(UsageError, match="ISSUING_NOT_ALLOWED"):
        StationIdentity(world.technician.key, world.technician.credential)


# Attestations.


def intact(ledger: Ledger, log: Log | None = None) -> Log:
    log = log or taxi(1)
    take(ledger, log)
    assert ledger.judge(ONE, NOW).conclusion is Conclusion.INTACT
    return log


@pytest.mark.requirement("G-6")
def test_what_passed_is_attested(ledger: Ledger) -> None:
    intact(ledger)
    told = attested(ledger, ONE, station(), NOW + 5).attestation
    assert (told.number, told.plate) == (ONE, "沪A00001")
    assert (told.issued_at, told.valid_until) == (NOW + 5, NOW + YEAR)
    assert told.leaf_index == ledger.judgements(ONE)[0].leaf


@pytest.mark.requirement("G-6")
def test_nothing_else_is_attested(ledger: Ledger) -> None:
    def refused(at: int = NOW) -> SealkitError:
        with pytest.raises(SealkitError) as caught:
            attested(ledger, ONE, station(), at)
        assert caught.value.code == "NOT_INTACT"
        return caught.value

    log = taxi(1)
    take(ledger, log)
    assert refused().exit_status == 9  # Not judged.
    ledger.judge(ONE, NOW)
    assert refused(NOW + YEAR).exit_status == 9  # The verification has ended.
    log.boot()
    take(ledger, log, NOW + 9)
    assert refused(NOW + 9).exit_status == 9  # The verdict is of older evidence.
    ledger.judge(ONE, NOW + 9)
    attested(ledger, ONE, station(), NOW + 9)
    ledger.use_trust(people().trust_with(), NOW + 10)
    assert refused(NOW + 10).exit_status == 9  # The trust is another since.
    ledger.judge(ONE, NOW + 11)
    log.tamper(Cause.CASE_OPENED)
    take(ledger, log, NOW + 12)
    assert ledger.judge(ONE, NOW + 12).conclusion is Conclusion.BROKEN
    assert refused(NOW + 12).exit_status == 7


def test_what_came_late_undoes_it_too(ledger: Ledger) -> None:
    """An older evidence that comes after the verdict is not the latest, and is not judged yet."""
    log = taxi(1)
    before = handed_in(log, NOW - DAY)
    log.boot()
    intact(ledger, log)
    ledger.ingest_export(before, visit(NOW + 5))
    with pytest.raises(SealkitError, match="NOT_INTACT"):
        attested(ledger, ONE, station(), NOW + 6)


# Scanned codes.


@pytest.mark.requirement("G-7")
def test_a_code_is_checked_with_a_trust_file_alone(ledger: Ledger) -> None:
    log = intact(ledger)
    passed = attested(ledger, ONE, station(), NOW)
    check = check_attestation(ledger, passed.text, NOW + 1)
    assert check.conclusion is AttestationConclusion.HOLDS
    assert (check.attestation, check.station) == (passed.attestation, passed.station)
    assert (check.in_ledger, check.later) == (True, None)
    assert check.message.en.startswith("The statement is genuine")
    for at in (NOW - 1, LONG_AFTER):
        assert check_attestation(ledger, passed.text, at).conclusion is (
            AttestationConclusion.EXPIRED
        )
    log.tamper(Cause.CASE_OPENED)
    take(ledger, log, NOW + 9)
    ledger.judge(ONE, NOW + 9)
    check = check_attestation(ledger, passed.text, NOW + 10)
    assert (check.conclusion, check.later) == (AttestationConclusion.HOLDS, Conclusion.BROKEN)
    assert "broken" in check.message.en
    assert "已破坏" in check.message.zh


def test_without_its_credential_the_ledger_may_know_it(ledger: Ledger) -> None:
    intact(ledger)
    bare = attestation_text(attested(ledger, ONE, station(), NOW).attestation.raw)
    assert check_attestation(ledger, bare, NOW).conclusion is AttestationConclusion.HOLDS


def test_a_code_of_strangers_tells_nothing(ledger: Ledger, other_url: str) -> None:
    """Not even what the ledger holds about the seal that it names."""
    intact(ledger)
    stranger = type(people())(people().suite)
    other = StationIdentity(stranger.station.key, stranger.station.credential)
    forged = attested(ledger, ONE, other, NOW)
    check = check_attestation(ledger, forged.text, NOW)
    assert check.conclusion is AttestationConclusion.UNKNOWN
    assert (check.attestation, check.station, check.in_ledger, check.later) == (
        None,
        None,
        False,
        None,
    )
    raw, _ = attestation_parts(forged.text)
    mixed = attestation_text(raw, people().station.credential.raw)
    assert check_attestation(ledger, mixed, NOW).conclusion is AttestationConclusion.INVALID
    # A genuine one of another ledger holds, and this ledger has nothing to add.
    with Ledger(other_url) as elsewhere:
        elsewhere.use_trust(people().trust, NOW)
        take(elsewhere, taxi(2))
        elsewhere.judge(SealNumber(MAKER, 2), NOW)
        text = attested(elsewhere, SealNumber(MAKER, 2), station(), NOW).text
    check = check_attestation(ledger, text, NOW)
    assert (check.conclusion, check.in_ledger) == (AttestationConclusion.HOLDS, False)


@pytest.mark.parametrize("text", ["", "SEALKIT1:", "SEALKIT1:0", "http://x", "SEALKIT1:" * 9_999])
def test_what_is_no_code_is_invalid(ledger: Ledger, text: str) -> None:
    check = check_attestation(ledger, text, NOW)
    assert check.conclusion is AttestationConclusion.INVALID
    assert check.findings[0].code == "ATTESTATION_INVALID"


@pytest.fixture(scope="module")
def genuine(shared_url: str) -> Iterator[tuple[Ledger, str]]:
    """A ledger and the text of a code that it stands by."""
    with Ledger(shared_url) as opened:
        opened.use_trust(people().trust, NOW)
        intact(opened)
        yield opened, attested(opened, ONE, station(), NOW).text


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 10_000), mask=st.integers(1, 255))
def test_a_changed_code_never_holds(genuine: tuple[Ledger, str], place: int, mask: int) -> None:
    ledger, text = genuine
    data = bytearray(b"".join(attestation_parts(text)))
    data[place % len(data)] ^= mask
    check = check_attestation(ledger, attestation_text(bytes(data)), NOW)
    assert check.conclusion in (AttestationConclusion.INVALID, AttestationConclusion.UNKNOWN)
    assert (check.attestation, check.later) == (None, None)
