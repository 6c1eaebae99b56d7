"""The control chain in the flash: it only grows (J-1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sealkit.wire.registry import RECORD_MAX, TAMPER_RESERVE_RECORDS, Cause
from sealkit_simulator.entries import Place, entry_bytes, entry_end, read_records, scan, write_entry
from sealkit_simulator.flash import SECTOR_BYTES, Flash, FlashFault

_TAMPER_RECORD_MAX: Final = 81 + 361
_RESERVE: Final = (
    TAMPER_RESERVE_RECORDS * entry_bytes(_TAMPER_RECORD_MAX)
    + entry_bytes(RECORD_MAX)
    # Somebody who cuts the power in every TAMPER record wastes a sector for each cause at most.
    + len(Cause) * SECTOR_BYTES
)
_ORDER_OVERHEAD: Final = entry_bytes(0) + 15  # header, mark, padding


class ControlLog:
    """Control records between two addresses. capacity: bytes of records that may be written."""

    def __init__(self, flash: Flash, start: int, end: int) -> None:
        self._flash = flash
        self._start = start
        self._end = end
        # What no mix of control records needs more than, with headers, marks and padding.
        self.capacity = (end - start) * 3 // 4
        self.places: list[Place] = []
        self._tail = start
        self._used = 0
        self._rescan()

    def records(self) -> Iterator[bytes]:
        """All records, rising."""
        return read_records(self._flash, self.places)

    def append(self, record: bytes) -> None:
        """Raises FlashFault, PowerCut: then the record does not count."""
        if entry_bytes(len(record)) > self._free:
            raise FlashFault("the control log is full")
        try:
            place = write_entry(self._flash, self._tail, record)
        except FlashFault:
            self._rescan()
            raise
        self.places.append(place)
        self._used += place.length
        self._tail += entry_bytes(len(record))

    def reclaim(self) -> None:
        """Erases sectors that hold only what power cuts have left behind the last record.

        So cuts, however often they come, waste no more than the rest of that record's sector.
        Raises FlashFault, PowerCut.
        """
        first = -(-self._last_end // SECTOR_BYTES)
        for sector in range(first, self._end // SECTOR_BYTES):
            if not self._flash.is_blank(sector * SECTOR_BYTES, SECTOR_BYTES):
                self._flash.erase(sector)
        self._rescan()

    @property
    def order_room(self) -> int:
        """Bytes left for an order's record: what is kept for TAMPER and RETIRE is not (J-1)."""
        return max(0, self._free - _RESERVE - _ORDER_OVERHEAD)

    @property
    def retire_room(self) -> int:
        """Bytes left for RETIRE's record."""
        return max(0, self._free - _ORDER_OVERHEAD)

    def has_tamper_room(self, length: int) -> bool:
        """Whether a TAMPER record may be written and still leaves room for RETIRE."""
        return entry_bytes(length) + entry_bytes(RECORD_MAX) <= self._free

    def orders_left(self, appended: int = 0) -> int:
        """How many orders of the greatest size still fit; after one of `appended` bytes."""
        return max(0, self._free_after(appended) - _RESERVE) // entry_bytes(RECORD_MAX)

    @property
    def _last_end(self) -> int:
        """Where the last record that counts ends."""
        return entry_end(self.places[-1]) if self.places else self._start

    @property
    def _free(self) -> int:
        return self._free_after(0)

    def _free_after(self, length: int) -> int:
        """Bytes left after a record of this length; 0: as it is now."""
        taken = entry_bytes(length) if length else 0
        return min(self._end - self._tail - taken, self.capacity - self._used - length)

    def _rescan(self) -> None:
        self.places, self._tail = scan(self._flash, self._start, self._end)
        self._used = sum(place.length for place in self.places)
