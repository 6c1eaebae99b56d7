"""Files of items: a head, items of stated kinds in a stated order, a closing digest (SPEC.md 12).

Exports and evidence bundles are such files; they differ in their magic and their kinds.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from sealkit.errors import MalformedError, UsageError

VERSION: Final = 1
END_KIND: Final = 255
ITEM_MAX: Final = 2048
DIGEST_BYTES: Final = 32
_HEADER: Final = struct.Struct(">8sBB")
_ITEM: Final = struct.Struct(">BH")
_END: Final = struct.Struct(">BI32s")


@dataclass(frozen=True, slots=True)
class ItemRule:
    """One kind of item: how often it may stand, how many bytes it may have, and whether each
    begins with a number that rises from one to the next."""

    kind: int
    most: int | None = None
    bytes_max: int = ITEM_MAX
    numbered: bool = False

    def objection(self, item: bytes, before: Sequence[bytes]) -> str | None:
        """What is wrong with an item behind those of its kind; None if nothing is."""
        if len(item) > self.bytes_max:
            return f"an item of {len(item)} bytes, over {self.bytes_max}"
        if len(before) == self.most:
            often = "once" if self.most == 1 else f"{self.most} times"
            return f"an item that may stand only {often}"
        if self.numbered:
            if not item:
                return "an empty parameter group"
            if before and item[0] <= before[-1][0]:
                return "a parameter group out of its place"
        return None


class ItemFile(NamedTuple):
    """What was found in a file. items: by kind, in their order, without those of which there is
    none. `digested` is how many of its bytes `closing_digest` covers; whether it holds is for the
    caller, who knows the suite."""

    suite: int
    items: Mapping[int, Sequence[bytes]]
    digested: int
    closing_digest: bytes

    def only(self, kind: int) -> bytes | None:
        """The item of a kind that stands once at most."""
        found = self.items.get(kind)
        return found[0] if found else None

    def all(self, kind: int) -> tuple[bytes, ...]:
        """All items of a kind."""
        return tuple(self.items.get(kind, ()))

    def numbered(self, kind: int) -> tuple[tuple[int, bytes], ...]:
        """Number and bytes of each item of a kind that is numbered."""
        return tuple([(item[0], item[1:]) for item in self.items.get(kind, ())])


File = TypeVar("File", bound=ItemFile)


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file. name: what a person calls it, with its article. code: how its error codes
    begin. rules: the kinds in the order in which they stand. bytes_max: of the whole file."""

    name: str
    code: str
    magic: bytes
    rules: tuple[ItemRule, ...]
    bytes_max: int
    remedy: str
    _places: dict[int, tuple[int, ItemRule]] = field(init=False, repr=False, compare=False)
    _item_max: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Worked out once, since a station reads thousands of files.
        places = {rule.kind: (place, rule) for place, rule in enumerate(self.rules)}
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "_item_max", max(rule.bytes_max for rule in self.rules))

    def build(
        self, suite: int, digest: Callable[[bytes], bytes], items: Iterable[tuple[int, bytes]]
    ) -> bytes:
        """The file; the items have to be in order.

        Errors: `UsageError` VALUE_OUT_OF_RANGE for an item that is too long.
        """
        parts = [_HEADER.pack(self.magic, VERSION, suite)]
        for kind, data in items:
            most = self._places[kind][1].bytes_max
            if len(data) > most:
                raise UsageError(
                    "VALUE_OUT_OF_RANGE",
                    f"An item of kind {kind} has {len(data)} bytes, over {most}.",
                    "See protocol/SPEC.md for the item's limit.",
                )
            parts += (_ITEM.pack(kind, len(data)), data)
        parts.append(struct.pack(">BI", END_KIND, len(parts) // 2))
        body = b"".join(parts)
        return body + digest(body)

    def is_one(self, data: bytes) -> bool:
        """Whether a file claims to be of this form."""
        return data.startswith(self.magic)

    def may_be_one(self, start: bytes) -> bool:
        """Whether a file that begins so is of this form, or was until it was cut in its magic."""
        return self.magic.startswith(start[: len(self.magic)])

    def parse(self, data: bytes, file: type[File]) -> File:
        """The items of a whole file, as such an object.

        Errors: `MalformedError` with code `..._TRUNCATED`, `..._ALTERED` (with the offset), or
        WRONG_VERSION.
        """
        if len(data) > self.bytes_max:
            raise self.altered(self.bytes_max, f"larger than {self.name} can be")
        if not self.may_be_one(data):
            raise self.altered(0, f"not the first bytes of {self.name}")
        if len(data) < _HEADER.size:
            raise self._cut_or_altered(data, 0, "inside its head")
        _, version, suite = _HEADER.unpack_from(data)
        if version != VERSION:
            raise MalformedError(
                "WRONG_VERSION", f"The file is of version {version}.", "Update sealkit."
            )
        places, most, end = self._places, self._item_max, len(data)
        items: dict[int, list[bytes]] = {}
        offset, reached, count = _HEADER.size, 0, 0
        while True:
            if offset >= end:
                raise self._cut_or_altered(data, offset, "before its closing item")
            if data[offset] == END_KIND:
                break
            start = offset + _ITEM.size
            if start > end:
                raise self._cut_or_altered(data, offset, "inside the head of an item")
            kind, length = _ITEM.unpack_from(data, offset)
            if length > most:
                raise self.altered(offset, f"an item of {length} bytes, over {most}")
            if start + length > end:
                raise self._cut_or_altered(data, offset, "inside an item")
            if kind not in places:
                raise self.altered(offset, f"an item of unknown kind {kind}")
            item, (place, rule) = data[start : start + length], places[kind]
            if place < reached:
                raise self.altered(offset, "an item out of its place")
            before = items.setdefault(kind, [])
            # Whether one can be wrong at all is seen faster here; there may be a million of them.
            if length > rule.bytes_max or rule.numbered or len(before) == rule.most:
                wrong = rule.objection(item, before)
                if wrong is not None:
                    raise self.altered(offset, wrong)
            before.append(item)
            offset, reached, count = start + length, place, count + 1
        return file(suite, items, end - DIGEST_BYTES, self._closing(data, offset, count))

    def altered(self, where: int, what: str) -> MalformedError:
        """The error that at this byte there is something that nobody writes there."""
        return MalformedError(
            f"{self.code}_ALTERED", f"At byte {where} of the file: {what}.", self.remedy
        )

    def _closing(self, data: bytes, offset: int, count: int) -> bytes:
        left = len(data) - offset
        if left < _END.size:
            raise self._cut_or_altered(data, offset, "inside its closing item")
        if left > _END.size:
            raise self._cut_or_altered(data, offset, "with more after its closing item")
        _, told, closing = _END.unpack_from(data, offset)
        if told != count:
            raise self.altered(offset, f"{told} items told, {count} found")
        return bytes(closing)

    def _cut_or_altered(self, data: bytes, where: int, what: str) -> MalformedError:
        """A file that still ends in an end was not cut: what led past it was altered (X-3)."""
        end = len(data) - _END.size
        if end >= _HEADER.size:
            kind, count, _ = _END.unpack_from(data, end)
            if kind == END_KIND and count * _ITEM.size <= end:
                return self.altered(where, what)
        return MalformedError(
            f"{self.code}_TRUNCATED", f"The file ends after {len(data)} bytes, {what}.", self.remedy
        )
