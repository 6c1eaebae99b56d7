"""A road for the seal: pulses and the second source's speed, second by second."""

from __future__ import annotations

from fractions import Fraction

from sealkit_conformance.bench.backend import Backend

SECOND_MS = 1_000
STANDING_MM_S = 500


class Road:
    """k: pulses per km. Tells what was driven by the bench's own watch, which may run a little
    differently from what was planned.

    source_m, pulses_m: of the stretches of the last drive, by the source and by pulses.
    """

    def __init__(self, bench: Backend, k: int) -> None:
        self._bench = bench
        self._k = k
        self._speed: int | None = None
        self._at = 0
        self._rest = Fraction(0)
        self.source_m = Fraction(0)
        self.pulses_m = Fraction(0)

    def second(self, speed_mm_s: int | None, *, factor: Fraction | float = 1) -> None:
        """One second at this speed; the sensor gives `factor` times the pulses that are due."""
        self.second_with(self._due(speed_mm_s or 0, factor), speed_mm_s)

    def second_with(self, pulses: int, speed_mm_s: int | None, lasting_ms: int = SECOND_MS) -> None:
        """One second, or so long, with so many pulses, at whose end the source tells a speed."""
        bench = self._bench
        bench.pulses(pulses, lasting_ms)
        bench.motion(speed_mm_s)
        before, now = self._speed, bench.running_ms()
        if before is not None and speed_mm_s is not None:
            mean = Fraction(before + speed_mm_s, 2)
            self.source_m += mean * (now - self._at) / 1_000_000
        self.pulses_m += Fraction(pulses * 1_000, self._k)
        self._speed, self._at = speed_mm_s, now

    def drive(
        self, seconds: int, speed_mm_s: int | None, *, factor: Fraction | float = 1
    ) -> tuple[Fraction, Fraction]:
        """Seconds at one speed; gives the metres by the source and by pulses."""
        self.source_m = self.pulses_m = Fraction(0)
        for _ in range(seconds):
            self.second(speed_mm_s, factor=factor)
        return self.source_m, self.pulses_m

    def _due(self, speed_mm_s: int, factor: Fraction | float) -> int:
        """Whole pulses, the rest of one kept for the next second."""
        mean = Fraction((speed_mm_s if self._speed is None else self._speed) + speed_mm_s, 2)
        whole, self._rest = divmod(
            mean * self._k / 1_000_000 * Fraction(factor).limit_denominator(1_000) + self._rest, 1
        )
        return int(whole)
