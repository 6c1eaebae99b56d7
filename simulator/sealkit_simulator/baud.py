"""The rate of the seal's line (L-12)."""

from __future__ import annotations

from typing import Final

from sealkit.wire.registry import BAUD_FALLBACK_MS

FIRST_RATE: Final = 9600
RATES: Final = (9600, 19200, 38400, 57600, 115200)


class BaudRate:
    """Changes after the answer, and back if no good frame comes at the new rate."""

    def __init__(self) -> None:
        self.rate = FIRST_RATE
        self._asked: int | None = None
        self._before = FIRST_RATE
        self._changed_at: int | None = None

    def ask(self, rate: int) -> bool:
        """Takes note of a rate to change to; False if the line cannot do it."""
        if rate not in RATES:
            return False
        self._asked = rate
        return True

    def answered(self, tick_ms: int) -> None:
        """An answer is out: changes the rate if that was asked for."""
        if self._asked is not None:
            self._before, self.rate, self._changed_at = self.rate, self._asked, tick_ms
            self._asked = None

    def good_frame(self) -> None:
        """A good frame came: the rate is one that both sides can do."""
        self._changed_at = None

    def poll(self, tick_ms: int) -> None:
        """Goes back to the rate before if the new one brought nothing in time."""
        if self._changed_at is not None and tick_ms - self._changed_at > BAUD_FALLBACK_MS:
            self.rate, self._changed_at = self._before, None
