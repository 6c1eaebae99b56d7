"""All that a meter knows of the world: pulses, by K a distance, and its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sealkit.meter.tariff import ms_of_day

_MM_PER_KM = 1_000_000


@dataclass(slots=True)
class PulseScale:
    """Pulses to mm. rest: what is not yet a mm, in pulses times mm per km; nothing is lost."""

    k_pulses_per_km: int
    rest: int = 0

    def distance_mm(self, pulses: int) -> int:
        distance_mm, self.rest = divmod(pulses * _MM_PER_KM + self.rest, self.k_pulses_per_km)
        return distance_mm


@dataclass(slots=True)
class MeterClock:
    """Local time, or None until somebody has set it; elapsed_ms: what passed since it was set."""

    set_to: datetime | None
    elapsed_ms: int = 0

    @property
    def now(self) -> datetime | None:
        if self.set_to is None:
            return None
        return self.set_to + timedelta(milliseconds=self.elapsed_ms)

    @property
    def ms_of_day(self) -> int:
        """Milliseconds since midnight; 0 if the clock was never set."""
        now = self.now
        return 0 if now is None else ms_of_day(now.time())

    def set(self, now: datetime | None) -> None:
        self.set_to, self.elapsed_ms = now, 0

    def move(self, seconds: int) -> None:
        """Forward or, below zero, back."""
        if self.set_to is not None:
            self.set_to += timedelta(seconds=seconds)
