"""Trip records held against the sealed tariff, and against one another.

Pure: records and tariffs in, findings out. A finding has a stable code and says what it is about;
that a trip has none says that a drive exists that leaves this record and costs this amount, not
that it was driven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from sealkit.meter.bodies import TripRecord
from sealkit.meter.fare_interval import (
    MAX_SPEED_M_PER_H,
    FareInterval,
    Span,
    TripSpans,
    fare_interval,
    is_possible,
)
from sealkit.meter.resolution import MINUTE_MS, DistanceRounding
from sealkit.meter.tariff import Tariff

TariffsAt = Callable[[datetime], Sequence[Tariff]]
"""The tariffs, one or more, by which a trip that is hired at this local time may be charged."""


class TripFinding(Enum):
    """What can be wrong with a trip. The value is the code, for programs."""

    FARE_ABOVE = "fare_above"
    FARE_BELOW = "fare_below"
    NIGHT_RATE_BY_DAY = "night_rate_by_day"
    SURCHARGE_DIFFERS = "surcharge_differs"
    SPEED_IMPOSSIBLE = "speed_impossible"
    WAITING_TOO_LONG = "waiting_too_long"
    WAITING_TOO_SHORT = "waiting_too_short"
    EMPTY_SPEED_IMPOSSIBLE = "empty_speed_impossible"
    NUMBER_MISSING = "number_missing"
    NUMBER_REPEATED = "number_repeated"
    TRIPS_OVERLAP = "trips_overlap"
    TIME_BACKWARDS = "time_backwards"
    TIME_UNKNOWN = "time_unknown"

    @property
    def is_undetermined(self) -> bool:
        """Whether it says that nothing can be said, rather than that something is wrong."""
        return self is TripFinding.TIME_UNKNOWN

    @property
    def text(self) -> str:
        """In words."""
        return _TEXTS[self]


_TEXTS = {
    TripFinding.FARE_ABOVE: "The amount is more than the tariff allows.",
    TripFinding.FARE_BELOW: "The amount is less than the tariff allows.",
    TripFinding.NIGHT_RATE_BY_DAY: "The amount is that of the night, the trip was not by night.",
    TripFinding.SURCHARGE_DIFFERS: "The surcharge is not that of the tariff.",
    TripFinding.SPEED_IMPOSSIBLE: "The distance cannot be driven in this time.",
    TripFinding.WAITING_TOO_LONG: "There is more waiting than time for it.",
    TripFinding.WAITING_TOO_SHORT: "So short a distance in this time is more waiting than told.",
    TripFinding.EMPTY_SPEED_IMPOSSIBLE: "The empty distance cannot be driven since the last trip.",
    TripFinding.NUMBER_MISSING: "Trip numbers are missing before this one.",
    TripFinding.NUMBER_REPEATED: "A trip of this number is there already.",
    TripFinding.TRIPS_OVERLAP: "The trip begins before the last one ends.",
    TripFinding.TIME_BACKWARDS: "The trip begins before the last one began: the clock went back.",
    TripFinding.TIME_UNKNOWN: "The record has no time, so its fare cannot be computed.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """detail: the figures of this case; empty if there are none."""

    kind: TripFinding
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditedTrip:
    """A record, the amounts that the tariff allows (None: undetermined), and what is wrong.

    explained_by_m, explained_by_minutes: of an amount above what is allowed, the metered distance
    or the waiting that would allow it; None if none would, or if it needs no explanation.
    """

    record: TripRecord
    allowed: FareInterval | None
    findings: tuple[Finding, ...]
    explained_by_m: int | None = None
    explained_by_minutes: int | None = None


def audit_trips(
    records: Iterable[TripRecord],
    tariffs_at: TariffsAt,
    *,
    rounding: DistanceRounding | None = None,
) -> Iterator[AuditedTrip]:
    """Each record in the given order, which should be that of the meter.

    rounding: of this meter; None if it is not known, which makes the intervals wider.
    """
    seen: dict[int, TripRecord] = {}
    last: TripRecord | None = None
    for record in records:
        audited = _audit_record(record, tariffs_at, rounding)
        among = tuple(_among(record, last, seen))
        yield replace(audited, findings=audited.findings + among)
        if record.trip_number not in seen:
            last = record
        seen[record.trip_number] = record


def _audit_record(
    record: TripRecord, tariffs_at: TariffsAt, rounding: DistanceRounding | None
) -> AuditedTrip:
    on_time = record.on_time
    if on_time is None:
        return AuditedTrip(record, None, (Finding(TripFinding.TIME_UNKNOWN),))
    spans = TripSpans.of(record, on_time, rounding)
    # By whichever tariff may hold it is best explained: what holds there is sealed.
    return min(
        (_audit_fare(record, spans, tariff) for tariff in tariffs_at(on_time)),
        key=lambda audited: len(audited.findings),
    )


def _audit_fare(record: TripRecord, spans: TripSpans, tariff: Tariff) -> AuditedTrip:
    allowed = fare_interval(spans, tariff)
    findings = list(_contradictions(spans, tariff))
    surcharge_fen = (tariff.surcharge_fen + 5) // 10 * 10
    if record.surcharge_fen != surcharge_fen:
        detail = f"{yuan(record.surcharge_fen)} yuan, not {yuan(surcharge_fen)}"
        findings.append(Finding(TripFinding.SURCHARGE_DIFFERS, detail))
    if record.amount_fen in allowed:
        return AuditedTrip(record, allowed, tuple(findings))
    detail = f"{yuan(record.amount_fen)} yuan, allowed {in_yuan(allowed)}"
    if record.amount_fen < allowed.least_fen:
        return AuditedTrip(record, allowed, (*findings, Finding(TripFinding.FARE_BELOW, detail)))
    always_night = replace(tariff, day=tariff.night)
    kind = TripFinding.FARE_ABOVE
    if record.amount_fen in fare_interval(spans, always_night):
        kind = TripFinding.NIGHT_RATE_BY_DAY
    return AuditedTrip(
        record,
        allowed,
        (*findings, Finding(kind, detail)),
        _explaining_distance_m(record, spans, tariff),
        _explaining_minutes(record, spans, tariff),
    )


def _contradictions(spans: TripSpans, tariff: Tariff) -> Iterator[Finding]:
    """What no drive can leave, by whatever tariff."""
    if is_possible(spans, tariff):
        return
    most_ms = spans.duration_ms.most
    if spans.waiting_ms.least > most_ms:
        detail = f"{spans.waiting_ms.least // MINUTE_MS} min in {most_ms // MINUTE_MS + 1} at most"
        yield Finding(TripFinding.WAITING_TOO_LONG, detail)
        return
    reach_mm = most_ms * MAX_SPEED_M_PER_H // 3600
    no_wait = replace(spans, waiting_ms=Span(0, most_ms))
    if spans.distance_mm.least > reach_mm or not is_possible(no_wait, tariff):
        yield Finding(TripFinding.SPEED_IMPOSSIBLE, _speed(spans.distance_mm.least, most_ms))
        return
    least = replace(spans, waiting_ms=Span(spans.waiting_ms.least, most_ms))
    if is_possible(least, tariff):
        yield Finding(TripFinding.WAITING_TOO_SHORT)
    else:
        yield Finding(TripFinding.WAITING_TOO_LONG)


def _among(
    record: TripRecord, last: TripRecord | None, seen: dict[int, TripRecord]
) -> Iterator[Finding]:
    """What is wrong between this record and those before it."""
    if record.trip_number in seen:
        same = seen[record.trip_number] == record
        detail = "the same record" if same else "another record"
        yield Finding(TripFinding.NUMBER_REPEATED, f"{record.trip_number}, {detail}")
        return
    if last is None:
        return
    if record.trip_number > last.trip_number + 1:
        first, final = last.trip_number + 1, record.trip_number - 1
        detail = str(first) if first == final else f"{first}-{final}"
        yield Finding(TripFinding.NUMBER_MISSING, detail)
    if record.on_time is None or last.on_time is None:
        return
    ended = off_time(last, last.on_time)
    if record.on_time < last.on_time:
        detail = f"{record.on_time:%Y-%m-%d %H:%M} after {last.on_time:%Y-%m-%d %H:%M}"
        yield Finding(TripFinding.TIME_BACKWARDS, detail)
    elif record.on_time < ended:
        detail = f"{record.on_time:%H:%M}, and the last one ended {ended:%H:%M}"
        yield Finding(TripFinding.TRIPS_OVERLAP, detail)
    elif record.trip_number == last.trip_number + 1:
        # Rounding or cutting, 0.1 km less may have been driven; both minutes may be whole.
        gap_ms = int((record.on_time - ended).total_seconds()) * 1000 + MINUTE_MS
        empty_mm = (record.empty_distance_m - 100) * 1000
        if empty_mm > gap_ms * MAX_SPEED_M_PER_H // 3600:
            yield Finding(TripFinding.EMPTY_SPEED_IMPOSSIBLE, _speed(empty_mm, gap_ms))


def off_time(record: TripRecord, on_time: datetime) -> datetime:
    """When the trip ended: the first such time of day at or after its begin."""
    ended = datetime.combine(on_time.date(), record.off_time)
    return ended if ended >= on_time else ended + timedelta(days=1)


def yuan(fen: int) -> str:
    """12.3"""
    return f"{fen // 100}.{fen % 100 // 10}"


def in_yuan(allowed: FareInterval) -> str:
    """12.3-13.6"""
    if not allowed.width_fen:
        return yuan(allowed.least_fen)
    return f"{yuan(allowed.least_fen)}-{yuan(allowed.most_fen)}"


def _explaining_distance_m(record: TripRecord, spans: TripSpans, tariff: Tariff) -> int | None:
    """The least distance told, in m, that allows the amount, with times and waiting as told."""

    def allows(more_m: int) -> bool:
        more_mm = more_m * 1000
        distance = Span(spans.distance_mm.least + more_mm, spans.distance_mm.most + more_mm)
        longer = replace(spans, distance_mm=distance)
        return fare_interval(longer, tariff).most_fen >= record.amount_fen

    more = _least(allows, spans.duration_ms.most * MAX_SPEED_M_PER_H // 3_600_000, 100)
    return None if more is None else record.metered_distance_m + more


def _explaining_minutes(record: TripRecord, spans: TripSpans, tariff: Tariff) -> int | None:
    """The least waiting, in minutes, that allows the amount, with times and distance as told."""

    def allows(more: int) -> bool:
        waiting = Span(spans.waiting_ms.least, spans.waiting_ms.most + more * MINUTE_MS)
        longer = replace(spans, waiting_ms=waiting)
        return fare_interval(longer, tariff).most_fen >= record.amount_fen

    room = (spans.duration_ms.most - spans.waiting_ms.least) // MINUTE_MS
    more = _least(allows, room, 1)
    return None if more is None else record.waiting_minutes + more


def _least(allows: Callable[[int], bool], most: int, step: int) -> int | None:
    """The least multiple of step up to most that allows it; None if none does."""
    low, high = 0, max(0, most) // step
    if not allows(high * step):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if allows(middle * step) else (middle + 1, high)
    return low * step


def _speed(distance_mm: int, elapsed_ms: int) -> str:
    kmh = distance_mm * 36 // (max(1, elapsed_ms) * 10)
    return f"{kmh} km/h at least"
