"""W-6: a lasting excess of one distance over another."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

MILLION: Final = 1_000_000


@dataclass(slots=True)
class Excess:
    """e of W-6, in metres. more, less: the stretches since e was last 0."""

    tolerance_ppm: int
    e: Fraction = Fraction(0)
    more: Fraction = Fraction(0)
    less: Fraction = Fraction(0)

    def add(self, more: Fraction | int, less: Fraction | int) -> None:
        """One stretch: two distances that ought to agree."""
        self.e += more - less - Fraction(less) * self.tolerance_ppm / MILLION
        if self.e <= 0:
            self.e = self.more = self.less = Fraction(0)
        else:
            self.more += more
            self.less += less


class BothWays:
    """Two distances that are compared both ways."""

    def __init__(self, tolerance_ppm: int, limit_m: Fraction | int) -> None:
        self._over, self._under = Excess(tolerance_ppm), Excess(tolerance_ppm)
        self._limit_m = limit_m

    def add(self, one: Fraction | int, other: Fraction | int) -> None:
        """One stretch."""
        self._over.add(one, other)
        self._under.add(other, one)

    @property
    def share(self) -> Fraction:
        """The greater excess as a part of the limit: more than 1 finds something."""
        return max(self._over.e, self._under.e) / self._limit_m

    @property
    def stretches(self) -> tuple[Fraction, Fraction]:
        """Both distances since the greater excess was last 0."""
        if self._over.e >= self._under.e:
            return self._over.more, self._over.less
        return self._under.less, self._under.more
