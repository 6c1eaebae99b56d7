"""What a planted fault is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

Plant = Callable[[pytest.MonkeyPatch], None]
"""Makes the simulated seal faulty, by `patch.setattr` on parts of `sealkit_simulator`.

It must not touch what the cases stand on: `sealkit.wire` and `sealkit.crypto` themselves, or
anything in `sealkit_conformance`. A name that a module of the simulator imported from there is
the simulator's own: `patch.setattr(sealkit_simulator.applying, "judge_order", faulty)`.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """name: for people and --fault. clause: what the seal breaks. about: in a sentence, how.

    also: further clauses that the seal breaks by this in the same breath.
    """

    name: str
    clause: str
    about: str
    plant: Plant
    also: tuple[str, ...] = ()

    @property
    def clauses(self) -> tuple[str, ...]:
        """All that it breaks: a case that finds it has to name one of these."""
        return (self.clause, *self.also)
