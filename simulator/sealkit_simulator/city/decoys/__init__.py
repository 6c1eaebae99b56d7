"""Honest seals whose histories look a little like fraud, one file each: nobody may accuse them.

As with faults, a decoy is a module with a function `play(scene)`, and SEALS if it takes several.
"""

from __future__ import annotations

from sealkit_simulator.city.plays import Play, plays_in


def known_decoys() -> tuple[Play, ...]:
    """Every decoy, in alphabetical order."""
    return plays_in(__name__, __path__)
