"""All planted faults, by name."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from sealkit.errors import UsageError
from sealkit_conformance.faults import (
    detecting,
    lasting,
    link,
    notation,
    orders,
    reading,
    records,
    sealed_set,
    slips,
    slips_lasting,
    telling,
    trust,
    watching,
)
from sealkit_conformance.faults.fault import Fault

CHAPTERS: Final = (
    notation,
    link,
    reading,
    trust,
    sealed_set,
    orders,
    records,
    telling,
    watching,
    detecting,
    lasting,
    slips,
    slips_lasting,
)
FAULTS: Final[dict[str, Fault]] = {
    fault.name: fault for chapter in CHAPTERS for fault in chapter.FAULTS
}


def find_fault(name: str) -> Fault:
    """The planted fault of this name; MODULE:NAME for one that stands elsewhere.

    Raises UsageError FAULT_UNKNOWN.
    """
    module, colon, attribute = name.rpartition(":")
    try:
        if colon:
            found: Fault = getattr(import_module(module), attribute)
            return found
        return FAULTS[name]
    except (ImportError, AttributeError, KeyError):
        raise UsageError(
            "FAULT_UNKNOWN",
            f"There is no planted fault {name!r}.",
            "`sealkit conformance faults --list` names those that there are.",
        ) from None
