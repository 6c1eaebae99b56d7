"""Pulses that no wheel made, put on the sensor's line where meter and seal both count them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.scheme import Scheme
from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from random import Random

    from sealkit_simulator.road.drive import Step

_ALONE_US: Final = 2_000
"""A pulse of an injector's own, when no other is near."""


class Injector(Scheme):
    """`extra` says how many pulses a step is to gain; what is not a whole one comes later.

    added: how many were made so far.
    """

    percent = 3

    def __init__(self, random: Random, percent: float | None = None) -> None:
        super().__init__(random, percent)
        self.added = 0
        self._owed = 0.0

    def extra(self, pulses: PulseTrain, step: Step) -> float:
        """Pulses to add in this step."""
        raise NotImplementedError

    def sensor_line(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        return self.inject(pulses, step)

    def inject(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        """The pulses with those that are due."""
        self._owed += self.extra(pulses, step)
        whole = int(self._owed)
        self._owed -= whole
        self.added += whole
        return self.mix(pulses, whole) if whole else pulses

    def mix(self, pulses: PulseTrain, extra: int) -> PulseTrain:
        """Somewhere between two others: each makes two intervals uneven."""
        edges = pulses.edges + extra
        shortest = pulses.shortest_us // 2 if pulses.edges else _ALONE_US
        return PulseTrain(edges, min(edges, pulses.uneven + 2 * extra), shortest)

    @property
    def share(self) -> float:
        return self.percent / 100
