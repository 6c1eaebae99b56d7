"""K, inferred from the seal's own pulses against the distance that the meter charges (W-7 to W-9).

Distances are compared in units of a kilometre's pulses: metres times K on the meter's side, pulses
times 1,000 on the seal's. So nothing is divided and nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sealkit.wire.registry import Cause, Rounding
from sealkit_simulator.watching.excess import MILLION, Excess
from sealkit_simulator.watching.findings import U32_MAX, Found, u32

_CUT_M: Final = 50
"""What cutting a distance to 0.1 km loses on average."""
_EMPTY_END_M: Final = 999_900
"""Where the record's field for empty distance ends: what is told then may be more."""
_TOLD_K_MAX: Final = 9_999
"""T6 tells K in four digits."""


@dataclass(slots=True)
class DistanceConstant:
    """Fed with ends of trips and of shifts; `found` is what it makes of them.

    k: the sealed pulses per km. tolerance_ppm, window_m: zero in one of them switches it off.
    """

    k: int
    tolerance_ppm: int
    window_m: int
    rounding: Rounding = Rounding.ROUNDS

    found: Found | None = None
    trips: int = 0  # seen
    basis_pulses: int = 0  # of what evidence tells: pulses, and metres by trip records
    basis_m: int = 0
    # The last end of a trip: whether its pulses are known, the seal's pulses then, and the metres
    # of trips since whose pulses are not.
    trip_known: int = 0
    trip_pulses: int = 0
    trip_m: int = 0
    shift_known: int = 0
    shift_pulses: int = 0
    shift_m: int = 0
    trip_more: Excess = field(default_factory=Excess)
    trip_less: Excess = field(default_factory=Excess)
    shift_more: Excess = field(default_factory=Excess)
    shift_less: Excess = field(default_factory=Excess)

    @property
    def inferred_milli(self) -> int:
        """Thousandths of pulses per km of late; 0: not known."""
        return _k_milli(self.basis_pulses, self.basis_m)

    def end_trip(self, metered_m: int, empty_m: int, pulses: int | None) -> None:
        """A trip's record, each once, in the order of trips.

        pulses: the seal's count at the trip's end; None: not known, then the trip is judged
        together with the next.
        """
        self.trips = min(self.trips + 1, U32_MAX)
        if empty_m >= _EMPTY_END_M:
            self.begin_anew()
        self.trip_m += self._distance(metered_m) + self._distance(empty_m)
        if pulses is None:
            return
        if self.trip_known and pulses >= self.trip_pulses:
            self._judge_trip(self.trip_m, pulses - self.trip_pulses)
        self.trip_known, self.trip_pulses, self.trip_m = 1, pulses, 0

    def end_shift(self, told_k: int, lifetime_m: int, pulses: int) -> None:
        """The sign-off data of a shift that ends now."""
        self.tell_k(told_k)
        if self.shift_known and lifetime_m == self.shift_m:
            return  # the same sign-off sent once more
        if self.shift_known and lifetime_m > self.shift_m and pulses >= self.shift_pulses:
            told = (lifetime_m - self.shift_m, pulses - self.shift_pulses)
            self._judge(self.shift_more, self.shift_less, *told)
        self.shift_known, self.shift_pulses, self.shift_m = 1, pulses, lifetime_m

    def tell_k(self, told_k: int) -> None:
        """K as sign-off data tell it."""
        if self.tolerance_ppm and self.k <= _TOLD_K_MAX and told_k != self.k:
            self._find(told_k * 1_000, 0)

    def begin_anew(self) -> None:
        """What is driven from the last end of a trip to the next is not counted."""
        self.trip_known = self.trip_m = 0

    def _distance(self, told_m: int) -> int:
        cut = self.rounding is Rounding.CUTS and told_m > 0
        return told_m + _CUT_M if cut else told_m

    def _judge_trip(self, metres: int, pulses: int) -> None:
        self.basis_m += metres
        self.basis_pulses += pulses
        if self.basis_m >= (2 * self.window_m or U32_MAX):
            self.basis_m //= 2
            self.basis_pulses //= 2
        self._judge(self.trip_more, self.trip_less, metres, pulses)

    def _judge(self, more: Excess, less: Excess, metres: int, pulses: int) -> None:
        if not self.tolerance_ppm or not self.window_m:
            return
        charged, driven = metres * self.k, pulses * 1_000
        more.add(charged, driven, self.tolerance_ppm)
        less.add(driven, charged, self.tolerance_ppm)
        limit = self.window_m * self.k * self.tolerance_ppm // MILLION
        if more.value > limit:
            self._find(_k_milli(more.less // 1_000, more.more // self.k), more.more // self.k)
        elif less.value > limit:
            self._find(_k_milli(less.more // 1_000, less.less // self.k), less.less // self.k)

    def _find(self, inferred_milli: int, basis_m: int) -> None:
        if self.found is None:
            after = u32(inferred_milli) + u32(basis_m)
            self.found = Found(Cause.K_MISMATCH, u32(self.k * 1_000), after)


def _k_milli(pulses: int, metres: int) -> int:
    """Thousandths of pulses per km; the greatest number if more; 0 without metres."""
    return min(pulses * MILLION // metres, U32_MAX) if metres else 0
