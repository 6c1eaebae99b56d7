"""A fraud as the table of frauds knows it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, ClassVar

from sealkit_simulator.road.fraud import Fraud

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class Scheme(Fraud):
    """percent: by how much it cheats, where there is more and less of it; 0: no such thing.

    undetectable: why neither the seal nor a visit to it shows this fraud; empty where they do.
    """

    percent: float = 0
    undetectable: ClassVar[str] = ""

    def __init__(self, random: Random, percent: float | None = None) -> None:
        self.random = random
        if percent is not None:
            self.percent = percent

    def before_visit(self, taxi: Taxi) -> None:
        """Before the seal is looked at: what is put back or exchanged."""
