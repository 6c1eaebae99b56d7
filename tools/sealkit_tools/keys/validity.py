"""From when to when a credential holds that is made now."""

from __future__ import annotations

from typing import Final

from sealkit_tools.terminal.clock import now

_BEFORE_S: Final = 300
"""A laptop may be a little ahead of the seals that will see the credential first."""
_DAY_S: Final = 86_400


def validity(days: int) -> tuple[int, int]:
    """not_before and not_after, seconds since 1970."""
    made = now()
    return made - _BEFORE_S, made + days * _DAY_S
