"""The second source of motion: a speed once a second, by satellite or from the vehicle's bus."""

from __future__ import annotations

from enum import Enum, auto
from random import Random
from typing import Final

_STANDING: Final = 4
"""At rest a receiver's noise is that many times smaller: it averages."""


class MotionKind(Enum):
    """GNSS tells what the vehicle travels, CAN what its wheels roll."""

    GNSS = auto()
    CAN = auto()


class MotionSource:
    """A source that tells speed and no position; who needs distance adds the speeds up."""

    def __init__(
        self,
        kind: MotionKind = MotionKind.GNSS,
        *,
        noise_mm_per_s: int = 120,
        bias_ppm: int = 0,
        gaps_per_hour: int = 3,
        gap_s: tuple[int, int] = (2, 40),
    ) -> None:
        """noise_mm_per_s: standard deviation of one speed. bias_ppm: by how many millionths all
        speeds are too high. gaps_per_hour, gap_s: how often it says nothing, and for how long."""
        self.kind = kind
        self.bias_ppm = bias_ppm
        self._noise = noise_mm_per_s
        self._gap_chance_per_ms = gaps_per_hour / 3_600_000
        self._gap_s = gap_s
        self._silent_ms = 0

    def tell(
        self, travelled_mm: int, rolled_mm: int, sky: bool, step_ms: int, random: Random
    ) -> int | None:
        """The mean speed of a step in mm/s, never negative; None if it cannot tell."""
        if self._silent_ms > 0:
            self._silent_ms -= step_ms
        elif random.random() < self._gap_chance_per_ms * step_ms:
            self._silent_ms = random.randint(*self._gap_s) * 1_000
        gnss = self.kind is MotionKind.GNSS
        if self._silent_ms > 0 or (gnss and not sky):
            return None
        moved = travelled_mm if gnss else rolled_mm
        noise = random.gauss(0, self._noise if moved else self._noise / _STANDING)
        speed = moved * 1_000 * (1_000_000 + self.bias_ppm) // (1_000_000 * step_ms)
        return max(0, speed + int(noise))
