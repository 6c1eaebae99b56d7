"""Whether all that a seal tells of itself fits together: log, status, evidence, checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sealkit.wire.messages import SealStatus
from sealkit.wire.records import Record
from sealkit.wire.registry import Chain, State
from sealkit_conformance import expect
from sealkit_conformance.subject.fold import Fold
from sealkit_conformance.subject.seal import SealUnderTest


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
    expect.fields_of("R-5", status, _by_fold(fold), "the status is not what the log adds up to")
    _check_signed(seal, status, fold)
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


def _check_signed(seal: SealUnderTest, status: SealStatus, fold: Fold) -> None:
    """Evidence and checkpoint say the same as the status (E-1, R-7)."""
    if status.state is State.RETIRED:
        signed = seal.last_evidence()
        expect.equal("O-34", fold.head_digest, signed.control_digest, "its control head")
        expect.equal("O-34", State.RETIRED, signed.state, "the last evidence tells another state")
        return
    expect.fields_of("E-1", seal.evidence(), _by_fold(fold), "the evidence differs from the log")
    checkpoint = seal.checkpoint()
    expected = {
        "control_sequence": fold.head_sequence,
        "control_digest": fold.head_digest,
        "state": fold.state,
    }
    expect.fields_of("R-7", checkpoint, expected, "the checkpoint is not of the last record")
