"""What all statements with one signature at their end have in common (SPEC.md T-3)."""

from __future__ import annotations

from typing import Final

SIGNATURE_BYTES: Final = 64
"""r and s, 32 bytes each, in both suites."""


class Signed:
    """A statement whose last field is its signature, 64 bytes. raw: its bytes, as received."""

    __slots__ = ()

    raw: bytes
    signature: bytes

    @property
    def signed_bytes(self) -> bytes:
        """The bytes that were signed, as received (T-3): what is checked is never built again."""
        return self.raw[:-SIGNATURE_BYTES]
