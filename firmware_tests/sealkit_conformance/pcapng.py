"""Recorded traffic as a capture file that Wireshark reads: bytes <-> packets, no file is touched.

The file is pcapng (little-endian): a section header, two interfaces, one enhanced packet block for
each packet. A packet is one frame, or bytes that are none, as they were on the line.

    interface 0  the seal's line   link type 147 (USER0)
    interface 1  the meter's line  link type 148 (USER1)

A packet towards the device is *outbound*, one from it *inbound* (the flags of its block). Times
are microseconds. protocol/wireshark/ has the dissectors for both link types.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from sealkit.errors import MalformedError

PACKET_MAX: Final = 1 << 16
"""Bytes of the largest packet; frames have at most 2,048."""
COMMENT_MAX: Final = 1024
"""Bytes of UTF-8 in a comment."""

_SECTION: Final = 0x0A0D0D0A
_INTERFACE: Final = 1
_PACKET: Final = 6
_ORDER: Final = 0x1A2B3C4D
_UNKNOWN_LENGTH: Final = 0xFFFFFFFFFFFFFFFF
_END_OF_OPTIONS: Final = 0
_COMMENT: Final = 1
_NAME: Final = 2
_FLAGS: Final = 2
_APPLICATION: Final = 4
_RESOLUTION: Final = 9
_MICROSECONDS: Final = 6
_DIRECTION_BITS: Final = 3
_FRAMING: Final = 12  # a block's type and its length, which stands at both ends


class LinkType(IntEnum):
    """Whose line a packet was on, by the link type in the file."""

    SEAL = 147
    METER = 148


class Direction(IntEnum):
    """Which way a packet went, seen from whoever recorded; numbers of the block's flags."""

    UNKNOWN = 0
    FROM_DEVICE = 1
    TO_DEVICE = 2


@dataclass(frozen=True, slots=True)
class CapturedPacket:
    """at_us: microseconds since 1970. data: at most 65,536 bytes. comment: at most 1,024."""

    at_us: int
    link: LinkType
    direction: Direction
    data: bytes
    comment: str = ""


_LINKS: Final = tuple(LinkType)
_LINE_NAMES: Final = {LinkType.SEAL: "seal", LinkType.METER: "meter"}


def capture_head(application: str) -> bytes:
    """What a file begins with. application: the program that records, with its version."""
    section = struct.pack("<IHHQ", _ORDER, 1, 0, _UNKNOWN_LENGTH)
    blocks = [_block(_SECTION, section + _options((_APPLICATION, application.encode())))]
    for link in _LINKS:
        options = _options((_NAME, _LINE_NAMES[link].encode()), (_RESOLUTION, b"\6"))
        blocks.append(_block(_INTERFACE, struct.pack("<HHI", link, 0, PACKET_MAX) + options))
    return b"".join(blocks)


def capture_packet(packet: CapturedPacket) -> bytes:
    """The block of a packet, to follow the head or another packet.

    Raises ValueError for a packet or comment that is too long, or a time that does not fit.
    """
    comment = packet.comment.encode()
    if len(packet.data) > PACKET_MAX or len(comment) > COMMENT_MAX:
        raise ValueError("the packet or its comment is too long")
    if not 0 <= packet.at_us < 1 << 64:
        raise ValueError("the time does not fit")
    size = len(packet.data)
    interface = _LINKS.index(packet.link)
    head = struct.pack(
        "<IIIII", interface, packet.at_us >> 32, packet.at_us & 0xFFFFFFFF, size, size
    )
    options = [(_FLAGS, struct.pack("<I", packet.direction))]
    if comment:
        options.append((_COMMENT, comment))
    return _block(_PACKET, head + _padded(packet.data) + _options(*options))


def read_capture(data: bytes) -> list[CapturedPacket]:
    """The packets of a file, also of one that Wireshark has saved again; a file that was cut off
    gives those before the cut. Packets of other link types are left out.

    Raises MalformedError PCAPNG_MALFORMED.
    """
    packets: list[CapturedPacket] = []
    interfaces: list[_Interface] = []
    order, position = "", 0
    while len(data) - position >= _FRAMING:
        if data[position : position + 4] == b"\x0a\x0d\x0d\x0a":
            order, interfaces = _byte_order(data, position), []
        if not order:
            raise _malformed(position, "it is no pcapng")
        kind, length = struct.unpack_from(f"{order}II", data, position)
        if length < _FRAMING or length % 4:
            raise _malformed(position, f"a block of {length} bytes")
        if length > len(data) - position:
            break
        body = data[position + 8 : position + length - 4]
        try:
            if kind == _INTERFACE:
                interfaces.append(_interface(order, body))
            elif kind == _PACKET:
                packets += _packet(order, body, interfaces)
        except (struct.error, IndexError, UnicodeDecodeError, ValueError):
            raise _malformed(position, "a block that does not hold what it must") from None
        position += length
    if not order:
        raise _malformed(0, "it is no pcapng")
    return packets


class _Interface(NamedTuple):
    """link: None for a type that is not ours. units_per_s: of its times."""

    link: LinkType | None
    units_per_s: int


def _interface(order: str, body: bytes) -> _Interface:
    link, _, _ = struct.unpack_from(f"{order}HHI", body)
    resolution = _read_options(order, body[8:]).get(_RESOLUTION, bytes([_MICROSECONDS]))[0]
    # The highest bit tells whether the exponent is one of 2 or of 10.
    units = 1 << (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    return _Interface(LinkType(link) if link in _LINKS else None, units)


def _packet(order: str, body: bytes, interfaces: list[_Interface]) -> list[CapturedPacket]:
    number, high, low, size, _ = struct.unpack_from(f"{order}IIIII", body)
    start, end = 20, 20 + size
    if end > len(body):
        raise ValueError("the packet is longer than its block")
    link, units_per_s = interfaces[number]
    if link is None:
        return []
    options = _read_options(order, body[end + -size % 4 :])
    flags = struct.unpack(f"{order}I", options[_FLAGS])[0] if _FLAGS in options else 0
    at_us = (high << 32 | low) * 1_000_000 // units_per_s
    direction = Direction(flags & _DIRECTION_BITS)
    comment = options.get(_COMMENT, b"").decode()
    return [CapturedPacket(at_us, link, direction, body[start:end], comment)]


def _read_options(order: str, data: bytes) -> dict[int, bytes]:
    """Each option's value by its code, the last of those that stand more than once."""
    options: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        code, length = struct.unpack_from(f"{order}HH", data, position)
        if code == _END_OF_OPTIONS:
            break
        start = position + 4
        if start + length > len(data):
            raise ValueError("the option is longer than its block")
        options[code] = data[start : start + length]
        position = start + length + -length % 4
    return options


def _byte_order(data: bytes, position: int) -> str:
    for order in "<>":
        if struct.unpack_from(f"{order}I", data, position + 8)[0] == _ORDER:
            return order
    raise _malformed(position, "a section in no known byte order")


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _options(*options: tuple[int, bytes]) -> bytes:
    parts = [struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options]
    return b"".join(parts) + struct.pack("<HH", _END_OF_OPTIONS, 0)


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", len(body) + _FRAMING)
    return struct.pack("<I", kind) + length + body + length


def _malformed(position: int, what: str) -> MalformedError:
    return MalformedError(
        "PCAPNG_MALFORMED",
        f"At byte {position} the capture does not fit: {what}.",
        "Give a pcapng file as `sealkit conformance run --record` or Wireshark writes it.",
    )
