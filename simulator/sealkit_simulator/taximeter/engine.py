"""Hired or vacant: pulses and time become trips, charged by the tariff (protocol/FARES.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sealkit.errors import UsageError
from sealkit.meter.bodies import FareParameters
from sealkit.meter.fares import FareComputer
from sealkit.meter.tariff import CityRules, Tariff, TripKind
from sealkit_simulator.taximeter.measuring import MeterClock, PulseScale
from sealkit_simulator.taximeter.totals import Shift, Totalisers

SPEED_WINDOW_MS: Final = 1000
"""Over so much time a meter measures the speed that makes driving or waiting."""


@dataclass(slots=True)
class RunningTrip:
    """From hired to paid. window: what has not yet come to a speed. empty_mm: driven before it."""

    fare: FareParameters
    computer: FareComputer
    hired_at: datetime
    empty_mm: int
    window_mm: int = 0
    window_ms: int = 0

    def advance(self, distance_mm: int, elapsed_ms: int) -> None:
        self.window_mm += distance_mm
        self.window_ms += elapsed_ms
        if self.window_ms >= SPEED_WINDOW_MS:
            self.close_window()

    def close_window(self) -> None:
        self.computer.advance(self.window_mm, self.window_ms)
        self.window_mm = self.window_ms = 0


@dataclass(frozen=True, slots=True)
class FinishedTrip:
    """A trip as the meter knows it, before any of it is rounded. Distances in mm."""

    kind: TripKind
    hired_at: datetime
    vacant_at: datetime
    distance_mm: int
    empty_mm: int
    waiting_ms: int
    surcharge_fen: int
    amount_fen: int


class MeterEngine:
    """Counts, and charges. It knows nothing of lines and records.

    empty_mm: driven since the last trip ended. between_mm: since the last shift ended.
    """

    def __init__(
        self, scale: PulseScale, clock: MeterClock, totals: Totalisers, city: CityRules
    ) -> None:
        self.scale = scale
        self.clock = clock
        self.totals = totals
        self.city = city
        self.shift: Shift | None = Shift(clock.now)
        self.trip: RunningTrip | None = None
        self.empty_mm = 0
        self.between_mm = 0

    def advance(self, pulses: int, elapsed_ms: int) -> None:
        """So many pulses came in so much time."""
        distance_mm = self.scale.distance_mm(pulses)
        self.clock.elapsed_ms += elapsed_ms
        self.totals.distance_mm += distance_mm
        shift, trip = self.shift, self.trip
        if shift is None:
            self.between_mm += distance_mm
        else:
            shift.distance_mm += distance_mm
        if trip is None or shift is None:
            self.empty_mm += distance_mm
            return
        self.totals.hired_mm += distance_mm
        shift.hired_mm += distance_mm
        trip.advance(distance_mm, elapsed_ms)

    def sign_on(self) -> None:
        """Raises UsageError METER_IN_SHIFT."""
        if self.shift is not None:
            raise _out_of_turn("METER_IN_SHIFT", "a driver is signed on", "sign off first")
        self.shift = Shift(self.clock.now, self.between_mm)
        self.between_mm = 0

    def sign_off(self) -> Shift:
        """Raises UsageError METER_NO_SHIFT, METER_HIRED."""
        if self.shift is None:
            raise _out_of_turn("METER_NO_SHIFT", "no driver is signed on", "sign on first")
        if self.trip is not None:
            raise _out_of_turn("METER_HIRED", "the meter is hired", "end the trip first")
        shift, self.shift = self.shift, None
        return shift

    def hire(self, fare: FareParameters, kind: TripKind) -> datetime:
        """When the trip begins, by the meter's clock.

        Raises UsageError METER_NO_SHIFT, METER_HIRED, METER_NO_CLOCK, and what `Tariff.of` raises.
        """
        if self.shift is None:
            raise _out_of_turn("METER_NO_SHIFT", "no driver is signed on", "sign on first")
        if self.trip is not None:
            raise _out_of_turn("METER_HIRED", "the meter is hired already", "end the trip first")
        hired_at = self.clock.now
        if hired_at is None:
            raise _out_of_turn("METER_NO_CLOCK", "the meter's clock was never set", "set it first")
        computer = FareComputer(Tariff.of(fare, self.city), kind, self.clock.ms_of_day)
        self.trip = RunningTrip(fare, computer, hired_at, self.empty_mm)
        return hired_at

    def end_trip(self, payment: int) -> FinishedTrip:
        """payment: as in a trip record. Raises UsageError METER_VACANT."""
        trip, shift, vacant_at = self.trip, self.shift, self.clock.now
        if trip is None or shift is None or vacant_at is None:
            raise _out_of_turn("METER_VACANT", "the meter is vacant", "hire it first")
        trip.close_window()
        computer = trip.computer
        shift.add_trip(computer.waiting_ms, computer.amount_fen, payment)
        self.trip = None
        self.empty_mm = 0
        return FinishedTrip(
            computer.kind,
            trip.hired_at,
            vacant_at,
            computer.distance_mm,
            trip.empty_mm,
            computer.waiting_ms,
            computer.tariff.surcharge_fen,
            computer.amount_fen,
        )


def _out_of_turn(code: str, what: str, remedy: str) -> UsageError:
    return UsageError(code, f"{what}, so it cannot do this now", remedy)
