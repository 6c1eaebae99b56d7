"""The journal in the flash: a ring of sectors, pruned oldest first and only when it must (J-2)."""

from __future__ import annotations

from collections.abc import Iterator

from sealkit.crypto import Suite
from sealkit_simulator.entries import Place, entry_bytes, read_records, scan, write_entry
from sealkit_simulator.flash import SECTOR_BYTES, Flash, FlashFault
from sealkit_simulator.registers import FIRST_KIND, RegisterFile


class Journal:
    """Journal records in sectors `first` to `first + count - 1`; a record lies within one sector.

    Which sectors follow one another is told by the numbers of the records in them. Records up to
    the base, which the registers hold, are gone, whether their cells are erased yet or not.
    """

    def __init__(
        self, flash: Flash, suite: Suite, registers: RegisterFile, first: int, count: int
    ) -> None:
        self._flash = flash
        self._suite = suite
        self._registers = registers
        self._first = first
        self._count = count
        self.places: list[Place] = []
        self._current = first + count - 1
        self._tail = self._end(self._current)
        self._rescan()

    @property
    def capacity(self) -> int:
        """Bytes of records that fit: the smallest take up half as much again, and sectors end."""
        return self._count * SECTOR_BYTES // 2

    def records(self) -> Iterator[bytes]:
        """All records that are still held, rising."""
        return read_records(self._flash, self.places)

    def digest_of(self, sequence: int) -> bytes | None:
        """The digest of a record that is still held."""
        for place in self.places:
            if place.sequence == sequence:
                return self._digest(place)
        return None

    def has_room(self, length: int, acknowledged: int) -> bool:
        """Whether a record fits, if what may be pruned is."""
        return self._fits(length) or self._may_prune(self._next, acknowledged)

    def append(self, record: bytes, acknowledged: int) -> None:
        """Writes a record; for room it prunes records up to number `acknowledged`.

        Raises FlashFault, PowerCut: then the record does not count.
        """
        try:
            if not self._fits(len(record)):
                self._enter(self._next, acknowledged)
            self.places.append(write_entry(self._flash, self._tail, record))
        except FlashFault:
            self._rescan()
            raise
        self._tail += entry_bytes(len(record))

    def free(self, acknowledged: int) -> int:
        """Bytes of records that still fit, with what may be pruned for them."""
        room = self._end(self._current) - self._tail
        sector = self._next
        while sector != self._current and self._may_prune(sector, acknowledged):
            room += SECTOR_BYTES
            sector = self._after(sector)
        return room // 2

    @property
    def _next(self) -> int:
        return self._after(self._current)

    def _after(self, sector: int) -> int:
        return self._first + (sector - self._first + 1) % self._count

    def _end(self, sector: int) -> int:
        return (sector + 1) * SECTOR_BYTES

    def _fits(self, length: int) -> bool:
        return self._tail + entry_bytes(length) <= self._end(self._current)

    def _held_in(self, sector: int) -> list[Place]:
        return [place for place in self.places if place.address // SECTOR_BYTES == sector]

    def _may_prune(self, sector: int, acknowledged: int) -> bool:
        held = self._held_in(sector)
        return not held or held[-1].sequence <= acknowledged

    def _enter(self, sector: int, acknowledged: int) -> None:
        """Makes a sector the one that is written, pruning what it holds."""
        if not self._may_prune(sector, acknowledged):
            raise FlashFault("the journal is full")
        held = self._held_in(sector)
        if held:
            values = self._registers.values
            values.base_sequence = held[-1].sequence
            values.base_digest = self._digest(held[-1])
            for place in held:
                values.pruned[place.kind - FIRST_KIND] += 1
            self._registers.store()
            del self.places[: len(held)]
        if not self._flash.is_blank(sector * SECTOR_BYTES, SECTOR_BYTES):
            self._flash.erase(sector)
        self._current, self._tail = sector, sector * SECTOR_BYTES

    def _digest(self, place: Place) -> bytes:
        return self._suite.digest(self._flash.read(place.address, place.length))

    def _rescan(self) -> None:
        base = self._registers.values.base_sequence
        found = []
        for sector in range(self._first, self._first + self._count):
            places, tail = scan(self._flash, sector * SECTOR_BYTES, self._end(sector))
            held = [place for place in places if place.sequence > base]
            if held:
                found.append((held, sector, tail))
        found.sort(key=lambda item: item[0][0].sequence)
        self.places = [place for held, _, _ in found for place in held]
        if found:
            _, self._current, self._tail = found[-1]
