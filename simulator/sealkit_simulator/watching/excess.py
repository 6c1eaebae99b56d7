"""A lasting excess of one distance over another that noise does not add up to (W-6)."""

from __future__ import annotations

from dataclasses import dataclass

MILLION = 1_000_000
_SUM_MAX = 1 << 62


@dataclass(slots=True)
class Excess:
    """A cumulative sum. Distances are integers in any unit, as long as it is always the same.

    value: by how much `more` has lately exceeded `less` beyond the tolerance. more, less: the
    stretches since value was last 0.
    """

    value: int = 0
    more: int = 0
    less: int = 0

    def add(self, more: int, less: int, tolerance_ppm: int) -> None:
        """One stretch: two distances that ought to agree."""
        value = self.value + more - less - less * tolerance_ppm // MILLION
        if value <= 0:
            self.value = self.more = self.less = 0
        else:
            self.value = value
            self.more += more
            self.less += less
            if max(self.more, self.less) > _SUM_MAX:
                # What counts is how they compare; so they fit 64 bits for ever.
                self.more //= 2
                self.less //= 2
