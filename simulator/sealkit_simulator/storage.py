"""Where what lies in the flash: registers, then the journal's sectors, then the control log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from sealkit.crypto import Suite
from sealkit.rules.chain import Head
from sealkit.wire.registry import Chain
from sealkit_simulator.control_log import ControlLog
from sealkit_simulator.entries import Place
from sealkit_simulator.flash import SECTOR_BYTES, Flash
from sealkit_simulator.journal import Journal
from sealkit_simulator.registers import SLOTS, RegisterFile

CONTROL_SECTORS: Final = 128
JOURNAL_SECTORS: Final = 32
REFUSED_FROM: Final = 65_500
"""Where firmware built for tests begins to count refused orders (C-2)."""


@dataclass(frozen=True, slots=True)
class FlashPlan:
    """How many sectors the two chains have. A journal needs at least two.

    counter_from: firmware built for tests alone counts records from there, and refused orders
    from REFUSED_FROM (SPEC.md, C-2); 0 in any other.
    """

    control_sectors: int = CONTROL_SECTORS
    journal_sectors: int = JOURNAL_SECTORS
    counter_from: int = 0

    def flash(self, path: Path | None = None) -> Flash:
        """A flash of this size; see `Flash`."""
        return Flash(SLOTS + self.journal_sectors + self.control_sectors, path)


class Storage:
    """Both chains and the registers of one flash, as they are found at a boot."""

    def __init__(self, flash: Flash, suite: Suite, plan: FlashPlan) -> None:
        self.flash = flash
        self._suite = suite
        self.counter_from = plan.counter_from
        self.registers = RegisterFile(flash)
        if plan.counter_from:
            values = self.registers.values
            values.refused = [max(count, REFUSED_FROM) for count in values.refused]
        self.journal = Journal(flash, suite, self.registers, SLOTS, plan.journal_sectors)
        start = (SLOTS + plan.journal_sectors) * SECTOR_BYTES
        self.control = ControlLog(flash, start, flash.size)

    @property
    def base(self) -> Head:
        """The last journal record that was pruned (J-2)."""
        values = self.registers.values
        return Head(values.base_sequence, values.base_digest)

    @property
    def journal_head(self) -> Head:
        if not self.journal.places:
            return self.base
        last = self.journal.places[-1]
        return Head(last.sequence, self._suite.digest(self.read(last)))

    @property
    def next_sequence(self) -> int:
        """The number of the next record of either chain (R-1)."""
        last = max(self.registers.values.base_sequence, self.counter_from)
        for places in (self.control.places, self.journal.places):
            if places:
                last = max(last, places[-1].sequence)
        return last + 1

    def read(self, place: Place) -> bytes:
        return self.flash.read(place.address, place.length)

    def from_sequence(self, which: Chain, sequence: int) -> Iterator[Place]:
        """The records of a chain, or of both, from this number on, rising."""
        places = sorted(chain.from_iterable(self._chains(which)), key=lambda p: p.sequence)
        return (place for place in places if place.sequence >= sequence)

    def find(self, sequence: int) -> Place | None:
        """The record with this number, if it is still held."""
        place = next(self.from_sequence(Chain.BOTH, sequence), None)
        return place if place is not None and place.sequence == sequence else None

    def _chains(self, which: Chain) -> list[list[Place]]:
        return [
            *([self.control.places] if which is not Chain.JOURNAL else []),
            *([self.journal.places] if which is not Chain.CONTROL else []),
        ]
