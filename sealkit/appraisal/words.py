"""Times and errors as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from unicodedata import normalize

from sealkit.appraisal.verdict import Detail
from sealkit.errors import SealkitError
from sealkit.rules.refusals import status_of
from sealkit.wire.registry import STATUS_TEXTS, ClockQuality

_LAST_CALENDAR_SECOND: Final = 253_402_300_799
_BETWEEN: Final = " ·.-•・"
"""What people write between a plate's characters."""


def moment_text(seconds: int) -> str:
    """A time in UTC; a number of seconds where no calendar reaches."""
    if seconds > _LAST_CALENDAR_SECOND:
        return f"{seconds} s"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def same_plate(one: str, other: str) -> bool:
    """Whether two plates are one, however people write them: 沪A·12345, 沪A12345, 沪a-12345."""
    return _plain(one) == _plain(other)


def _plain(plate: str) -> str:
    """Without what people write between a plate's characters, and in its usual letters."""
    usual = normalize("NFKC", plate).upper()
    return "".join(c for c in usual if c not in _BETWEEN)


def when(seconds: int, quality: ClockQuality) -> Detail:
    """When something happened by the seal's clock; of a lost one, only the floor (R-4)."""
    text = moment_text(seconds)
    if quality is ClockQuality.LOST:
        return Detail(f"at or after {text}", f"{text} 或之后")
    return Detail(f"at {text}", text)


def refusal_detail(error: SealkitError) -> Detail:
    """Why something was refused. The particulars, names and numbers, are as they are."""
    text = STATUS_TEXTS[status_of(error)]
    particulars = error.message.removeprefix(text.message_en).strip(" ()")
    return Detail(error.message, text.message_zh + (f"（{particulars}）" if particulars else ""))


def same(text: str) -> Detail:
    """Names, numbers and digests, the same in every language."""
    return Detail(text, text)
