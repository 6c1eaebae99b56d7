"""A moment until which somebody waits."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock, in seconds. One deadline serves a whole exchange, however
    many reads and writes that takes."""

    moment: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline that many seconds from now."""
        return cls(monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left; never negative."""
        left = self.moment - monotonic()
        return left if left > 0.0 else 0.0

    @property
    def expired(self) -> bool:
        return monotonic() >= self.moment
