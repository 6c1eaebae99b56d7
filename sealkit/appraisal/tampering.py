"""Breaks in words: what was touched, from what to what, and when."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import datetime, time
from typing import Final

from sealkit.appraisal.verdict import Detail, Finding, finding
from sealkit.appraisal.words import same, when
from sealkit.errors import MalformedError
from sealkit.meter.layouts import (
    FARE_BYTES,
    TRIP_RECORD,
    FareDifference,
    FareValue,
    fare_differences,
)
from sealkit.rules.parameters import tariff_of
from sealkit.wire.records import Record, TamperRecord
from sealkit.wire.registry import CAUSE_FINDINGS, Cause, ClockQuality

_IDENTITY_BYTES: Final = 6
_SOFTWARE_BYTES: Final = 2
_TRIP_BYTES: Final = 66
_BEFORE_BYTES: Final = {
    Cause.K_MISMATCH: 4,
    Cause.PULSE_RATE: 4,
    Cause.STANDING_MOTION: 4,
    Cause.MOTION_DISAGREES: 4,
    Cause.METER_CLOCK: 8,
    Cause.TRIPS_MISSING: 4,
    Cause.TRIP_ALTERED: _TRIP_BYTES,
}
_AFTER_BYTES: Final = {**_BEFORE_BYTES, Cause.K_MISMATCH: 8}


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
        case _ if len(before) == _BEFORE_BYTES.get(cause) and len(after) == _AFTER_BYTES[cause]:
            return _watched_detail(cause, before, after)
        case _ if before or after:
            return same(f"{before.hex()} → {after.hex()}")
        case _:
            return Detail()


def _watched_detail(cause: Cause, before: bytes, after: bytes) -> Detail:
    """What a detector found (SPEC.md 7, tamper): sizes have been checked."""
    match cause:
        case Cause.K_MISMATCH:
            return _k_detail(_number(before), _number(after[:4]), _number(after[4:]))
        case Cause.PULSE_RATE:
            limits, seen = (struct.unpack(">HH", data) for data in (before, after))
            return Detail(
                f"{seen[0]} pulses/s where {limits[0] or 'any number'} may be, gaining "
                f"{seen[1]} mm/s² where {limits[1] or 'any number'} may be",
                f"每秒 {seen[0]} 个脉冲（限 {limits[0] or '无'}），"
                f"加速度 {seen[1]} mm/s²（限 {limits[1] or '无'}）",
            )
        case Cause.STANDING_MOTION:
            limit, metres = _number(before), _number(after)
            return Detail(
                f"{metres} m by pulses while it stood, where {limit} m may be",
                f"静止时脉冲里程 {metres} 米（限 {limit} 米）",
            )
        case Cause.MOTION_DISAGREES:
            source, pulses = _number(before), _number(after)
            return Detail(
                f"{pulses} m by pulses, {source} m by the second source",
                f"脉冲里程 {pulses} 米，第二来源里程 {source} 米",
            )
        case Cause.METER_CLOCK:
            own, told = (when(_number(data), ClockQuality.SET) for data in (before, after))
            return Detail(
                f"the meter told {told.en}, the seal's clock {own.en}",
                f"计价器时间{told.zh}，封印时间{own.zh}",
            )
        case Cause.TRIPS_MISSING:
            return _missing_detail(_number(before), _number(after))
        case _:
            return _trip_detail(before, after)


def _k_detail(sealed: int, inferred: int, metres: int) -> Detail:
    old, new = (f"{milli // 1000}.{milli % 1000:03d}" for milli in (sealed, inferred))
    if not metres:
        return Detail(
            f"sealed K {old} pulses/km, the meter told {new}",
            f"封定 K 值 {old} 脉冲/公里，计价器自报 {new}",
        )
    km = f"{metres // 1000}.{metres % 1000 // 100}"
    return Detail(
        f"sealed K {old} pulses/km, by the trips of {km} km it is {new}",
        f"封定 K 值 {old} 脉冲/公里，按 {km} 公里营运里程推算为 {new}",
    )


def _missing_detail(due: int, told: int) -> Detail:
    if not told:
        return Detail(f"trip {due} is not to be had", f"缺第 {due} 次营运记录")
    return Detail(
        f"trip {due} was due, the meter told {told}",
        f"应为第 {due} 次营运，计价器给出 {told}",
    )


def _trip_detail(before: bytes, after: bytes) -> Detail:
    """The fields in which two records of a trip differ."""
    try:
        one, other = TRIP_RECORD.parse(before), TRIP_RECORD.parse(after)
    except MalformedError:
        return same(f"{before.hex()} → {after.hex()}")
    told = [
        f"{field.name} {getattr(one, field.name)} → {getattr(other, field.name)}"
        for field in TRIP_RECORD.fields
        if getattr(one, field.name) != getattr(other, field.name)
    ]
    return Detail(
        f"trip {one.trip_number}: {'; '.join(told)}",
        f"第 {one.trip_number} 次营运：{'; '.join(told)}",
    )


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


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
