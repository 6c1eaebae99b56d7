"""Time: what passes around the seal, and what the seal makes of it (N-4, E-3, R36 to R39)."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic, time
from typing import Final, Protocol

from sealkit.wire.registry import ClockQuality
from sealkit_simulator.registers import Registers

CLOCK_MAX: Final = 0xFFFF_FFFF_FFFF_FFFF


class TimeSource(Protocol):
    """The oscillator, and the clock chip that its battery keeps running without power."""

    chip_failed: bool
    """Whether the chip has stood still since this was last set to False."""

    def running_ms(self) -> int:
        """Milliseconds since some moment; only differences mean anything."""
        ...

    def chip_ms(self) -> int:
        """What the clock chip shows: milliseconds since 1970."""
        ...


@dataclass(slots=True)
class VirtualTime:
    """Time that passes only when it is told to. start_ms: milliseconds since 1970."""

    start_ms: int
    chip_failed: bool = False
    moved_ms: int = 0
    ahead_ms: int = 0

    def running_ms(self) -> int:
        return self.ahead_ms

    def chip_ms(self) -> int:
        return self.start_ms + self.ahead_ms + self.moved_ms

    def advance(self, ms: int) -> None:
        self.ahead_ms += ms


@dataclass(slots=True)
class RealTime:
    """The computer's time, which can be made to run ahead; the chip's can also be moved."""

    chip_failed: bool = False
    moved_ms: int = 0
    ahead_ms: int = 0

    def running_ms(self) -> int:
        return int(monotonic() * 1000) + self.ahead_ms

    def chip_ms(self) -> int:
        return int(time() * 1000) + self.ahead_ms + self.moved_ms

    def advance(self, ms: int) -> None:
        self.ahead_ms += ms


class SealClock:
    """Tick, clock with its quality, and floor, of a seal that has power."""

    def __init__(self, source: TimeSource, stored: Registers) -> None:
        self._source = source
        self._started_ms = source.running_ms()
        self._first_tick = stored.tick_ms
        self.offset_ms = stored.clock_offset_ms
        self.quality = ClockQuality(stored.clock_quality)
        self.floor = stored.clock_floor

    @property
    def tick_ms(self) -> int:
        return self._first_tick + self._source.running_ms() - self._started_ms

    @property
    def lost(self) -> bool:
        return self.quality is ClockQuality.LOST

    @property
    def now_ms(self) -> int:
        """The clock in milliseconds; never before 1970, however far it was moved."""
        return max(0, self._source.chip_ms() + self.offset_ms)

    @property
    def now(self) -> int:
        """The clock in seconds; of a lost clock the floor (R-4)."""
        return self.floor if self.lost else min(self.now_ms // 1000, CLOCK_MAX)

    def not_before(self, tick_ms: int, floor: int) -> None:
        """Takes the ticks and the time of a record: neither goes back behind it (N-4, E-3)."""
        self._first_tick += max(0, tick_ms - self.tick_ms)
        self.floor = max(self.floor, floor)

    def notice_failure(self) -> bool:
        """Loses the clock if the chip has stood still; then whoever asked must store that, and
        only afterwards `forget_failure`."""
        if self._source.chip_failed:
            self.quality = ClockQuality.LOST
        return self._source.chip_failed

    def forget_failure(self) -> None:
        self._source.chip_failed = False

    def offset_for(self, time_s: int) -> int:
        """The offset that makes the clock show this time now."""
        return time_s * 1000 - self._source.chip_ms()

    def set(self, offset_ms: int, quality: ClockQuality) -> None:
        self.offset_ms = offset_ms
        self.quality = quality
