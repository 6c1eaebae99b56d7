"""The little of DER (ITU-T X.690) that a key file needs: a writer and a bounds-checked reader."""

from __future__ import annotations

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30
CONTEXT_0 = 0xA0
CONTEXT_1 = 0xA1


def element(tag: int, *contents: bytes) -> bytes:
    """One element: tag, length, contents one after the other (less than 64 KiB together)."""
    content = b"".join(contents)
    if len(content) < 0x80:
        length = bytes([len(content)])
    else:
        octets = len(content).to_bytes(2, "big").lstrip(b"\0")
        length = bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + length + content


def integer(value: int) -> bytes:
    """An INTEGER that is not negative."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def object_identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted form, "1.2.840..."."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = b""
    for arc in (40 * first + second, *rest):
        octets = bytes([arc & 0x7F])
        while arc := arc >> 7:
            octets = bytes([0x80 | arc & 0x7F]) + octets
        content += octets
    return element(OBJECT_IDENTIFIER, content)


class Reader:
    """Takes elements from the front of `data`, one after the other.

    Every method raises ValueError if what it asks for is not there; nothing is read past the end.
    """

    def __init__(self, data: bytes) -> None:
        self._rest = data

    @property
    def next_tag(self) -> int | None:
        """The tag of the next element; None at the end."""
        return self._rest[0] if self._rest else None

    def take(self, tag: int) -> bytes:
        """The content of the next element, which must have this tag."""
        rest = self._rest
        if len(rest) < 2 or rest[0] != tag:
            raise ValueError(f"expected an element with tag {tag:#04x}")
        length, start = rest[1], 2
        if length >= 0x80:
            start += length & 0x7F
            octets = rest[2:start]
            length = int.from_bytes(octets, "big")
            # DER: the shortest form only. Two octets are more than any key file needs.
            if len(octets) not in (1, 2) or length < 0x80 or octets[0] == 0:
                raise ValueError("a length that is too long or not in its shortest form")
        if len(rest) < start + length:
            raise ValueError("an element that is cut short")
        self._rest = rest[start + length :]
        return rest[start : start + length]

    def enter(self, tag: int = SEQUENCE) -> Reader:
        """A reader of the content of the next element, which must have this tag."""
        return Reader(self.take(tag))

    def take_integer(self) -> int:
        """The next element, an INTEGER that is not negative."""
        content = self.take(INTEGER)
        redundant = len(content) > 1 and content[0] == 0 and content[1] < 0x80
        if not content or content[0] >= 0x80 or redundant:
            raise ValueError("an integer that is negative or not in its shortest form")
        return int.from_bytes(content, "big")

    def expect(self, encoded: bytes) -> None:
        """Takes exactly these bytes."""
        if not self._rest.startswith(encoded):
            raise ValueError("an element other than the one expected")
        self._rest = self._rest[len(encoded) :]

    def end(self) -> None:
        """Nothing may follow."""
        if self._rest:
            raise ValueError("bytes after the last element")
