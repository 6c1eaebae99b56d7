"""Times, names and records in a few plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum

from sealkit.errors import MalformedError
from sealkit.wire.orders import ORDER
from sealkit.wire.records import OrderRecord, Record, TamperRecord, parse_record_body


def time_words(seconds: int) -> str:
    """Seconds since 1970 as ISO 8601 in UTC; as a number where no calendar reaches."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"


def name_words(value: IntEnum) -> str:
    """An enumerated value as it is written in SPEC.md, with spaces."""
    return value.name.lower().replace("_", " ")


def record_words(record: Record) -> str:
    """A control record in one line: its number, what it is, when."""
    try:
        body = parse_record_body(record)
        match body:
            case OrderRecord():
                what = f"order {name_words(ORDER.parse(body.order).kind)}"
            case TamperRecord():
                what = f"break, {name_words(body.cause)}"
            case None:
                what = f"kind 0x{record.kind:02x}"
            case _:
                what = type(body).__name__.removesuffix("Record").lower()
    except MalformedError:
        what = "malformed"
    return f"record {record.sequence}: {what}, {time_words(record.clock)}"
