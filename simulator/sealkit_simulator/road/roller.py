"""A verification bench: rollers turn the driven wheels, and know exactly how far.

As on a real bench the meter is read by its display alone: the bench notes where the amount jumps.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from sealkit.errors import TimedOutError
from sealkit_simulator.road.sensor import NO_PULSES, PulseSensor
from sealkit_simulator.vehicle import Vehicle

_SPEED_MM_PER_S: Final = (6_000, 6_600)
"""Slow, since a meter takes its display further once a second, but too fast to be waiting. Nobody
holds a speed exactly."""
JUMPS_MAX: Final = 10
TRUE_PULSES_PER_1000_KM: Final = 985_000
"""What the vehicle on the bench makes: a meter with a K of 1,000 errs by -1.5 %."""

_STEP_MS: Final = 250
_CIRCUMFERENCE_UM: Final = 1_935_225  # 195/65R15, see wheel.py
_TURNS_PER_1000_KM: Final = 10**12
_LONGEST_MS: Final = 3_600_000


class Roller:
    """The bench with a vehicle on it, whose meter must be vacant and signed on."""

    def __init__(
        self, vehicle: Vehicle, *, pulses_per_1000_km: int = TRUE_PULSES_PER_1000_KM, seed: int = 0
    ) -> None:
        """pulses_per_1000_km: what the vehicle really makes, a thousand times its true K."""
        self._vehicle = vehicle
        per_million_turns = pulses_per_1000_km * _CIRCUMFERENCE_UM * 1_000_000 // _TURNS_PER_1000_KM
        self._sensor = PulseSensor("ROLLER", per_million_turns)
        self._random = Random(seed)

    def distances_mm(self, jumps: int) -> list[int]:
        """One hired run at a steady speed: how far the wheels had rolled at each jump."""
        speed = self._random.randint(*_SPEED_MM_PER_S)
        return self._run(jumps, speed * _STEP_MS // 1_000, lambda mm, ms: mm)

    def waits_ms(self, jumps: int) -> list[int]:
        """One hired stand: how long it had lasted at each jump."""
        return self._run(jumps, 0, lambda mm, ms: ms)

    def _run(self, jumps: int, step_mm: int, reading: Callable[[int, int], int]) -> list[int]:
        """Raises UsageError METER_... if the meter cannot be hired, TimedOutError
        ROLLER_NO_JUMP if its display does not jump within an hour."""
        vehicle = self._vehicle
        meter = vehicle.taximeter
        vehicle.start_meter_clock()
        meter.hire()
        readings: list[int] = []
        rolled = elapsed = 0
        shown = meter.amount_fen
        try:
            while len(readings) < jumps:
                if elapsed >= _LONGEST_MS:
                    raise TimedOutError(
                        "ROLLER_NO_JUMP",
                        f"The display showed {shown / 100:.2f} yuan for an hour.",
                        "Ask for fewer jumps, and check the fare parameters.",
                    )
                rolled, elapsed = rolled + step_mm, elapsed + _STEP_MS
                self._step(step_mm)
                if meter.amount_fen != shown:
                    shown = meter.amount_fen
                    readings.append(reading(rolled, elapsed))
        finally:
            meter.end_trip()
        return readings

    def _step(self, rolled_mm: int) -> None:
        vehicle, pulses = self._vehicle, NO_PULSES
        if rolled_mm:
            pulses = self._sensor.roll(rolled_mm, _CIRCUMFERENCE_UM, 0, _STEP_MS, self._random)
        vehicle.source.advance(_STEP_MS)
        vehicle.taximeter.advance(pulses.edges, _STEP_MS)
        if pulses.edges:
            vehicle.count_pulses(pulses.edges)
        vehicle.step()
