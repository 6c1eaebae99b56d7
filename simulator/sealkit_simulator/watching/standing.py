"""Pulses while the second source says that the vehicle stands (W-12).

Distances are in micrometres times K: pulses count 10^9 each, the source's micrometres K.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.wire.registry import Cause
from sealkit_simulator.watching.findings import U32_MAX, Found, u32

PULSE: Final = 1_000_000_000
_FORGIVEN: Final = 1_000
"""A thousandth of what is driven is taken off."""


@dataclass(slots=True)
class Standing:
    """k: the sealed pulses per km. limit_m: zero is off."""

    k: int
    limit_m: int

    found: Found | None = None
    total: int = 0  # by pulses while standing, since the start
    excess: int = 0

    @property
    def total_m(self) -> int:
        return min(self.total // (1_000_000 * self.k), U32_MAX) if self.k else 0

    def stand(self, pulses: int, source_um: int) -> None:
        """A stretch of standing."""
        by_pulses = pulses * PULSE
        self.total += by_pulses
        self.excess = max(0, self.excess + by_pulses - source_um * self.k)
        if self.limit_m and self.found is None:
            metre = 1_000_000 * self.k
            if self.excess > self.limit_m * metre:
                self.found = Found(
                    Cause.STANDING_MOTION, u32(self.limit_m), u32(self.excess // metre)
                )

    def drive(self, source_um: int) -> None:
        """A stretch of driving."""
        if self.excess:
            self.excess = max(0, self.excess - source_um * self.k // _FORGIVEN)
