"""Pulses faster, or quickening more, than a car can drive (W-10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.wire.registry import Cause
from sealkit_simulator.watching.findings import U16_MAX, Found, u16

_WINDOW_MS: Final = 1_000
_LAST_WINDOW_MS: Final = 5_000
"""A longer window says nothing of how fast the vehicle was at its end."""
_UNSURE_PULSES: Final = 2
"""Where a window begins and ends between two pulses is not known: one pulse for each window."""


@dataclass(slots=True)
class PulseRate:
    """Counts over windows of a second or more. k: the sealed pulses per km, 0: not known.

    A limit of zero is off. highest_hz: the highest rate since the start.
    """

    k: int
    rate_max_hz: int
    acceleration_max_mm_s2: int

    found: Found | None = None
    highest_hz: int = 0
    _began_at: int = -1
    _first: bool = True
    _pulses: int = 0
    # The window before: pulses and milliseconds; no milliseconds: there is none.
    _before: int = 0
    _before_ms: int = 0

    def count(self, pulses: int, tick_ms: int) -> None:
        """Pulses that came just now; 0 to let time pass."""
        if self._began_at < 0:
            self._began_at = tick_ms
        elapsed = tick_ms - self._began_at
        if elapsed >= _WINDOW_MS:
            self._close(elapsed)
            self._began_at = tick_ms
        self._pulses += pulses

    def _close(self, elapsed: int) -> None:
        pulses, self._pulses = self._pulses, 0
        rate = pulses * 1_000 // elapsed
        if rate > self.highest_hz:
            self.highest_hz = min(rate, U16_MAX)
        acceleration = self._acceleration(pulses, elapsed)
        too_fast = self.rate_max_hz and rate > self.rate_max_hz
        too_sudden = self.acceleration_max_mm_s2 and acceleration > self.acceleration_max_mm_s2
        if self.found is None and (too_fast or too_sudden):
            before = u16(self.rate_max_hz) + u16(self.acceleration_max_mm_s2)
            self.found = Found(Cause.PULSE_RATE, before, u16(rate) + u16(acceleration))
        self._before = pulses
        # In the first window pulses may be lost: the power had only just come.
        self._before_ms = elapsed if elapsed <= _LAST_WINDOW_MS and not self._first else 0
        self._first = False

    def _acceleration(self, pulses: int, elapsed: int) -> int:
        """mm/s² from the middle of the last window to that of this one; 0 if not known or less."""
        before_ms = self._before_ms
        if not before_ms or not self.k:
            return 0
        # Pulses times both windows' milliseconds, so that nothing is divided before the end.
        gained = (pulses - _UNSURE_PULSES) * before_ms - self._before * elapsed
        if gained <= 0:
            return 0
        speed_mm_s = gained * 1_000_000_000 // (self.k * elapsed * before_ms)
        return speed_mm_s * 2_000 // (elapsed + before_ms)
