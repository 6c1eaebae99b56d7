"""What time it is on this machine: commands ask here and hand it on."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> int:
    """Seconds since 1970."""
    return int(datetime.now(UTC).timestamp())
