"""What a detector has found, to be told in a tamper record (chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.wire.registry import Cause

U16_MAX: Final = 0xFFFF
U32_MAX: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Found:
    """A cause, and the bytes of before and after that its tamper record tells."""

    cause: Cause
    before: bytes
    after: bytes


def u16(value: int) -> bytes:
    """Two bytes; what does not fit is told as the greatest number."""
    return min(max(0, value), U16_MAX).to_bytes(2, "big")


def u32(value: int) -> bytes:
    """Four bytes; what does not fit is told as the greatest number."""
    return min(max(0, value), U32_MAX).to_bytes(4, "big")
