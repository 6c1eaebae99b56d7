"""What is kept, what may go, and how a seal tells of it: O-32, J-2."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import pytest

from sealkit.wire.evidence import Evidence
from sealkit.wire.messages import READ_RECORD_REQUEST, ReadRecordRequest, SealStatus
from sealkit.wire.orders import AcknowledgeBody
from sealkit.wire.records import Record
from sealkit.wire.registry import (
    Chain,
    Command,
    OrderKind,
    RecordKind,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, destructive, needs
from sealkit_conformance.subject.filling import JOURNAL_MAX, fill_journal, flip_flag
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.seal import SealUnderTest

PRUNED: Final = {
    RecordKind.BOOT: "pruned_boot",
    RecordKind.FLAGS: "pruned_flags",
    RecordKind.METER: "pruned_meter",
    RecordKind.TARIFF: "pruned_tariff",
    RecordKind.DRIVEN: "pruned_driven",
    RecordKind.COALESCED: "pruned_coalesced",
}
_READINGS_MAX: Final = 5


def acknowledge(seal: SealUnderTest, record: Record, receipt: bytes = bytes(32)) -> None:
    """A station has received the journal up to this record."""
    body = AcknowledgeBody(record.sequence, seal.suite.digest(record.raw), receipt)
    seal.give(OrderKind.ACKNOWLEDGE, clause="O-32", body=body)


@dataclass(slots=True)
class Station:
    """Remembers all journal records, as who reads them often enough would."""

    seal: SealUnderTest
    seen: dict[int, Record] = field(default_factory=dict)
    acknowledged: int = 0

    def read(self) -> list[Record]:
        """What is held; what is gone was acknowledged, is the oldest, and is told by evidence."""
        held, evidence, status = self._at_rest()
        self.seen |= {record.sequence: record for record in held}
        numbers = [record.sequence for record in held]
        due = sorted(self.seen)[-len(held) :] if held else []
        expect.equal("J-2", due, numbers, "the records held: the newest of all, without a gap")
        gone = [self.seen[number] for number in sorted(self.seen) if number not in set(numbers)]
        if gone:
            last = gone[-1].sequence
            expect.true("J-2", last <= self.acknowledged, f"record {last} was not acknowledged")
        self._check_told(evidence, status, gone)
        return held

    def _at_rest(self) -> tuple[list[Record], Evidence, SealStatus]:
        """Journal, evidence and status of one moment: a seal may write whenever it likes to."""
        for _ in range(_READINGS_MAX):
            before = self.seal.status()
            held, evidence = self.seal.log(Chain.JOURNAL), self.seal.evidence()
            status = self.seal.status()
            if status.journal_digest == before.journal_digest:
                break
        return held, evidence, status

    def _check_told(self, evidence: Evidence, status: SealStatus, gone: list[Record]) -> None:
        base = gone[-1] if gone else None
        told = {
            "base_sequence": base.sequence if base else 0,
            "base_digest": self.seal.suite.digest(base.raw) if base else bytes(32),
        }
        kinds = Counter(record.kind for record in gone)
        told |= {name: kinds[kind] for kind, name in PRUNED.items()}
        expect.fields_of("J-2", evidence, told, "what evidence tells of what is gone")
        expect.equal("C-3", told["base_sequence"], status.base_sequence, "the base")

    def acknowledge(self, record: Record) -> None:
        acknowledge(self.seal, record)
        self.acknowledged = max(self.acknowledged, record.sequence)


# O-32.


@clause("O-32", "R21")
@needs(Capability.POWER)
def test_only_a_journal_record_that_is_held_is_acknowledged(sealed: SealUnderTest) -> None:
    for _ in range(3):
        sealed.restart()
    journal, control = sealed.log(Chain.JOURNAL), sealed.log(Chain.CONTROL)
    digest = sealed.suite.digest
    record = journal[-2]
    right = digest(record.raw)
    after_it = digest(next(r.raw for r in journal if r.sequence > control[-1].sequence))
    wrong = {
        "another digest": (record.sequence, right[:31] + bytes((right[31] ^ 1,))),
        "its digest of zeros": (record.sequence, bytes(32)),
        "the next one's digest": (record.sequence, digest(journal[-1].raw)),
        "a control record": (control[-1].sequence, digest(control[-1].raw)),
        "genesis": (1, digest(control[0].raw)),
        "a control record, by the next record's digest": (control[-1].sequence, after_it),
        "nothing": (0, bytes(32)),
        "one to come": (sealed.status().journal_sequence + 100, right),
        "the highest number": (0xFFFFFFFF, right),
    }
    for what, (sequence, named) in wrong.items():
        body = AcknowledgeBody(sequence, named, bytes(32))
        request = sealed.good(OrderKind.ACKNOWLEDGE, body=body)
        answer = sealed.order(request)
        expect.status("O-32", Status.ACKNOWLEDGE_INVALID, answer, f"an ACKNOWLEDGE of {what}")
    for held in journal:
        acknowledge(sealed, held, receipt=digest(held.raw))
    check_history(sealed)


@clause("O-32", "J-2")
def test_what_is_acknowledged_twice_is_no_fault(sealed: SealUnderTest) -> None:
    """Nor is an older record after a later one."""
    journal = sealed.log(Chain.JOURNAL)
    for record in (journal[-1], journal[-1], journal[0]):
        acknowledge(sealed, record)
    expect.equal(
        "J-2",
        [record.raw for record in journal],
        [record.raw for record in sealed.log(Chain.JOURNAL)],
        "records were deleted although there is room",
    )


# J-2.


@clause("J-2", "O-32", "R21")
@needs(Capability.BATTERY)
def test_nothing_goes_while_there_is_room(sealed: SealUnderTest) -> None:
    station = Station(sealed)
    for _ in range(10):
        flip_flag(sealed)
    held = station.read()
    station.acknowledge(held[-1])
    for _ in range(3):
        flip_flag(sealed)
    station.read()
    expect.equal("J-2", 0, sealed.status().base_sequence, "records were deleted without need")


@destructive
@clause("J-2", "C-3", "E-1", "R21", "R33")
@needs(Capability.FRESH_DEVICES, Capability.BATTERY, Capability.POWER)
@pytest.mark.seconds(120)
@pytest.mark.parametrize("part", [0.3, 0.6, 1.0])
def test_only_what_was_acknowledged_goes_oldest_first(sealed: SealUnderTest, part: float) -> None:
    """And evidence tells where what is held begins, and how many of each kind are gone."""
    for _ in range(6):
        sealed.restart(10)
    fill_journal(sealed)
    station = Station(sealed)
    held = station.read()
    station.acknowledge(held[int(len(held) * part) - 1])
    station.read()
    for number in range(30):
        flip_flag(sealed)
        if number % 5 == 0:
            station.read()
        if number % 11 == 3:
            sealed.restart(10)
            station.read()
    expect.true("J-2", sealed.status().base_sequence, "nothing was deleted although it may be")
    check_history(sealed)


@destructive
@clause("J-2", "J-3", "R25", "R33")
@needs(Capability.FRESH_DEVICES, Capability.BATTERY, Capability.POWER)
@pytest.mark.seconds(120)
def test_a_long_life_loses_nothing_that_was_not_received(sealed: SealUnderTest) -> None:
    """A station that comes now and then, and a journal that goes round and round."""
    station = Station(sealed)
    for visit in range(5):
        for number in range(40):
            flip_flag(sealed)
            if number % 17 == 5:
                sealed.restart(visit * 100)
        held = station.read()
        station.acknowledge(held[len(held) * 3 // 4])
    station.read()
    history = check_history(sealed)
    base = sealed.evidence()
    expect.equal("J-2", base.base_digest, history.journal[0].previous, "what the first one follows")


@destructive
@clause("J-2", "O-32", "C-8")
@needs(Capability.FRESH_DEVICES, Capability.BATTERY)
@pytest.mark.seconds(120)
def test_what_is_gone_is_neither_read_nor_acknowledged(sealed: SealUnderTest) -> None:
    first = sealed.log(Chain.JOURNAL)[0]
    fill_journal(sealed)
    acknowledge(sealed, sealed.log(Chain.JOURNAL)[-1])
    for _ in range(JOURNAL_MAX // 85):
        flip_flag(sealed)
        if sealed.status().base_sequence >= first.sequence:
            break
    else:
        expect.fail("J-2", "a full journal does not go on although all was acknowledged")
    request = READ_RECORD_REQUEST.build(ReadRecordRequest(first.sequence, 0, 10))
    sealed.refused(Command.READ_RECORD, request, Status.NOT_FOUND, "C-8")
    body = AcknowledgeBody(first.sequence, sealed.suite.digest(first.raw), bytes(32))
    sealed.refuses(
        sealed.good(OrderKind.ACKNOWLEDGE, body=body), Status.ACKNOWLEDGE_INVALID, "O-32"
    )


@destructive
@clause("J-1", "J-2", "R09", "R21")
@needs(Capability.FRESH_DEVICES, Capability.BATTERY)
@pytest.mark.seconds(120)
def test_control_records_are_never_deleted(sealed: SealUnderTest) -> None:
    before = sealed.raw_log(Chain.CONTROL)
    for _ in range(2):
        fill_journal(sealed)
        acknowledge(sealed, sealed.log(Chain.JOURNAL)[-1])
        flip_flag(sealed)
        flip_flag(sealed)
    after = sealed.raw_log(Chain.CONTROL)
    expect.equal("J-1", before, after[: len(before)], "control records")
    expect.equal("J-1", len(before) + 2, len(after), "the number of control records")


@destructive
@clause("J-2", "J-4", "R23")
@needs(Capability.FRESH_DEVICES, Capability.BATTERY, Capability.POWER)
@pytest.mark.seconds(120)
def test_a_boot_forgets_no_acknowledgement(sealed: SealUnderTest, bench: Backend) -> None:
    fill_journal(sealed)
    station = Station(sealed)
    held = station.read()
    station.acknowledge(held[len(held) // 2])
    sealed.restart(30)
    for _ in range(20):
        flip_flag(sealed)
    station.read()
    expect.true("J-2", sealed.status().base_sequence, "nothing was deleted although it may be")
    base = sealed.evidence()
    sealed.restart(30)
    bench.pass_time(500)
    after = sealed.evidence()
    told = {"base_sequence": base.base_sequence, "base_digest": base.base_digest}
    told |= {name: getattr(base, name) for name in PRUNED.values()}
    expect.fields_of("J-2", after, told, "what is told of what is gone, after a boot")
