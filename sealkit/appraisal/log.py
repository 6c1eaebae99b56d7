"""Both chains, link by link: nothing missing, out of order, altered or another seal's (V-3).

A record that fits what is expected goes through a short test and on; only one that does not is
parsed and looked at closely, to say what is wrong with it. The walk then goes on from there, so
that one bad record is not told again by each that follows.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sealkit.appraisal.verdict import Detail, Findings, finding
from sealkit.appraisal.words import refusal_detail
from sealkit.crypto.suite import Suite
from sealkit.errors import MalformedError
from sealkit.rules.chain import EMPTY_CHAIN, Head
from sealkit.wire.numbers import SealNumber
from sealkit.wire.records import RECORD, GenesisRecord, Record, parse_record_body
from sealkit.wire.registry import (
    RECORD_MAX,
    BootCause,
    ClockQuality,
    MeterEvent,
    RecordKind,
    State,
    TagType,
)
from sealkit.wire.tags import domain_tag

_HEADER: Final = struct.Struct(">18sIBB22xB32sH")
"""What the short test needs of `RECORD_HEADER`: tag and number as one, sequence, kind, state,
clock quality, previous, length of the body."""
_HEADER_BYTES: Final = _HEADER.size
_NUMBER: Final = slice(18, 22)
_JOURNAL_HEAD: Final = struct.Struct(">I32s")
_STATES: Final = frozenset(State)
_QUALITIES: Final = frozenset(ClockQuality)
_ANY_BYTE: Final = frozenset(range(256))
_BODIES: Final[dict[int, tuple[int, frozenset[int]]]] = {
    RecordKind.BOOT: (5, frozenset(BootCause)),
    RecordKind.FLAGS: (4, _ANY_BYTE),
    RecordKind.METER: (1, frozenset(MeterEvent)),
    RecordKind.TARIFF: (64, _ANY_BYTE),
    RecordKind.DRIVEN: (16, _ANY_BYTE),
}
"""Journal kinds of fixed size: bytes of the body, and what its first byte may be."""
_NO_SHORT_TEST: Final = (-1, _ANY_BYTE)


def _number_of(raw: bytes) -> int:
    """The sequence number in a record's bytes; of a stump, whatever is there."""
    return int.from_bytes(raw[_NUMBER], "big")


def numbers_of(records: Sequence[bytes]) -> frozenset[int]:
    """The sequence numbers that records carry, whatever else is wrong with them."""
    return frozenset(map(_number_of, records))


def _altered_between(head: Head) -> Detail:
    return Detail(
        f"It, or record {head.sequence} before it, was altered.",
        f"该记录或其前的记录 {head.sequence} 被改动。",
    )


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal at hand: its records, rising, after the base that evidence signs (J-2)."""

    records: Sequence[bytes]
    base: Head

    def digest_of(self, suite: Suite, sequence: int) -> bytes | None:
        """The digest of the record of that number; None if it is not here."""
        if sequence == self.base.sequence:
            return self.base.digest
        place = bisect_left(self.records, sequence, key=_number_of)
        if place < len(self.records) and _number_of(self.records[place]) == sequence:
            return suite.digest(self.records[place])
        return None


@dataclass(slots=True)
class _Walk:
    """What both walks share: where the chain has got to, and what was found."""

    suite: Suite
    number: SealNumber
    records: Sequence[bytes]
    findings: Findings
    head: Head
    _numbers: frozenset[int] | None = None

    def read(self, raw: bytes, *, control: bool) -> Record | None:
        """A record of this seal and chain, or None and a finding."""
        number = _number_of(raw) if len(raw) >= _HEADER_BYTES else None
        try:
            record = RECORD.parse(raw)
            if control is not record.is_control:
                self._add("RECORD_MALFORMED", number, _WRONG_CHAIN)
                return None
            parse_record_body(record)
        except MalformedError as error:
            self._add("RECORD_MALFORMED", number, refusal_detail(error))
            return None
        if len(raw) > RECORD_MAX:
            self._add("RECORD_MALFORMED", number, _TOO_LONG)
            return None
        if record.suite != self.suite.id or record.number != self.number:
            what = f"{record.suite.name} {record.number}"
            self._add("RECORD_OTHER_SEAL", number, Detail(what, what))
            return None
        return record

    def skip(self, raw: bytes) -> None:
        """Goes on after a record that could not be read."""
        number = _number_of(raw) if len(raw) >= _HEADER_BYTES else 0
        self.head = Head(max(number, self.head.sequence), self.suite.digest(raw))

    def come_later(self, first: int) -> bool:
        """Whether a number stands further on in this chain: then the order is wrong, no record
        is missing, and it is told when the walk gets there."""
        if self._numbers is None:
            self._numbers = numbers_of(self.records)
        return first in self._numbers

    def _add(self, code: str, record: int | None, detail: Detail) -> None:
        self.findings.add(finding(code, detail, record=record))

    def missing(self, first: int, before: int) -> None:
        """Tells that numbers from `first` to the one before `before` are not there."""
        if not self.come_later(first):
            last = before - 1
            span = f"{first}" if first == last else f"{first}–{last}"
            self._add("RECORD_MISSING", first, Detail(f"Missing: {span}.", f"缺少：{span}。"))

    def misplaced(self, record: Record) -> None:
        """Tells that a number does not rise, or is used twice."""
        self._add(
            "RECORD_ORDER",
            record.sequence,
            Detail(
                f"It stands after record {self.head.sequence}.",
                f"位于记录 {self.head.sequence} 之后。",
            ),
        )


_WRONG_CHAIN: Final = Detail("Its kind belongs to the other chain.", "其类型属于另一条链。")
_TOO_LONG: Final = Detail(f"It is longer than {RECORD_MAX} bytes.", f"超过 {RECORD_MAX} 字节。")


def audit_control(
    suite: Suite,
    number: SealNumber,
    records: Sequence[bytes],
    journal: Journal | None,
    findings: Findings,
) -> tuple[list[Record], Head]:
    """Walks the control chain from genesis.

    The result: the records up to the first that is wrong, since what follows a break proves
    nothing about the seal; and the head that the whole comes to.
    """
    walk = _Walk(suite, number, records, findings, EMPTY_CHAIN)
    good: list[Record] = []
    journal_head = EMPTY_CHAIN
    whole = True
    for raw in records:
        record = walk.read(raw, control=True)
        if record is None:
            walk.skip(raw)
            whole = False
            continue
        if record.sequence <= walk.head.sequence:
            walk.misplaced(record)
            whole = False
            continue
        told = Head(*_JOURNAL_HEAD.unpack_from(record.body.ljust(_JOURNAL_HEAD.size, b"\0")))
        fits = _control_fits(walk, record, told, journal_head, journal)
        whole = whole and fits
        if whole:
            good.append(record)
        journal_head = told
        walk.head = Head(record.sequence, suite.digest(raw))
    return good, walk.head


def _control_fits(
    walk: _Walk, record: Record, told: Head, told_before: Head, journal: Journal | None
) -> bool:
    """Whether a control record follows the one before it, and the journal that it tells (R-3)."""
    last = walk.head.sequence
    # Between two control records stand journal records alone, the last of them told by the later.
    first_missing = max(last, told.sequence) + 1
    if first_missing < record.sequence:
        walk.missing(first_missing, record.sequence)
        return False
    if record.previous != walk.head.digest:
        walk.findings.add(
            finding("CHAIN_BROKEN", _altered_between(walk.head), record=record.sequence)
        )
        return False
    fits = told == told_before if told.sequence <= last else told.sequence < record.sequence
    if fits and journal is not None and told.sequence >= journal.base.sequence:
        fits = journal.digest_of(walk.suite, told.sequence) == told.digest
    if not fits:
        walk.findings.add(
            finding(
                "CHAIN_BROKEN",
                Detail(
                    f"It tells another journal record {told.sequence} than the journal holds.",
                    f"其所述流水日志记录 {told.sequence} 与日志不符。",
                ),
                record=record.sequence,
            )
        )
    return fits


def audit_journal(
    suite: Suite,
    number: SealNumber,
    journal: Journal,
    control: frozenset[int],
    findings: Findings,
) -> Head:
    """Walks the journal from its base; `control` are the numbers of the other chain.

    The result: the head that it comes to.
    """
    walk = _Walk(suite, number, journal.records, findings, journal.base)
    own = domain_tag(suite.id, TagType.RECORD) + struct.pack(">II", number.maker, number.serial)
    digest, unpack, bodies = suite.digest, _HEADER.unpack_from, _BODIES
    states, qualities = _STATES, _QUALITIES
    previous, following = journal.base.digest, journal.base.sequence + 1
    for raw in journal.records:
        if len(raw) > _HEADER_BYTES:
            start, sequence, kind, state, quality, link, length = unpack(raw)
            size, first_bytes = bodies.get(kind, _NO_SHORT_TEST)
            if (
                link == previous
                and sequence == following
                and start == own
                and length == size
                and len(raw) - _HEADER_BYTES == size
                and state in states
                and quality in qualities
                and raw[_HEADER_BYTES] in first_bytes
            ):
                previous, following = digest(raw), sequence + 1
                continue
        walk.head = Head(following - 1, previous)
        _look_closely(walk, raw, control)
        previous, following = walk.head.digest, walk.head.sequence + 1
    return Head(following - 1, previous)


def _look_closely(walk: _Walk, raw: bytes, control: frozenset[int]) -> None:
    """A journal record that failed the short test: it may follow a control record, be of a kind
    without one, or be wrong."""
    record = walk.read(raw, control=False)
    if record is None:
        walk.skip(raw)
        return
    expected = walk.head.sequence + 1
    while expected in control:
        expected += 1
    if record.sequence < expected:
        walk.misplaced(record)
        return
    links = record.previous == walk.head.digest
    # Without the control chain nobody knows which numbers it took; the link alone tells then.
    if record.sequence > expected and (control or not links):
        last = record.sequence
        while last - 1 in control:
            last -= 1
        walk.missing(expected, last)
    elif not links:
        walk.findings.add(
            finding("CHAIN_BROKEN", _altered_between(walk.head), record=record.sequence)
        )
    walk.head = Head(record.sequence, walk.suite.digest(raw))


def check_head(chain: Detail, signed: Head, found: Head, findings: Findings) -> None:
    """Whether a chain ends in the head that the evidence signs (V-3)."""
    if signed != found:
        findings.add(
            finding(
                "HEAD_MISMATCH",
                Detail(
                    f"The {chain.en} ends at record {found.sequence}, the evidence signs record"
                    f" {signed.sequence}"
                    + (", with another digest." if signed.sequence == found.sequence else "."),
                    f"{chain.zh}止于记录 {found.sequence}，证据签署记录 {signed.sequence}"
                    + ("，摘要不同。" if signed.sequence == found.sequence else "。"),
                ),
            )
        )


def number_of_log(records: Sequence[bytes]) -> SealNumber | None:
    """The seal whose log this claims to be, by its first record that can be read."""
    for raw in records:
        try:
            return RECORD.parse(raw).number
        except MalformedError:
            continue
    return None


def genesis_of(records: Sequence[bytes]) -> GenesisRecord | None:
    """The beginning that a control chain claims; nothing about it is checked."""
    try:
        body = parse_record_body(RECORD.parse(records[0])) if records else None
    except MalformedError:
        return None
    return body if isinstance(body, GenesisRecord) else None
