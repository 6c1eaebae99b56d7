"""Distance by pulses against distance by the second source, while driving (W-13).

Distances are in micrometres times K: pulses count 10^9 each, the source's micrometres K.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sealkit.wire.registry import Cause
from sealkit_simulator.watching.excess import Excess
from sealkit_simulator.watching.findings import U32_MAX, Found, u32
from sealkit_simulator.watching.standing import PULSE

_FAST_MM_S: Final = 14_000
_CARRIED_UM: Final = 20_000_000
"""So far without a pulse, the vehicle is carried."""


@dataclass(slots=True)
class Motion:
    """k: the sealed pulses per km. tolerance_ppm, limit_m: zero in one of them is off."""

    k: int
    tolerance_ppm: int
    limit_m: int

    found: Found | None = None
    source: int = 0  # judged since the start, by the source and by pulses
    pulses: int = 0
    still_um: int = 0  # driven since the last pulse
    more: Excess = field(default_factory=Excess)
    less: Excess = field(default_factory=Excess)
    fast: Excess = field(default_factory=Excess)
    hired: Excess = field(default_factory=Excess)

    @property
    def source_m(self) -> int:
        return self._metres(self.source)

    @property
    def pulses_m(self) -> int:
        return self._metres(self.pulses)

    def drive(self, pulses: int, source_um: int, speed_mm_s: int, *, hired: bool) -> None:
        """A stretch of driving. hired: whether the seal knows that a passenger pays for it."""
        if pulses == 0:
            self.still_um += source_um
            return
        if self.still_um <= _CARRIED_UM:
            source_um += self.still_um
        self.still_um = 0
        source, counted = source_um * self.k, pulses * PULSE
        self.source += source
        self.pulses += counted
        if not self.tolerance_ppm or not self.limit_m:
            return
        tolerance = self.tolerance_ppm
        self.more.add(counted, source, tolerance)
        self.less.add(source, counted, tolerance)
        if speed_mm_s >= _FAST_MM_S:
            self.fast.add(counted, source, tolerance)
        if hired:
            self.hired.add(counted, source, tolerance)
        if self.found is None:
            self._judge()

    def _judge(self) -> None:
        limit = self.limit_m * 1_000_000 * self.k
        for excess in (self.more, self.fast, self.hired):
            if excess.value > limit:
                self._find(excess.less, excess.more)
                return
        if self.less.value > limit:
            self._find(self.less.more, self.less.less)

    def _find(self, source: int, pulses: int) -> None:
        before, after = u32(self._metres(source)), u32(self._metres(pulses))
        self.found = Found(Cause.MOTION_DISAGREES, before, after)

    def _metres(self, distance: int) -> int:
        return min(distance // (1_000_000 * self.k), U32_MAX) if self.k else 0
