"""The seal's small registers: what changes often and follows from no record.

They are written whole, by turns into two slots, each with a counter and a CRC: a power cut leaves
the old ones or the new ones.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field, fields
from typing import Final

from sealkit.wire.records import NO_DIGEST
from sealkit.wire.registry import ClockQuality
from sealkit_simulator.flash import SECTOR_BYTES, Flash

SLOTS: Final = 2
_MAGIC: Final = b"REGS"
_HEAD: Final = struct.Struct(">4sIHI")  # magic, counter, length, CRC-32 of counter and content
_LENGTH: Final = struct.Struct(">H")

# Journal kinds 0x81 to 0x86 by position, in the counts below.
KINDS: Final = 6
FIRST_KIND: Final = 0x81


def _no_counts() -> list[int]:
    return [0] * KINDS


@dataclass(slots=True)
class Registers:
    """Values as of the moment they were stored; the meaning of each field beside it."""

    boot: int = 0
    tick_ms: int = 0
    clock_floor: int = 0
    clock_offset_ms: int = 0  # seal's time less the clock chip's
    clock_quality: int = ClockQuality.SET
    last_seen_ms: int = 0  # the seal's time when this was stored
    # A change of the clock that counts once a control record with this digest stands in the log.
    pending_record: bytes = NO_DIGEST
    pending_offset_ms: int = 0
    pending_quality: int = ClockQuality.SET
    base_sequence: int = 0
    base_digest: bytes = NO_DIGEST
    pulses: int = 0
    opened_by: int = 0  # the record that opened the seal, and the pulses then
    opened_pulses: int = 0
    driven_while_open: int = 0
    coalesced_before: int = 0  # the counts hold unless told by a record with this number or above
    shown_fare: bytes = NO_DIGEST  # H of the accepted fare parameters that the meter last showed
    watching_since: int = 0  # the record that started the detectors anew
    refused: list[int] = field(default_factory=lambda: [0] * 4)  # by kind of status
    pruned: list[int] = field(default_factory=_no_counts)
    coalesced: list[int] = field(default_factory=_no_counts)
    attestation: bytes = b""  # the last checkpoint; of a retired seal its last evidence
    credential: bytes = b""  # the seal's own
    watching: bytes = b""  # what the detectors had gathered


_FORMATS: Final = {
    "boot": "I",
    "tick_ms": "Q",
    "clock_floor": "Q",
    "clock_offset_ms": "16s",
    "clock_quality": "B",
    "last_seen_ms": "16s",
    "pending_record": "32s",
    "pending_offset_ms": "16s",
    "pending_quality": "B",
    "base_sequence": "I",
    "base_digest": "32s",
    "pulses": "Q",
    "opened_by": "I",
    "opened_pulses": "Q",
    "driven_while_open": "B",
    "coalesced_before": "I",
    "shown_fare": "32s",
    "watching_since": "I",
}
# A clock may be set to any u64 of seconds, so its milliseconds need more than 64 bits.
_WIDE: Final = ("clock_offset_ms", "last_seen_ms", "pending_offset_ms")
_NUMBERS: Final = struct.Struct(">" + "".join(_FORMATS.values()))
_COUNTS: Final = struct.Struct(f">4H{KINDS}I{KINDS}I")
assert [f.name for f in fields(Registers)][: len(_FORMATS)] == list(_FORMATS)


class RegisterFile:
    """The registers and the two slots, sectors 0 and 1, that they are stored in."""

    def __init__(self, flash: Flash) -> None:
        self._flash = flash
        stored = [self._read(slot) for slot in range(SLOTS)]
        self._counter, content = max(stored, key=lambda pair: pair[0])
        self.values = _unpack(content) if content else Registers()

    def store(self) -> None:
        """Raises FlashFault, PowerCut: then the old values stay."""
        content = _pack(self.values)
        counter = self._counter + 1
        slot = counter % SLOTS
        if not self._flash.is_blank(slot * SECTOR_BYTES, SECTOR_BYTES):
            self._flash.erase(slot)
        head = _HEAD.pack(_MAGIC, counter, len(content), _check(counter, content))
        self._flash.write_pages(slot * SECTOR_BYTES, head + content)
        self._counter = counter

    def _read(self, slot: int) -> tuple[int, bytes]:
        data = self._flash.read(slot * SECTOR_BYTES, SECTOR_BYTES)
        magic, counter, length, check = _HEAD.unpack_from(data)
        content = data[_HEAD.size : _HEAD.size + length]
        if magic != _MAGIC or len(content) != length or check != _check(counter, content):
            return 0, b""
        return counter, content


def _check(counter: int, content: bytes) -> int:
    return zlib.crc32(counter.to_bytes(4, "big") + content)


def _pack(values: Registers) -> bytes:
    named = {name: getattr(values, name) for name in _FORMATS}
    named |= {name: named[name].to_bytes(16, "big", signed=True) for name in _WIDE}
    numbers = _NUMBERS.pack(*named.values())
    counts = _COUNTS.pack(*values.refused, *values.pruned, *values.coalesced)
    objects = (values.attestation, values.credential, values.watching)
    return numbers + counts + b"".join(_LENGTH.pack(len(raw)) + raw for raw in objects)


def _unpack(content: bytes) -> Registers:
    named = dict(zip(_FORMATS, _NUMBERS.unpack_from(content), strict=True))
    named |= {name: int.from_bytes(named[name], "big", signed=True) for name in _WIDE}
    values = Registers(**named)
    counts = list(_COUNTS.unpack_from(content, _NUMBERS.size))
    values.refused, values.pruned, values.coalesced = counts[:4], counts[4:10], counts[10:]
    at = _NUMBERS.size + _COUNTS.size
    objects = []
    for _ in range(3):
        (length,) = _LENGTH.unpack_from(content, at)
        at += _LENGTH.size
        objects.append(content[at : at + length])
        at += length
    values.attestation, values.credential, values.watching = objects
    return values
