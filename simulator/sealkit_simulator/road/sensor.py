"""The pulse sensor: it makes whole pulses of the wheel's turning, and their edges are not even."""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

_TURNS: Final = 1_000_000
_UNEVEN: Final = 8
"""An interval is uneven if it differs from the one before by more than an eighth."""


class PulseTrain(NamedTuple):
    """The pulses on a line within one step, with what a small device can measure of them.

    edges: how many. uneven: of them, how many came after an interval that differs by more than
    1/8 from the one before. shortest_us: the shortest interval, in microseconds; 0 if none.
    """

    edges: int
    uneven: int
    shortest_us: int


NO_PULSES: Final = PulseTrain(0, 0, 0)


class PulseSensor:
    """A sensor on the driven wheel's shaft. serial: its identity, 16 characters at most."""

    def __init__(
        self,
        serial: str,
        pulses_per_million_turns: int,
        *,
        jitter_permille: int = 10,
        uneven_permille: int = 4,
    ) -> None:
        """jitter_permille: how far an edge may come early or late, in thousandths of the distance
        between two. uneven_permille: how many edges are uneven even at a steady speed."""
        self.serial = serial
        self.pulses_per_million_turns = pulses_per_million_turns
        self._jitter = jitter_permille / 1_000
        self._uneven = uneven_permille / 1_000
        self._position = 0  # since the last edge that was due, in millionths of 1 µm x pulses
        self._ahead = 0  # edges that came before they were due

    def pulses_per_1000_km(self, circumference_um: int) -> int:
        """The pulses that the vehicle really makes in 1,000 km: a thousand times its true K."""
        return self.pulses_per_million_turns * 1_000_000 // circumference_um

    def roll(
        self, rolled_mm: int, circumference_um: int, speed_change: int, step_ms: int, random: Random
    ) -> PulseTrain:
        """The pulses of one step. speed_change: mm/s between the begin and the end of the step."""
        if rolled_mm == 0:
            return NO_PULSES
        pitch = circumference_um * _TURNS
        self._position += rolled_mm * 1_000 * self.pulses_per_million_turns
        jitter = int((2 * random.random() - 1) * self._jitter * pitch)
        due, self._position = divmod(self._position, pitch)
        # The edge next to the end of the step comes early or late; none is lost or made.
        shown = (self._position + jitter) // pitch
        edges = due + shown - self._ahead
        if edges < 0:
            edges, shown = 0, self._ahead - due
        self._ahead = shown
        if edges == 0:
            return NO_PULSES
        change = abs(speed_change)
        # From one interval to the next the speed changes by that part: change / speed / edges.
        if change * step_ms * _UNEVEN > rolled_mm * 1_000 * edges:
            uneven = edges
        else:
            uneven = int(edges * self._uneven + random.random())
        fastest = rolled_mm * 1_000 // step_ms + change // 2 + 1
        shortest_us = pitch * 1_000 // (self.pulses_per_million_turns * fastest)
        return PulseTrain(edges, uneven, shortest_us)
