"""Breaks in words: what was touched, from what to what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Final

from sealkit.appraisal.verdict import Detail, Finding, finding
from sealkit.appraisal.words import same, when
from sealkit.errors import MalformedError
from sealkit.meter.layouts import FARE_BYTES, FareDifference, FareValue, fare_differences
from sealkit.rules.parameters import tariff_of
from sealkit.wire.records import Record, TamperRecord
from sealkit.wire.registry import CAUSE_FINDINGS, Cause

_IDENTITY_BYTES: Final = 6
_SOFTWARE_BYTES: Final = 2


def tamper_finding(record: Record, body: TamperRecord, groups: Mapping[int, bytes]) -> Finding:
    """The finding of a tamper record's cause. groups: the set that was sealed then."""
    time_ = when(record.clock, record.clock_quality)
    what = difference_detail(body.cause, body.before, body.after, groups)
    return finding(
        CAUSE_FINDINGS[body.cause],
        Detail(
            f"{what.en}, {time_.en}." if what.en else f"It happened {time_.en}.",
            f"{what.zh}，{time_.zh}。" if what.zh else f"{time_.zh}。",
        ),
        record=record.sequence,
    )


def difference_detail(
    cause: Cause, before: bytes, after: bytes, groups: Mapping[int, bytes]
) -> Detail:
    """What was before and after, in words; nothing for causes that have no values."""
    match cause:
        case Cause.FARE_PARAMETERS_CHANGED if len(before) == len(after) == FARE_BYTES:
            seen = _watched(before, after, groups)
            return same("; ".join(map(_fare_text, fare_differences(before, seen))))
        case Cause.METER_IDENTITY_CHANGED if len(before) == len(after) == _IDENTITY_BYTES:
            return same(f"{_identity(before)} → {_identity(after)}")
        case Cause.METER_SOFTWARE_CHANGED if len(before) == len(after) == _SOFTWARE_BYTES:
            return same(f"{_version(before)} → {_version(after)}")
        case _ if before or after:
            return same(f"{before.hex()} → {after.hex()}")
        case _:
            return Detail()


def _watched(before: bytes, after: bytes, groups: Mapping[int, bytes]) -> bytes:
    """`after`, with what the seal does not watch as it was: that may change all the time."""
    try:
        tariff = tariff_of(groups)
    except MalformedError:
        tariff = None
    if tariff is None:
        return after
    bits = int.from_bytes(tariff.mask, "big") >> 1
    return bytes(
        new if bits >> (FARE_BYTES - 1 - place) & 1 else old
        for place, (old, new) in enumerate(zip(before, after, strict=True))
    )


def _fare_text(difference: FareDifference) -> str:
    old, new = difference.old, difference.new
    if isinstance(old, bytes) and isinstance(new, bytes):
        differing = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        first, end = differing[0], differing[-1] + 1
        old, new = old[first:end], new[first:end]
        return f"{difference.name}[{first}:{end}] {old.hex()} → {new.hex()}"
    return f"{difference.name} {_fare_value(old)} → {_fare_value(new)}"


def _fare_value(value: FareValue) -> str:
    match value:
        case None:
            return "0"
        case bytes():
            return value.hex()
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case time():
            return value.isoformat(timespec="minutes")
        case _:
            return str(value)


def _identity(data: bytes) -> str:
    return f"{data[:5].hex()} (hw {data[5]:02x})"


def _version(data: bytes) -> str:
    return f"{data[0]}.{data[1]}"
