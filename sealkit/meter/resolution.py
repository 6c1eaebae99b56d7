"""What a trip record cannot tell: distances come in 0.1 km, times in minutes.

How a meter makes a distance into tenths of a kilometre is up to its maker, so both ways are here.
Times are always cut to the minute, as a clock shows them.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

TENTH_KM_MM: Final = 100_000
MINUTE_MS: Final = 60_000


class DistanceRounding(Enum):
    """What a meter does with less than 0.1 km."""

    CUT = "cut"
    ROUND = "round"

    def told_m(self, distance_mm: int) -> int:
        """The distance as a record tells it: metres, a multiple of 100."""
        half = TENTH_KM_MM // 2 if self is DistanceRounding.ROUND else 0
        return (distance_mm + half) // TENTH_KM_MM * 100

    def span_mm(self, told_m: int) -> range:
        """The distances, in mm, that a record tells like this."""
        least = told_m * 1000
        if self is DistanceRounding.CUT:
            return range(least, least + TENTH_KM_MM)
        half = TENTH_KM_MM // 2
        return range(max(0, least - half), least + half)


def told_minutes(elapsed_ms: int) -> int:
    """A duration as a record tells it."""
    return elapsed_ms // MINUTE_MS
