"""Flash memory: cells that are erased by sectors and written once, and power that may go meanwhile.

Every write and every erasure is one operation. The power can be made to go at any of them, and
then leaves what half an operation leaves.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealkit.errors import AccessError, SealkitError

PAGE_BYTES: Final = 256
SECTOR_BYTES: Final = 2048
ERASED: Final = 0xFF


class PowerCut(BaseException):
    """The power went. No part of the seal's own may catch this: it is no longer running."""


class FlashFault(SealkitError):
    """The cells could not be written. Its code is the status that the seal answers with."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "STORAGE_FAULT", f"the flash cannot be written: {reason}", "replace the seal"
        )


@dataclass(frozen=True, slots=True)
class _PlannedCut:
    operation: int
    torn_bytes: int


class Flash:
    """Cells in memory or in a file. What `write` has returned from survives the process.

    operations: how many writes and erasures there have been. broken: whether writing fails.
    """

    def __init__(self, sectors: int, path: Path | None = None) -> None:
        """path: the file that holds the cells; made, all erased, if it is not there.

        Raises AccessError FLASH_UNAVAILABLE.
        """
        self.size = sectors * SECTOR_BYTES
        self.operations = 0
        self.broken = False
        self._planned: _PlannedCut | None = None
        self._dead = False
        self._cells: bytearray | mmap.mmap
        if path is None:
            self._cells = bytearray((ERASED,)) * self.size
        else:
            self._cells = _map_file(path, self.size)

    def read(self, address: int, length: int) -> bytes:
        return bytes(self._cells[address : address + length])

    def is_blank(self, address: int, length: int) -> bool:
        return self.read(address, length).count(ERASED) == length

    def write(self, address: int, data: bytes) -> None:
        """One operation: puts `data` into erased cells of one page. Raises FlashFault, PowerCut."""
        if address // PAGE_BYTES != (address + len(data) - 1) // PAGE_BYTES:
            raise FlashFault(f"{len(data)} bytes at {address} are not within one page")
        if not self.is_blank(address, len(data)):
            raise FlashFault(f"the cells at {address} are not erased")
        self._change(address, data)

    def write_pages(self, address: int, data: bytes) -> None:
        """As many operations as the pages that `data` touches."""
        while data:
            piece = PAGE_BYTES - address % PAGE_BYTES
            self.write(address, data[:piece])
            address, data = address + piece, data[piece:]

    def erase(self, sector: int) -> None:
        """One operation: erases a sector. Raises FlashFault, PowerCut."""
        self._change(sector * SECTOR_BYTES, bytes((ERASED,)) * SECTOR_BYTES)

    def plan_cut(self, after: int, torn_bytes: int) -> None:
        """Has the power go in the operation that follows `after` others from now on.

        Of that one only the first `torn_bytes` bytes come about; all of them if it has no more.
        """
        self._planned = _PlannedCut(self.operations + after, torn_bytes)

    def cancel_cut(self) -> None:
        self._planned = None

    def power_up(self) -> None:
        """The power is back."""
        self._planned = None
        self._dead = False

    def close(self) -> None:
        """Writes a file's cells to the disk and lets go of it."""
        if isinstance(self._cells, mmap.mmap):
            self._cells.flush()
            self._cells.close()

    def _change(self, address: int, data: bytes) -> None:
        if self._dead:
            raise PowerCut
        if self.broken:
            raise FlashFault("the cells are worn out")
        if self._planned is not None and self.operations >= self._planned.operation:
            data = data[: self._planned.torn_bytes]
            self._dead = True
        self._cells[address : address + len(data)] = data
        self.operations += 1
        if self._dead:
            raise PowerCut


def _map_file(path: Path, size: int) -> mmap.mmap:
    """A shared map: the system keeps what is in it when the process is killed."""
    try:
        if not path.exists():
            _make_file(path, size)
        with path.open("r+b") as file:
            if os.fstat(file.fileno()).st_size != size:
                raise OSError(f"it does not have {size} bytes")
            return mmap.mmap(file.fileno(), size)
    except (OSError, ValueError) as error:
        raise AccessError(
            "FLASH_UNAVAILABLE",
            f"The simulated flash {path} cannot be used: {error}.",
            "Check the directory, or start the simulator with another one.",
        ) from error


def _make_file(path: Path, size: int) -> None:
    """The file takes its name when it is whole; sparse files could fail to be written later."""
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(bytes((ERASED,)) * size)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
