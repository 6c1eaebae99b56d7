"""The fares that a trip record allows under a tariff: the least and the most, as narrow as it can.

A record tells 0.1 km and minutes, not the kind of the trip and not what was driven by day and what
by night. So the distance, the waiting, both ends of the trip, and for each border between day and
night within it, how far the vehicle had come and how long it had waited by then, are unknown within
bounds. Waiting is slower than the tariff's threshold, everything else is not, and nothing is faster
than MAX_SPEED: that bounds the distance on either side of a border by the waiting there.

Every fare is a sum over these unknowns. The search cuts their ranges where a step or an increment
is charged, so that inside a piece every price is fixed, and takes the dearest and the cheapest. A
trip across two borders, hours long, has each border looked at by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sealkit.meter.bodies import TripRecord
from sealkit.meter.resolution import MINUTE_MS, DistanceRounding
from sealkit.meter.tariff import DAY_MS, Prices, Tariff, TripKind, ms_of_day

MAX_SPEED_M_PER_H: Final = 200_000
_LAST_MS: Final = MINUTE_MS - 1
# Of the shortest pieces of time, a speed cannot be told: there a pulse more or less counts.
_PULSE_MM: Final = 2_000
# More pieces than this make a narrow interval hardly narrower.
_PIECES: Final = 32


@dataclass(frozen=True, slots=True)
class FareInterval:
    """Amounts in fen, both ends allowed."""

    least_fen: int
    most_fen: int

    @property
    def width_fen(self) -> int:
        return self.most_fen - self.least_fen

    def __contains__(self, amount_fen: object) -> bool:
        return isinstance(amount_fen, int) and self.least_fen <= amount_fen <= self.most_fen


@dataclass(frozen=True, slots=True)
class Span:
    """All integers from least to most."""

    least: int
    most: int

    @property
    def is_empty(self) -> bool:
        return self.least > self.most

    def cut(self, first: int, step: int) -> Iterator[Span]:
        """In pieces that end before first, first + step, ...; in a few if these are many."""
        start = self.least
        step = max(step, (self.most - self.least) // _PIECES, 1)
        edge = first if first > start else first + ((start - first) // step + 1) * step
        while edge <= self.most:
            yield Span(start, edge - 1)
            start, edge = edge, edge + step
        yield Span(start, self.most)


@dataclass(frozen=True, slots=True)
class TripSpans:
    """What a record tells, as far as it tells it. Times in ms since the midnight before the hire.

    `off` may be beyond that day: it is the first such time at or after `on`.
    """

    distance_mm: Span
    on: Span
    off: Span
    waiting_ms: Span

    @classmethod
    def of(
        cls, record: TripRecord, on_time: datetime, rounding: DistanceRounding | None
    ) -> TripSpans:
        """rounding: of this meter; None if it is not known."""
        on = ms_of_day(on_time.time())
        off = ms_of_day(record.off_time)
        off += DAY_MS if off < on else 0
        spans = [way.span_mm(record.metered_distance_m) for way in DistanceRounding]
        if rounding is not None:
            spans = [rounding.span_mm(record.metered_distance_m)]
        waiting = record.waiting_minutes * MINUTE_MS
        return cls(
            Span(min(span[0] for span in spans), max(span[-1] for span in spans)),
            Span(on, on + _LAST_MS),
            Span(off, off + _LAST_MS),
            Span(waiting, waiting + _LAST_MS),
        )

    @property
    def duration_ms(self) -> Span:
        """How long the trip was."""
        return Span(max(0, self.off.least - self.on.most), self.off.most - self.on.least)


def fare_interval(spans: TripSpans, tariff: Tariff) -> FareInterval:
    """The amounts that this tariff allows. Of a record that contradicts itself (`is_possible`),
    those that it would allow if nothing bounded speed."""
    sums = list(_sums(spans, tariff, bounded=True)) or list(_sums(spans, tariff, bounded=False))
    return FareInterval(tariff.amount_fen(min(sums)), tariff.amount_fen(max(sums)))


def is_possible(spans: TripSpans, tariff: Tariff) -> bool:
    """Whether any drive leaves this record."""
    return not _waiting(spans, tariff, spans.distance_mm).is_empty


def _waiting(spans: TripSpans, tariff: Tariff, distance: Span) -> Span:
    """The waiting of drives of this distance. Not waiting, one is neither slow nor too fast."""
    slow, duration = tariff.waiting_below_m_per_h, spans.duration_ms
    least = max(spans.waiting_ms.least, duration.least - _ms_at(distance.most, slow, duration.most))
    # distance <= (duration - waiting) * fastest + waiting * slow
    spare = _mm_at(duration.most, MAX_SPEED_M_PER_H) + _PULSE_MM - distance.least
    most = min(spans.waiting_ms.most, duration.most)
    if slow < MAX_SPEED_M_PER_H:
        most = min(most, spare * 3600 // (MAX_SPEED_M_PER_H - slow))
    return Span(least, most)


def _sums(spans: TripSpans, tariff: Tariff, *, bounded: bool) -> Iterator[int]:
    """Sums with the least and the most among them; none of a record that contradicts itself."""
    for kind in TripKind:
        yield from _Search(spans, tariff, kind, bounded=bounded).extremes()


class _Search:
    """The extremes of one kind of trip; sums in thousandths of a fen, before the surcharge."""

    def __init__(self, spans: TripSpans, tariff: Tariff, kind: TripKind, *, bounded: bool) -> None:
        self._spans = spans
        self._tariff = tariff
        self._kind = kind
        self._bounded = bounded
        start = spans.on.least
        self._borders = [
            border
            for day in (0, DAY_MS, 2 * DAY_MS)
            for border in sorted((day + tariff.night_start_ms, day + tariff.night_end_ms))
            if start < border <= spans.off.least
        ]
        self._prices = [tariff.prices(at) for at in (start, *self._borders)]

    def extremes(self) -> Iterator[int]:
        """Sums with the least and the most of this kind among them."""
        tariff = self._tariff
        for distance in self._spans.distance_mm.cut(tariff.flag_fall_mm + 1, tariff.step_mm):
            waiting = self._spans.waiting_ms
            if self._bounded:
                waiting = _waiting(self._spans, tariff, distance)
            if waiting.is_empty:
                continue
            for piece in waiting.cut(self._first_wait, tariff.waiting_step_ms):
                yield from self._extremes_of(distance, piece)

    @property
    def _first_wait(self) -> int:
        return self._tariff.free_waiting_ms + self._tariff.waiting_step_ms

    def _extremes_of(self, distance: Span, waiting: Span) -> tuple[int, ...]:
        """As if all were charged by the last prices, then what each border makes of it."""
        last, flag_fall = self._prices[-1], self._prices[0].flag_fall
        waits = self._tariff.waits_completed
        least = flag_fall + self._steps(distance.least, last) + waits(waiting.least) * last.waiting
        most = flag_fall + self._steps(distance.most, last) + waits(waiting.most) * last.waiting
        for place, border in enumerate(self._borders):
            before, after = self._prices[place : place + 2]
            sums = list(self._at_border(border, before, after, distance, waiting))
            if not sums:
                return ()
            least += min(sums)
            most += max(sums)
        return least, most

    def _steps(self, distance_mm: int, prices: Prices) -> int:
        by_stage = self._tariff.steps_by_stage(distance_mm, self._kind)
        return sum(count * price for count, price in zip(by_stage, prices.steps, strict=True))

    def _at_border(
        self, border: int, before: Prices, after: Prices, distance: Span, waiting: Span
    ) -> Iterator[int]:
        """What the border adds, as what lies before it has other prices than what lies after."""
        tariff, spans = self._tariff, self._spans
        until = Span(border - spans.on.most, border - spans.on.least)
        beyond = Span(spans.off.least - border, spans.off.most - border)
        waited = Span(max(0, waiting.least - beyond.most), min(waiting.most, until.most))
        if not self._bounded:
            waited = Span(0, waiting.most)
        if waited.is_empty:
            return
        dearer = before.waiting - after.waiting
        # An increment that is completed at the border itself belongs to what comes after. So each
        # piece goes on to the moment at which the next begins, with the increments it had.
        for piece in Span(waited.least - 1, waited.most).cut(
            self._first_wait, tariff.waiting_step_ms
        ):
            reached = Span(piece.least, min(piece.most + 1, waited.most))
            places = self._places(until, beyond, distance, waiting, reached)
            if places.is_empty:
                continue
            waits = {tariff.waits_completed(piece.least), tariff.waits_completed(piece.most)}
            steps = {
                self._steps(place, before) - self._steps(place, after)
                for place in self._turns(places)
            }
            yield min(steps) + min(count * dearer for count in waits)
            yield max(steps) + max(count * dearer for count in waits)

    def _places(
        self, until: Span, beyond: Span, distance: Span, waiting: Span, waited: Span
    ) -> Span:
        """Where the vehicle can be at the border, having waited so long."""
        if not self._bounded:
            return Span(0, distance.most)
        slow = self._tariff.waiting_below_m_per_h
        later = Span(max(0, waiting.least - waited.most), waiting.most - waited.least)
        least = max(
            0,
            _mm_at(until.least - waited.most, slow),
            distance.least - self._farthest(beyond.most, later.least),
        )
        most = min(
            distance.most - _mm_at(max(0, beyond.least - later.most), slow),
            self._farthest(until.most, waited.least),
        )
        return Span(least, most)

    def _farthest(self, elapsed_ms: int, waiting_ms: int) -> int:
        """How far one comes in this time with this much waiting in it."""
        slow = min(self._tariff.waiting_below_m_per_h, MAX_SPEED_M_PER_H)
        fast_ms = max(0, elapsed_ms - waiting_ms)
        return _mm_at(fast_ms, MAX_SPEED_M_PER_H) + _mm_at(waiting_ms, slow) + _PULSE_MM

    def _turns(self, places: Span) -> list[int]:
        """Both ends, and where the stage changes: between these, prices differ one way."""
        stages = (self._tariff.one_way_mm, self._tariff.second_empty_mm)
        inside = [s for s in stages if s is not None and places.least < s < places.most]
        return [places.least, places.most, *inside]


def _mm_at(elapsed_ms: int, speed_m_per_h: int) -> int:
    """How far one comes, rounded down."""
    return elapsed_ms * speed_m_per_h // 3600


def _ms_at(distance_mm: int, speed_m_per_h: int, most_ms: int) -> int:
    """How long it takes at this speed, rounded up; most_ms if one does not move."""
    return min(most_ms, -(-distance_mm * 3600 // speed_m_per_h)) if speed_m_per_h else most_ms
