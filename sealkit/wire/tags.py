"""Domain tags: the ten bytes that everything signed or chained starts with (SPEC.md 1.2)."""

from __future__ import annotations

from typing import Final

from sealkit.errors import MalformedError
from sealkit.wire.registry import TAG_PREFIX, SuiteNumber, TagType

TAG_BYTES: Final = 10
TAG_VERSION: Final = 1
_REMEDY: Final = "Read it again; if it repeats, it is something else or was altered."


def domain_tag(suite: int, kind: TagType) -> bytes:
    """The tag of an object: prefix, suite, type, version."""
    return TAG_PREFIX + bytes((suite, kind, TAG_VERSION))


_KNOWN: Final = {
    (domain_tag(suite, kind), kind): suite for suite in SuiteNumber for kind in TagType
}


def check_tag(data: bytes, kind: TagType) -> SuiteNumber:
    """The suite of an object that has to be of this kind.

    Errors (T-2): `MalformedError` MALFORMED (prefix or type), WRONG_SUITE, WRONG_VERSION.
    """
    suite = _KNOWN.get((data[:TAG_BYTES], kind))
    if suite is not None:
        return suite
    if len(data) < TAG_BYTES or data[:7] != TAG_PREFIX or data[8] != kind:
        raise MalformedError("MALFORMED", f"This is no {kind.name.lower()} of a seal.", _REMEDY)
    if data[7] not in set(SuiteNumber):
        raise MalformedError(
            "WRONG_SUITE",
            f"This {kind.name.lower()} is of suite {data[7]}, which is not known here.",
            "Update sealkit.",
        )
    raise MalformedError(
        "WRONG_VERSION",
        f"This {kind.name.lower()} is of version {data[9]}, which is not known here.",
        "Update sealkit.",
    )
