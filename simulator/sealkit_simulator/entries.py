"""How a record lies in the flash: a header, its bytes, and the mark that makes it count (R-6).

    header 16: "SR" ‖ length (u16) ‖ CRC-32 of these four ‖ zeros | record | mark 16

All three begin at multiples of 16 bytes. The header goes first, so that whatever the power leaves
half done is skipped at the next boot: a header that is no whole one was the last thing written, and
behind a whole one its length tells where the next entry begins, whether the mark is there or not.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sealkit.wire.records import RECORD_HEADER
from sealkit_simulator.flash import ERASED, Flash

_UNIT: Final = 16
_HEADER: Final = struct.Struct(">2sHI8x")
_MAGIC: Final = b"SR"
_MARK: Final = b"RECORD COUNTS \xa5\x5a"


@dataclass(frozen=True, slots=True)
class Place:
    """A record that counts: its number and kind, and where its bytes are."""

    sequence: int
    kind: int
    address: int
    length: int


def entry_bytes(length: int) -> int:
    """What a record of `length` bytes takes up in the flash."""
    return _UNIT + _padded(length) + _UNIT


def entry_end(place: Place) -> int:
    """The address behind a record's mark."""
    return place.address + _padded(place.length) + _UNIT


def write_entry(flash: Flash, address: int, record: bytes) -> Place:
    """Writes a record in two steps. Raises FlashFault, PowerCut: then it does not count."""
    flash.write(address, _header(len(record)))
    flash.write_pages(address + _UNIT, record)
    flash.write(address + _UNIT + _padded(len(record)), _MARK)
    return _place(record, address + _UNIT)


def scan(flash: Flash, start: int, end: int) -> tuple[list[Place], int]:
    """The records between two addresses that count, and where the next one may be written."""
    places = []
    at = start
    while at + _UNIT <= end and not flash.is_blank(at, _UNIT):
        header = flash.read(at, _UNIT)
        length = _HEADER.unpack(header)[1]
        if header != _header(length) or at + entry_bytes(length) > end:
            at += _UNIT
            continue
        if flash.read(at + _UNIT + _padded(length), _UNIT) == _MARK:
            places.append(_place(flash.read(at + _UNIT, length), at + _UNIT))
        at += entry_bytes(length)
    return places, at


def read_records(flash: Flash, places: list[Place]) -> Iterator[bytes]:
    """The bytes of records, one after the other."""
    return (flash.read(place.address, place.length) for place in places)


def _padded(length: int) -> int:
    return (length + _UNIT - 1) // _UNIT * _UNIT


def _header(length: int) -> bytes:
    checked = _MAGIC + length.to_bytes(2, "big")
    return _HEADER.pack(_MAGIC, length, zlib.crc32(checked))


def _place(record: bytes, address: int) -> Place:
    fields = RECORD_HEADER.unpack_from(record)
    return Place(sequence=fields[3], kind=fields[4], address=address, length=len(record))


assert len(_MARK) == _UNIT
assert ERASED not in _MARK
