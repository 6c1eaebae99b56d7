"""The second source's speeds, cut into stretches of standing and of driving (W-11).

Source distances are micrometres, as speed in mm/s times milliseconds gives them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

_STANDING_MM_S: Final = 500
_GAP_MS: Final = 2_500
_CLOSE_MS: Final = 500
"""Speeds closer together are passed over, so that few stretches are held back."""
_SETTLING_MS: Final = 2_000
"""So long standing still belongs to driving: the source is late."""
_DELAY_MS: Final = 3_000
"""So long standing is held back, since it belongs to driving if that goes on."""


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
    """Holds back at most six stretches: those whose middle is less than 3 s ago."""

    _speed: int | None = None
    _at: int = 0
    _pulses: int = 0
    _stands_since: int | None = None
    _held: list[tuple[int, Stretch]] = field(default_factory=list)  # each with twice its middle

    def hear(self, speed_mm_s: int | None, tick_ms: int, pulses: int) -> list[Stretch]:
        """A speed, or None when the source knows none; the seal's pulses up to now.

        Gives the stretches about which there is no more doubt.
        """
        before, since, elapsed = self._speed, self._at, tick_ms - self._at
        if before is not None and speed_mm_s is not None and elapsed < _CLOSE_MS:
            return []
        counted = pulses - self._pulses
        self._speed, self._at, self._pulses = speed_mm_s, tick_ms, pulses
        if before is None or speed_mm_s is None or elapsed > _GAP_MS:
            self._stands_since = None
            self._held = []  # how it went on is not known
            return []
        source_um = (before + speed_mm_s) * elapsed // 2
        mean = (before + speed_mm_s) // 2
        if before >= _STANDING_MM_S or speed_mm_s >= _STANDING_MM_S:
            return self._drive(Stretch(False, source_um, counted, mean))
        return self._stand(Stretch(True, source_um, counted, mean), since, tick_ms)

    def _drive(self, stretch: Stretch) -> list[Stretch]:
        self._stands_since = None
        if not self._held:
            return [stretch]
        driven = [held._replace(standing=False) for _, held in self._held]
        self._held = []
        return [*driven, stretch]

    def _stand(self, stretch: Stretch, begun: int, ended: int) -> list[Stretch]:
        if self._stands_since is None:
            self._stands_since = begun
        middle = begun + ended
        if middle - 2 * self._stands_since < 2 * _SETTLING_MS:
            return [stretch._replace(standing=False)]
        self._held.append((middle, stretch))
        over = sum(2 * ended - middle >= 2 * _DELAY_MS for middle, _ in self._held)
        stood, self._held = self._held[:over], self._held[over:]
        return [held for _, held in stood]
