"""Whether all that a seal tells of itself fits together: log, status, evidence, checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final

from sealkit.wire.evidence import Evidence
from sealkit.wire.messages import SealStatus
from sealkit.wire.records import (
    BootRecord,
    CoalescedRecord,
    FlagsRecord,
    OrderRecord,
    Record,
    parse_record_body,
)
from sealkit.wire.registry import Chain, ClockQuality, Flag, State
from sealkit_conformance import expect
from sealkit_conformance.subject.fold import Fold
from sealkit_conformance.subject.seal import SealUnderTest

_TOLD_ELSEWHERE: Final = int(Flag.CASE_OPEN | Flag.METER_SILENT)
"""Flags whose changes no record of flags tells (chapter 7)."""
_PRUNED: Final = tuple(field.name for field in fields(Evidence) if field.name.startswith("pruned_"))


@dataclass(frozen=True, slots=True)
class History:
    """A seal's log as it was read, and what it adds up to."""

    fold: Fold
    control: list[Record]
    journal: list[Record]

    @property
    def records(self) -> list[Record]:
        """Both chains, rising."""
        return sorted([*self.control, *self.journal], key=lambda record: record.sequence)


def check_history(seal: SealUnderTest) -> History:
    """Reads both chains whole and holds everything else to them."""
    status = seal.status()
    control, journal = seal.log(Chain.CONTROL), seal.log(Chain.JOURNAL)
    fold = Fold(seal.suite)
    for record in control:
        expect.true("R-1", record.is_control, f"record {record.sequence} is of the other chain")
        fold.add(record)
    history = History(fold, control, journal)
    _check_journal(seal, status, journal)
    _check_numbers(status, history)
    _check_journal_heads(seal, status.base_sequence, history)
    _check_each(seal, history.records)
    held = [record for record in history.records if record.sequence > status.base_sequence]
    _check_flags(held)  # what was pruned may have told of changes
    expect.fields_of("R-5", status, _by_fold(fold), "the status is not what the log adds up to")
    last = history.records[-1]
    told = (status.boot, status.clock_quality)
    # A full journal may only count a boot's record (J-3), and a retired seal makes none.
    if not status.flags & Flag.JOURNAL_FULL and status.state is not State.RETIRED:
        expect.equal("R-4", (last.boot, last.clock_quality), told, "boot and quality of the clock")
    _check_signed(seal, status, history)
    return history


def _by_fold(fold: Fold) -> dict[str, object]:
    return {
        "state": fold.state,
        "control_sequence": fold.head_sequence,
        "control_digest": fold.head_digest,
        "trust_version": fold.trust_version,
        "parameter_root": fold.parameter_root,
        "calibration_counter": fold.calibration_counter,
        "configuration_counter": fold.configuration_counter,
        "latched_causes": fold.latched_causes,
    }


def _check_journal(seal: SealUnderTest, status: SealStatus, journal: list[Record]) -> None:
    previous: bytes | None = None if status.base_sequence else bytes(32)
    for record in journal:
        expect.true("R-1", not record.is_control, f"record {record.sequence} is a control record")
        if previous is not None:
            expect.equal("R-2", previous, record.previous, f"record {record.sequence}: previous")
        previous = seal.suite.digest(record.raw)
    if journal:
        head = (journal[-1].sequence, previous)
        told = (status.journal_sequence, status.journal_digest)
        expect.equal("C-3", head, told, "the status tells another head of the journal")


def _check_numbers(status: SealStatus, history: History) -> None:
    numbers = [record.sequence for record in history.records]
    expect.equal("R-1", len(set(numbers)), len(numbers), "two records have one number")
    if not status.base_sequence:
        expect.equal("R-1", list(range(1, len(numbers) + 1)), numbers, "the numbers have gaps")


def _check_journal_heads(seal: SealUnderTest, base_sequence: int, history: History) -> None:
    """Each control record carries the journal's head of its time (R-3)."""
    head = (0, bytes(32))
    pruned = bool(base_sequence)
    for record in history.records:
        if not record.is_control:
            head = (record.sequence, seal.suite.digest(record.raw))
            pruned = False  # from here on the heads are at hand
        elif not pruned:
            told = (int.from_bytes(record.body[:4], "big"), record.body[4:36])
            expect.equal("R-3", head, told, f"record {record.sequence} has another journal head")


def _check_each(seal: SealUnderTest, records: list[Record]) -> None:
    info = seal.identity
    for record in records:
        expect.equal("S-5", seal.suite.id, int(record.suite), "a record of another suite")
        expect.equal("R-1", (info.maker, info.serial), (record.maker, record.serial), "a number")
    for one, other in pairwise(records):
        expect.true("N-4", one.tick_ms <= other.tick_ms, f"ticks fall at record {other.sequence}")
        expect.true("R-4", one.boot <= other.boot, f"boots fall at record {other.sequence}")


def _check_flags(records: list[Record]) -> None:
    """What a record of flags tells is what changed, and no other record tells it (R-4, Z-3)."""
    told: int | None = None
    for record in records:
        body = parse_record_body(record)
        flags = record.flags & ~_TOLD_ELSEWHERE
        if isinstance(body, FlagsRecord):
            expect.equal("R-4", flags, body.after, f"record {record.sequence}: flags after it")
            expect.true("R-4", body.before != body.after, f"record {record.sequence}: no change")
            if told is not None:
                expect.equal("R-4", told, body.before, f"record {record.sequence}: flags before")
            told = body.after
        elif told is None or isinstance(body, OrderRecord):
            told = flags
        if record.flags & Flag.JOURNAL_FULL or isinstance(body, CoalescedRecord):
            told = None  # a full journal counts its records of flags, and tells no more (J-3)
        lost = record.clock_quality is ClockQuality.LOST
        expect.equal("R-4", lost, bool(flags & Flag.CLOCK_LOST), f"clock at {record.sequence}")


def _check_signed(seal: SealUnderTest, status: SealStatus, history: History) -> None:
    """Evidence and checkpoint say the same as the status (E-1, R-7)."""
    fold = history.fold
    if status.state is State.RETIRED:
        signed = seal.last_evidence()
        expect.equal("O-34", fold.head_digest, signed.control_digest, "its control head")
        expect.equal("O-34", State.RETIRED, signed.state, "the last evidence tells another state")
        return
    evidence = seal.evidence()
    expect.fields_of("E-1", evidence, _by_fold(fold), "the evidence differs from the log")
    _check_ends(seal, evidence, history)
    checkpoint = seal.checkpoint()
    expected = {
        "control_sequence": fold.head_sequence,
        "control_digest": fold.head_digest,
        "state": fold.state,
    }
    expect.fields_of("R-7", checkpoint, expected, "the checkpoint is not of the last record")


def _check_ends(seal: SealUnderTest, evidence: Evidence, history: History) -> None:
    """Where the journal begins and ends, how late it is, what is gone (E-1, E-3, J-2)."""
    if history.journal:
        last = history.journal[-1]
        head = {"journal_sequence": last.sequence, "journal_digest": seal.suite.digest(last.raw)}
        expect.fields_of("E-1", evidence, head, "the evidence signs another head of the journal")
    if not evidence.base_sequence:
        due: dict[str, object] = {"base_digest": bytes(32)}
        due |= dict.fromkeys(_PRUNED, 0)
        expect.fields_of("J-2", evidence, due, "the evidence tells of records that are gone")
        boots = {r.boot for r in history.journal if isinstance(parse_record_body(r), BootRecord)}
        missing = set(range(2, evidence.boot + 1)) - boots
        if not any(isinstance(parse_record_body(r), CoalescedRecord) for r in history.journal):
            full = evidence.flags & Flag.JOURNAL_FULL
            expect.true("R-4", full or not missing, f"boots {missing} stand in no record")
    latest = max(record.clock for record in history.records)
    expect.true("E-3", evidence.clock_floor >= latest, "the floor is below a record's clock")
    lost = evidence.clock_quality is ClockQuality.LOST
    expect.equal("E-1", lost, bool(evidence.flags & Flag.CLOCK_LOST), "the flag clock_lost")
    if lost:
        expect.equal("R-4", evidence.clock_floor, evidence.clock, "a lost clock is the floor")
