"""Records of both chains and their bodies (SPEC.md 7)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any, Final

from sealkit.wire.codec import Codec
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import (
    BootCause,
    Cause,
    ClockQuality,
    MeterEvent,
    RecordKind,
    State,
    SuiteNumber,
    TagType,
)

RECORD_HEADER: Final = struct.Struct(">10sIIIBBHIQQB32sH")
"""All of a record but its body, for walking a long chain: the fields of `Record` in order, the
tag in place of the suite, the body's length last; 81 bytes."""

FIRST_JOURNAL_KIND: Final = 0x80
NO_DIGEST: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Record:
    """An entry of the seal's log.

    kind is a number: a journal record of an unknown kind is kept (R-9). tick_ms: milliseconds
    with power since birth. clock: seconds since 1970. previous: 32 bytes.
    """

    suite: SuiteNumber
    maker: int
    serial: int
    sequence: int
    kind: int
    state: State
    flags: int
    boot: int
    tick_ms: int
    clock: int
    clock_quality: ClockQuality
    previous: bytes
    body: bytes
    raw: bytes = field(repr=False, compare=False)

    @property
    def number(self) -> SealNumber:
        return SealNumber(self.maker, self.serial)

    @property
    def is_control(self) -> bool:
        return self.kind < FIRST_JOURNAL_KIND


@dataclass(frozen=True, slots=True)
class GenesisRecord:
    """Birth: key (65 bytes), randomness, maker's key id, inventory (R20)."""

    journal_sequence: int
    journal_digest: bytes
    public_key: bytes
    random: bytes
    manufacturer: bytes
    hardware_version: int
    firmware_version: int
    firmware_digest: bytes
    attachments: int
    control_capacity: int
    journal_capacity: int


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An applied order, whole, and the credentials that stand in no earlier record."""

    journal_sequence: int
    journal_digest: bytes
    order: bytes
    credentials: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TamperRecord:
    """A break: its cause, and what was there before and after."""

    journal_sequence: int
    journal_digest: bytes
    cause: Cause
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class BootRecord:
    """gap_s: seconds without power, 0xFFFFFFFF when not known (R56)."""

    cause: BootCause
    gap_s: int


@dataclass(frozen=True, slots=True)
class FlagsRecord:
    """Flags beside the state that changed."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class MeterRecord:
    """The meter began to answer, or fell silent."""

    event: MeterEvent


@dataclass(frozen=True, slots=True)
class TariffRecord:
    """The meter went from one accepted tariff to the other; digests of the 127 bytes."""

    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class DrivenRecord:
    """Pulses counted while the seal was open."""

    from_pulses: int
    to_pulses: int


@dataclass(frozen=True, slots=True)
class CoalescedItem:
    """How many records of a kind could not be written."""

    kind: int
    count: int


@dataclass(frozen=True, slots=True)
class CoalescedRecord:
    """What a full journal only counted (J-3)."""

    items: tuple[CoalescedItem, ...]


RecordBody = (
    GenesisRecord
    | OrderRecord
    | TamperRecord
    | BootRecord
    | FlagsRecord
    | MeterRecord
    | TariffRecord
    | DrivenRecord
    | CoalescedRecord
)

RECORD = Codec(
    Record,
    "record",
    tag=TagType.RECORD,
    enums={"state": State, "clock_quality": ClockQuality},
)
GENESIS_RECORD = Codec(GenesisRecord, "genesis_record")
ORDER_RECORD = Codec(OrderRecord, "order_record")
TAMPER_RECORD = Codec(TamperRecord, "tamper_record", enums={"cause": Cause})
_BODIES: Final[dict[int, Codec[Any]]] = {
    RecordKind.GENESIS: GENESIS_RECORD,
    RecordKind.ORDER: ORDER_RECORD,
    RecordKind.TAMPER: TAMPER_RECORD,
    RecordKind.BOOT: Codec(BootRecord, "boot_record", enums={"cause": BootCause}),
    RecordKind.FLAGS: Codec(FlagsRecord, "flags_record"),
    RecordKind.METER: Codec(MeterRecord, "meter_record", enums={"event": MeterEvent}),
    RecordKind.TARIFF: Codec(TariffRecord, "tariff_record"),
    RecordKind.DRIVEN: Codec(DrivenRecord, "driven_record"),
    RecordKind.COALESCED: Codec(
        CoalescedRecord,
        "coalesced_record",
        items={"items": Codec(CoalescedItem, "coalesced_item")},
    ),
}


def parse_record_body(record: Record) -> RecordBody | None:
    """The body of a record, None for a kind that is not known. Errors: MALFORMED."""
    codec = _BODIES.get(record.kind)
    if codec is None:
        return None
    body: RecordBody = codec.parse(record.body)
    return body


def build_record_body(kind: RecordKind, body: RecordBody) -> bytes:
    """The bytes of a body of this kind of record."""
    return _BODIES[kind].build(body)
