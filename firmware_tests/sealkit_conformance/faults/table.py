"""All planted faults, by name."""

from __future__ import annotations

from typing import Final

from sealkit_conformance.faults.fault import Fault

FAULTS: Final[dict[str, Fault]] = {}
