"""What a trip costs, by the rules of protocol/FARES.md: integers only.

The rules live here once, for the simulated meter and for the audit of trip records alike. A trip
is fed with motion, piece by piece; each piece is motion at a constant speed, so that cutting it
into smaller ones of the same speed changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sealkit.errors import UsageError
from sealkit.meter.tariff import Tariff, TripKind


class Motion(NamedTuple):
    """So far in so much time, at a constant speed."""

    distance_mm: int
    elapsed_ms: int


@dataclass(slots=True)
class FareComputer:
    """A trip that is going on, and what it costs so far.

    hired_at_ms: when it was hired, since midnight. charged_millifen: thousandths of a fen, before
    surcharge and rounding. All but the tariff are plain integers, so that a meter can store them.
    """

    tariff: Tariff
    kind: TripKind
    hired_at_ms: int
    distance_mm: int = 0
    elapsed_ms: int = 0
    waiting_ms: int = 0
    charged_millifen: int = -1
    _next_step_mm: int = field(init=False)
    _next_wait_ms: int = field(init=False)

    def __post_init__(self) -> None:
        tariff = self.tariff
        if self.charged_millifen < 0:
            self.charged_millifen = tariff.prices(self.hired_at_ms).flag_fall
        begun = tariff.steps_begun(self.distance_mm)
        self._next_step_mm = tariff.flag_fall_mm + begun * tariff.step_mm
        waits = tariff.waits_completed(self.waiting_ms) + 1
        self._next_wait_ms = tariff.free_waiting_ms + waits * tariff.waiting_step_ms

    def advance(self, distance_mm: int, elapsed_ms: int) -> None:
        """The trip goes on. Raises UsageError FARE_BAD_MOTION for what is below zero."""
        if distance_mm < 0 or elapsed_ms < 0:
            raise UsageError(
                "FARE_BAD_MOTION",
                f"No trip goes on by {distance_mm} mm in {elapsed_ms} ms.",
                "Give distance and time from zero on.",
            )
        if self.distance_mm + distance_mm > self._next_step_mm:
            self._charge_steps(distance_mm, elapsed_ms)
        if self.tariff.is_waiting(distance_mm, elapsed_ms):
            self._charge_waiting(elapsed_ms)
        self.distance_mm += distance_mm
        self.elapsed_ms += elapsed_ms

    @property
    def amount_fen(self) -> int:
        """What there is to pay if the trip ended now."""
        return self.tariff.amount_fen(self.charged_millifen)

    def _charge_steps(self, distance_mm: int, elapsed_ms: int) -> None:
        """Charges each step as it begins: at the place it begins, when the vehicle is there."""
        tariff, start_ms = self.tariff, self.hired_at_ms + self.elapsed_ms
        while (place := self._next_step_mm) < self.distance_mm + distance_mm:
            # Rounding down is exact, as day and night change at whole milliseconds.
            there_ms = start_ms + (place - self.distance_mm) * elapsed_ms // distance_mm
            prices = tariff.prices(there_ms)
            self.charged_millifen += prices.steps[tariff.stage(place, self.kind)]
            self._next_step_mm += tariff.step_mm

    def _charge_waiting(self, elapsed_ms: int) -> None:
        """Charges each price increment as it is completed."""
        tariff, before_ms = self.tariff, self.waiting_ms
        self.waiting_ms += elapsed_ms
        if not tariff.waiting_step_ms:
            return
        while self._next_wait_ms <= self.waiting_ms:
            at_ms = self.hired_at_ms + self.elapsed_ms + self._next_wait_ms - before_ms
            self.charged_millifen += tariff.prices(at_ms).waiting
            self._next_wait_ms += tariff.waiting_step_ms


def fare_of_trace(
    tariff: Tariff, kind: TripKind, hired_at_ms: int, trace: Iterable[Motion]
) -> FareComputer:
    """The finished trip of a whole trace. hired_at_ms: since midnight."""
    trip = FareComputer(tariff, kind, hired_at_ms)
    for distance_mm, elapsed_ms in trace:
        trip.advance(distance_mm, elapsed_ms)
    return trip
