"""A seal's number: its maker's number and its serial number (SPEC.md N-5, R54)."""

from __future__ import annotations

import re
from typing import NamedTuple

from sealkit.errors import UsageError


class SealNumber(NamedTuple):
    """Unique in the world; written `MAKER-SERIAL` in decimal."""

    maker: int
    serial: int

    def __str__(self) -> str:
        return f"{self.maker}-{self.serial}"

    @classmethod
    def from_text(cls, text: str) -> SealNumber:
        """The number written in `text`. Errors: `UsageError` SEAL_NUMBER_MALFORMED."""
        match = re.fullmatch(r"([0-9]{1,10})-([0-9]{1,10})", text)
        if match is None or max(numbers := [int(part) for part in match.groups()]) >= 1 << 32:
            raise UsageError(
                "SEAL_NUMBER_MALFORMED",
                f"{text!r} is no seal number.",
                "Write it as MAKER-SERIAL in decimal, such as 500-23.",
            )
        return cls(*numbers)
