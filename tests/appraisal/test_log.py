"""What is wrong with a chain is told by its name and place, by the short test or the close look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appraisal.builder import (
    MAKER,
    NOW,
    SERIAL,
    Log,
    World,
    codes,
    enrolled,
    flip,
    groups,
    judged,
    sealed,
)
from sealkit.appraisal.log import Journal, audit_journal
from sealkit.appraisal.verdict import FINDINGS_PER_CODE, Conclusion, Findings, Verdict
from sealkit.rules.chain import EMPTY_CHAIN, Head
from sealkit.wire.numbers import SealNumber
from sealkit.wire.parameters import DistanceGroup
from sealkit.wire.records import (
    BootRecord,
    CoalescedItem,
    CoalescedRecord,
    DrivenRecord,
    FlagsRecord,
    MeterRecord,
    TariffRecord,
)
from sealkit.wire.registry import BootCause, KSource, MeterEvent, RecordKind, State


def _of(verdict: Verdict, code: str) -> list[int | None]:
    return [found.record for found in verdict.findings if found.code == code]


def _long(world: World) -> Log:
    """genesis 1, enrol 2, journal 3 to 6, seal 7, seal 8, journal 9 to 10."""
    log = enrolled(world)
    for _ in range(4):
        log.boot()
    log.seal()
    log.seal(groups(distance=DistanceGroup(2000, KSource.READ)))
    log.boot()
    log.boot()
    return log


def test_every_kind_of_journal_record_is_taken(p256: World) -> None:
    log = sealed(p256)
    digest = bytes(32)
    for kind, body in (
        (RecordKind.BOOT, BootRecord(BootCause.RESET, 0xFFFFFFFF)),
        (RecordKind.FLAGS, FlagsRecord(0, 4)),
        (RecordKind.METER, MeterRecord(MeterEvent.SILENT)),
        (RecordKind.TARIFF, TariffRecord(digest, digest)),
        (RecordKind.DRIVEN, DrivenRecord(1, 2)),
        (RecordKind.COALESCED, CoalescedRecord((CoalescedItem(0x81, 3),))),
        (0xA0, b"of a kind that nobody knows yet"),
        (0xA1, b""),
    ):
        log.journal_record(kind, body)
    assert judged(log.material(), p256.trust).findings == ()


@pytest.mark.requirement("R-1")
def test_a_missing_record_is_named_from_either_side(p256: World) -> None:
    log = _long(p256)
    material = log.material()
    for index, number in ((0, 3), (2, 5)):
        journal = material.journal[:index] + material.journal[index + 1 :]  # type: ignore[index]
        verdict = judged(material._replace(journal=journal), p256.trust)
        assert _of(verdict, "RECORD_MISSING") == [number]
        assert "CHAIN_BROKEN" not in codes(verdict)
    for index, number in ((0, 1), (1, 2), (2, 7)):
        control = material.control[:index] + material.control[index + 1 :]
        verdict = judged(material._replace(control=control), p256.trust)
        assert _of(verdict, "RECORD_MISSING") == [number]
    alone = material._replace(control=material.control[:2] + material.control[3:], journal=None)
    assert _of(judged(alone, p256.trust), "RECORD_MISSING") == [7]


def test_what_was_moved_or_told_twice_is_out_of_order_and_nothing_else(p256: World) -> None:
    material = _long(p256).material()
    a, b, *others = material.journal or ()
    for journal in ((b, a, *others), (a, a, b, *others), (a, b, *others, a)):
        verdict = judged(material._replace(journal=journal), p256.trust)
        assert set(codes(verdict)) == {"RECORD_ORDER"}
    control = (*material.control[:2], material.control[1], *material.control[2:])
    verdict = judged(material._replace(control=control), p256.trust)
    assert codes(verdict) == ["RECORD_ORDER"]


@pytest.mark.requirement("R-2")
def test_an_altered_record_is_told_by_the_one_after_it(p256: World) -> None:
    log = _long(p256)
    log.journal[1] = flip(log.journal[1], 30)
    verdict = judged(log.material(), p256.trust)
    assert _of(verdict, "CHAIN_BROKEN") == [5]
    assert "record 4" in verdict.findings[0].message()


@pytest.mark.requirement("R-3")
def test_another_journal_cannot_be_put_under_the_control_chain(p256: World) -> None:
    log, other = _long(p256), _long(p256)
    other.journal = []
    other.journal_head = EMPTY_CHAIN
    other.clock += 7
    for number in (3, 4, 5, 6, 9, 10):
        other.journal_record(0x90, b"x", sequence=number)
    material = log.material(
        {"journal_digest": other.journal_head.digest}, journal=tuple(other.journal)
    )
    verdict = judged(material, p256.trust)
    assert _of(verdict, "CHAIN_BROKEN") == [7, 8]


def test_a_gap_that_no_record_fills_is_found_without_any_broken_link(p256: World) -> None:
    log = enrolled(p256)
    log.sequence += 1
    log.boot()
    log.seal()
    assert _of(judged(log.material(), p256.trust), "RECORD_MISSING") == [3]
    log = enrolled(p256)
    log.sequence += 1
    log.seal()
    assert _of(judged(log.material(), p256.trust), "RECORD_MISSING") == [3]


def test_a_number_is_not_used_in_both_chains(p256: World) -> None:
    log = sealed(p256)
    log.sequence -= 1
    log.seal(groups(distance=DistanceGroup(2000, KSource.READ)))
    assert judged(log.material(), p256.trust).conclusion is Conclusion.BROKEN


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        (23, 9, "RECORD_MALFORMED"),  # state
        (46, 9, "RECORD_MALFORMED"),  # clock quality
        (81, 9, "RECORD_MALFORMED"),  # cause of a boot
        (80, 9, "RECORD_MALFORMED"),  # length of the body
        (22, RecordKind.DRIVEN, "RECORD_MALFORMED"),  # kind with another length
        (22, RecordKind.ORDER, "RECORD_MALFORMED"),  # kind of the other chain
        (8, 4, "RECORD_MALFORMED"),  # type in the tag
        (7, 9, "RECORD_MALFORMED"),  # suite in the tag
        (17, SERIAL + 1, "RECORD_OTHER_SEAL"),
        (13, MAKER & 0xFF ^ 1, "RECORD_OTHER_SEAL"),
    ],
)
def test_a_journal_record_is_checked_in_every_field(
    p256: World, place: int, value: int, code: str
) -> None:
    log = sealed(p256)
    log.boot()
    raw = log.journal[-1]
    log.journal[-1] = raw[:place] + bytes([value]) + raw[place + 1 :]
    head = Head(log.sequence, p256.suite.digest(log.journal[-1]))
    material = log.material({"journal_digest": head.digest})
    verdict = judged(material, p256.trust)
    assert codes(verdict) == [code]
    assert _of(verdict, code) == [log.sequence]


@pytest.mark.requirement("J-2")
def test_nothing_is_pruned_that_no_station_has(p256: World) -> None:
    log = sealed(p256)
    log.prune(2)
    assert "RECORD_MISSING" in codes(judged(log.material(), p256.trust))
    log = sealed(p256)
    log.acknowledge()
    log.boot()
    log.prune(4)
    assert codes(judged(log.material(), p256.trust)) == ["JOURNAL_PRUNED"]
    log.prune(1)
    verdict = judged(log.material(), p256.trust)
    assert verdict.conclusion is Conclusion.BROKEN


def test_a_base_that_is_not_the_acknowledged_journals_is_found(p256: World) -> None:
    log = sealed(p256)
    log.acknowledge()
    log.prune(4)
    log.base = Head(log.base.sequence, bytes(32))
    assert judged(log.material(), p256.trust).conclusion is Conclusion.BROKEN


def test_what_follows_a_break_is_walked_all_the_same(p256: World) -> None:
    log = _long(p256)
    for _ in range(30):
        log.boot()
    log.journal[3] = flip(log.journal[3], 30)
    log.journal[20] = flip(log.journal[20], 30)
    # Record 6 was altered: 7 and 8 are control records that tell its digest.
    assert _of(judged(log.material(), p256.trust), "CHAIN_BROKEN") == [7, 8, 9, 26]


def test_a_log_that_is_all_wrong_is_told_in_few_findings(p256: World) -> None:
    log = sealed(p256)
    for _ in range(3 * FINDINGS_PER_CODE):
        log.boot()
    log.journal = [flip(raw, 8) for raw in log.journal]
    verdict = judged(log.material(), p256.trust)
    assert codes(verdict).count("RECORD_MALFORMED") == FINDINGS_PER_CODE + 1
    assert (
        "more like these"
        in [f.message() for f in verdict.findings if f.code == "RECORD_MALFORMED"][-1]
    )


def test_gaps_everywhere_cost_no_more_than_the_records(p256: World) -> None:
    """A forged sequence number may be any of four thousand million."""
    log = Log(p256)
    for number in range(1, 2_000):
        log.journal_record(0x90, b"x", sequence=number * 2_000_000)
    findings = Findings()
    end = audit_journal(
        p256.suite,
        SealNumber(MAKER, SERIAL),
        Journal(log.journal, EMPTY_CHAIN),
        frozenset(range(1, 2_000)),
        findings,
    )
    assert end.sequence == 1_999 * 2_000_000
    assert {found.code for found in findings.listed()} == {"RECORD_MISSING"}


def test_without_evidence_the_log_is_walked_as_far_as_it_goes(p256: World) -> None:
    log = enrolled(p256)
    log.seal(signatures=bytes([1]) * 128)
    verdict = judged(log.material()._replace(evidence=None), p256.trust, NOW)
    assert {"EVIDENCE_MISSING", "ORDER_SIGNATURE"} <= set(codes(verdict))
    assert verdict.seal is verdict.state is verdict.head is None


def test_a_chain_of_another_key_is_another_seals(p256: World) -> None:
    log = sealed(p256)
    other = World(p256.suite)
    log.world = other
    evidence = log.evidence(seal_key=p256.suite.key_id(other.seal_key.public_key))
    material = log.material(checkpoint=None)._replace(
        evidence=evidence, seal_credential=other.seal_credential.raw
    )
    trust = replace(p256.trust, manufacturers=other.trust.manufacturers)
    verdict = judged(material, trust)
    assert _of(verdict, "RECORD_OTHER_SEAL") == [1]


def test_a_state_that_a_record_should_not_have_is_told_with_it(p256: World) -> None:
    log = enrolled(p256)
    log.seal(record={"state": State.OPEN})
    assert _of(judged(log.material(), p256.trust), "STATE_CONTRADICTS_LOG") == [3]
