"""The meter's clock, as its trips tell it, against the seal's own (W-14)."""

from __future__ import annotations

from dataclasses import dataclass

from sealkit.wire.registry import Cause
from sealkit_simulator.watching.findings import Found


@dataclass(slots=True)
class MeterClock:
    """tolerance_s: zero is off."""

    tolerance_s: int

    found: Found | None = None

    def tell(self, told: int, clock: int, *, coarse_s: int = 0, age_s: int = 0) -> None:
        """A time of the meter's and the seal's clock, both in seconds since 1970.

        coarse_s: what the meter's time is rounded to. age_s: how old it may be.
        """
        if not self.tolerance_s or self.found is not None:
            return
        behind = clock - told
        if not -self.tolerance_s - coarse_s <= behind <= self.tolerance_s + coarse_s + age_s:
            before, after = (min(t, 2**64 - 1).to_bytes(8, "big") for t in (clock, told))
            self.found = Found(Cause.METER_CLOCK, before, after)
