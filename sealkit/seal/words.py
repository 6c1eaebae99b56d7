"""Times, names and records in a few plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from sealkit.errors import MalformedError
from sealkit.wire.orders import ORDER
from sealkit.wire.records import (
    BootRecord,
    CoalescedRecord,
    DrivenRecord,
    MeterRecord,
    OrderRecord,
    Record,
    TamperRecord,
    parse_record_body,
)
from sealkit.wire.registry import Attachment, BootCause, RecordKind

SENSOR_KINDS: Final = {"pulse": 1, "can": 2}
_GAP_UNKNOWN: Final = 0xFFFFFFFF


def time_words(seconds: int) -> str:
    """Seconds since 1970 as ISO 8601 in UTC; as a number where no calendar reaches."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"


def name_words(value: IntEnum) -> str:
    """An enumerated value as it is written in SPEC.md, with spaces."""
    return value.name.lower().replace("_", " ")


def attachment_words(bits: int) -> str:
    """What a seal is connected to; bits without a name as a number."""
    told = [bit.name.lower().replace("_", " ") for bit in Attachment if bit.name and bits & bit]
    if unknown := bits & ~sum(Attachment):
        told.append(f"0x{unknown:x}")
    return ", ".join(told) or "none"


def record_words(record: Record) -> str:
    """A record in one line: its number, what it tells, when."""
    return f"record {record.sequence}: {what_words(record)}, {time_words(record.clock)}"


def what_words(record: Record) -> str:
    """What a record tells."""
    try:
        body = parse_record_body(record)
        match body:
            case OrderRecord():
                return f"order {name_words(ORDER.parse(body.order).kind)}"
            case TamperRecord():
                return f"break, {name_words(body.cause)}"
            case BootRecord() if body.cause is BootCause.RESET:
                return "boot after a reset"
            case BootRecord():
                unknown = body.gap_s == _GAP_UNKNOWN
                return f"boot, {'an unknown time' if unknown else f'{body.gap_s} s'} without power"
            case MeterRecord():
                return f"meter {name_words(body.event)}"
            case DrivenRecord():
                return f"driven while open, {body.to_pulses - body.from_pulses} pulses"
            case CoalescedRecord():
                return f"{sum(item.count for item in body.items)} records counted together"
            case None:
                return f"kind 0x{record.kind:02x}"
            case _:
                return name_words(RecordKind(record.kind))
    except MalformedError:
        return "malformed"
