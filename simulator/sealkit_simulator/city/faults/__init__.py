"""What crooks do to the seals of a city, one file each, in words first; the ledger has to find it.

A fault is a module of this package with a function `play(scene)`, and SEALS if it takes several.
"""

from __future__ import annotations

from sealkit_simulator.city.plays import Play, plays_in


def known_faults() -> tuple[Play, ...]:
    """Every fault, in alphabetical order."""
    return plays_in(__name__, __path__)
