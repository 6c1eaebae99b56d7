"""Links between records (R-1 to R-3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.crypto.suite import Suite
from sealkit.wire.records import NO_DIGEST

LAST_SEQUENCE: Final = 0xFFFFFFFF
RESERVED_SEQUENCES: Final = 16
"""The counter's last numbers, kept for TAMPER and RETIRE (R-8)."""
COUNTER_WARNING: Final = 1_000


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a chain: its sequence number and its digest, 32 bytes."""

    sequence: int
    digest: bytes


EMPTY_CHAIN: Final = Head(0, NO_DIGEST)


def head_of(suite: Suite, sequence: int, record: bytes) -> Head:
    """The head that a record makes (R-2)."""
    return Head(sequence, suite.digest(record))


def counter_has_room(next_sequence: int, *, reserved: bool) -> bool:
    """Whether a record may take this number (O-15, R-8); `reserved` for TAMPER and RETIRE."""
    return next_sequence <= LAST_SEQUENCE - (0 if reserved else RESERVED_SEQUENCES)


def counter_nearly_ended(next_sequence: int) -> bool:
    """Whether `counter_nearly_ended` is to be raised (R-8)."""
    return next_sequence > LAST_SEQUENCE - RESERVED_SEQUENCES - COUNTER_WARNING
