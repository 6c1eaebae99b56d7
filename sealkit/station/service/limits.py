"""How often one token, or one address without a token, may call."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Final

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

TOKEN_RATE: Final = "1200/minute"  # noqa: S105
ADDRESS_RATE: Final = "240/minute"


@dataclass(frozen=True)
class Rates:
    """Counts calls in this process, over a moving window. The rates are written as the library
    `limits` reads them."""

    token: str = TOKEN_RATE
    address: str = ADDRESS_RATE
    _limiter: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    def wait_for_token(self, token: int) -> int:
        """Counts a call; for how many seconds it comes too early, 0 if it may go on."""
        return self._wait(self.token, "token", str(token))

    def wait_for_address(self, address: str) -> int:
        """The same for a caller without a token."""
        return self._wait(self.address, "address", address)

    def _wait(self, rate: str, *who: str) -> int:
        item = parse(rate)
        if self._limiter.hit(item, *who):
            return 0
        again = self._limiter.get_window_stats(item, *who).reset_time
        return max(1, math.ceil(again - time.time()))
