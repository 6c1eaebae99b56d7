"""All planted faults, by name."""

from __future__ import annotations

from typing import Final

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
