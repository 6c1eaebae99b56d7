"""The second source's speeds, cut into stretches of standing and of driving (W-11).

Source distances are micrometres, as speed in mm/s times milliseconds gives them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

_STANDING_MM_S: Final = 500
_GAP_MS: Final = 2_500
_SETTLING: Final = 2
"""Seconds of standing that still belong to driving: the source is late."""
_DELAY: Final = 3
"""Seconds of standing held back, since they belong to driving if that goes on."""


class Stretch(NamedTuple):
    """What the second source saw from one speed to the next, and the pulses meanwhile.

    A plain tuple, since a shift has 36,000.
    """

    standing: bool
    source_um: int
    pulses: int
    speed_mm_s: int


@dataclass(slots=True)
class Stretches:
    """Holds back at most three stretches."""

    _speed: int | None = None
    _at: int = 0
    _pulses: int = 0
    _standing: int = 0  # stretches of it so far
    _held: list[Stretch] = field(default_factory=list)

    def hear(self, speed_mm_s: int | None, tick_ms: int, pulses: int) -> list[Stretch]:
        """A speed, or None when the source knows none; the seal's pulses up to now.

        Gives the stretches about which there is no more doubt.
        """
        before, elapsed = self._speed, tick_ms - self._at
        counted = pulses - self._pulses
        self._speed, self._at, self._pulses = speed_mm_s, tick_ms, pulses
        if before is None or speed_mm_s is None or elapsed > _GAP_MS:
            self._standing = 0
            self._held = []  # how it went on is not known
            return []
        source_um = (before + speed_mm_s) * elapsed // 2
        mean = (before + speed_mm_s) // 2
        if before >= _STANDING_MM_S or speed_mm_s >= _STANDING_MM_S:
            return self._drive(Stretch(False, source_um, counted, mean))
        return self._stand(Stretch(True, source_um, counted, mean))

    def _drive(self, stretch: Stretch) -> list[Stretch]:
        self._standing = 0
        if not self._held:
            return [stretch]
        driven = [held._replace(standing=False) for held in self._held]
        self._held = []
        return [*driven, stretch]

    def _stand(self, stretch: Stretch) -> list[Stretch]:
        self._standing += 1
        if self._standing <= _SETTLING:
            return [stretch._replace(standing=False)]
        self._held.append(stretch)
        return [self._held.pop(0)] if len(self._held) > _DELAY else []
