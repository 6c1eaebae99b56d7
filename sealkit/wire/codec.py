"""Layouts of the registry as codecs: bytes to frozen dataclasses and back, exactly.

A layout of fixed fields is read with `struct`, any other with `construct` (interpreted, so that a
short read is an error, and ended by `Terminated`, so that bytes left over are one: N-3).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import make_dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any, Final, Generic, TypeVar

import construct as c

from sealkit.errors import MalformedError, UsageError
from sealkit.wire.registry import LAYOUTS, TagType
from sealkit.wire.tags import TAG_BYTES, check_tag, domain_tag

T = TypeVar("T")

_STRUCT_CODES: Final = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i16": "h", "tag": "10s"}
_REMEMBERED: Final = 256
"""Enough for the orders of one seal, which a history is read for again and again."""
_INTEGERS: Final = {
    "u8": c.Int8ub,
    "u16": c.Int16ub,
    "u32": c.Int32ub,
    "u64": c.Int64ub,
    "i16": c.Int16sb,
    "tag": c.Bytes(TAG_BYTES),
}


class _Ascii(c.Adapter):  # type: ignore[misc]
    """Printable ASCII padded on the right with 00 to a fixed size."""

    def _decode(self, obj: bytes, context: Any, path: str) -> str:
        text = obj.rstrip(b"\0")
        if any(not 0x20 <= byte <= 0x7E for byte in text):
            raise c.ValidationError("not printable ASCII", path=path)
        return text.decode("ascii")

    def _encode(self, obj: str, context: Any, path: str) -> bytes:
        data = obj.encode("ascii")
        if len(data) > self.subcon.sizeof() or any(not 0x20 <= byte <= 0x7E for byte in data):
            raise c.ValidationError("not printable ASCII, or too long", path=path)
        return data.ljust(self.subcon.sizeof(), b"\0")


class _Text(c.Adapter):  # type: ignore[misc]
    """UTF-8 behind a length byte, at most `limit` bytes."""

    def __init__(self, subcon: Any, limit: int) -> None:
        super().__init__(subcon)
        self.limit = limit

    def _decode(self, obj: bytes, context: Any, path: str) -> str:
        if len(obj) > self.limit:
            raise c.ValidationError(f"longer than {self.limit} bytes", path=path)
        return obj.decode("utf-8")

    def _encode(self, obj: str, context: Any, path: str) -> bytes:
        data = obj.encode("utf-8")
        if len(data) > self.limit:
            raise c.ValidationError(f"longer than {self.limit} bytes", path=path)
        return data


class _Data(c.Adapter):  # type: ignore[misc]
    """Bytes behind a length of two bytes, at most `limit`."""

    def __init__(self, subcon: Any, limit: int) -> None:
        super().__init__(subcon)
        self.limit = limit

    def _check(self, obj: bytes, path: str) -> bytes:
        if len(obj) > self.limit:
            raise c.ValidationError(f"longer than {self.limit} bytes", path=path)
        return obj

    def _decode(self, obj: bytes, context: Any, path: str) -> bytes:
        return self._check(obj, path)

    def _encode(self, obj: bytes, context: Any, path: str) -> bytes:
        return self._check(obj, path)


class _List(c.Adapter):  # type: ignore[misc]
    """Items behind a count byte, at most `limit`; each item of `codec`, if there is one."""

    def __init__(self, subcon: Any, limit: int, codec: Codec[Any] | None) -> None:
        super().__init__(subcon)
        self.limit = limit
        self.codec = codec

    def _decode(self, obj: Any, context: Any, path: str) -> tuple[Any, ...]:
        if len(obj) > self.limit:
            raise c.ValidationError(f"more than {self.limit} items", path=path)
        if self.codec is None:
            return tuple(obj)
        return tuple(self.codec.from_values(dict(item)) for item in obj)

    def _encode(self, obj: tuple[Any, ...], context: Any, path: str) -> list[Any]:
        if len(obj) > self.limit:
            raise c.ValidationError(f"more than {self.limit} items", path=path)
        if self.codec is None:
            return list(obj)
        return [self.codec.to_values(item) for item in obj]


def _struct_code(kind: str) -> str | None:
    name, *rest = kind.split(":")
    if name == "bytes":
        return f"{rest[0]}s"
    return _STRUCT_CODES.get(name)


def _field(kind: str, item: Codec[Any] | None) -> Any:
    name, *rest = kind.split(":")
    match name:
        case "bytes":
            return c.Bytes(int(rest[0]))
        case "ascii":
            return _Ascii(c.Bytes(int(rest[0])))
        case "text8":
            return _Text(c.Prefixed(c.Int8ub, c.GreedyBytes), int(rest[0]))
        case "data16":
            return _Data(c.Prefixed(c.Int16ub, c.GreedyBytes), int(rest[0]))
        case "datas8":
            data = c.Prefixed(c.Int16ub, c.GreedyBytes)
            return _List(c.PrefixedArray(c.Int8ub, data), int(rest[0]), None)
        case "list8":
            if item is None:
                raise TypeError(f"{kind} needs a codec for its items")
            return _List(c.PrefixedArray(c.Int8ub, item.fields_construct()), int(rest[1]), item)
        case "rest":
            return c.GreedyBytes
        case _:
            return _INTEGERS[name]


class Codec(Generic[T]):
    """Parses and builds one layout of the registry.

    The dataclass has the layout's fields by name; in place of a domain tag it has `suite`, and a
    dataclass with a field `raw` keeps the bytes it was parsed from, over which its signature is
    checked (T-3). `enums` names the fields whose values are enumerated. `remembered`: of a layout
    that `construct` reads, how many objects are kept for when the same bytes come again.

    Errors: `MalformedError` from `parse` (MALFORMED, or WRONG_SUITE and WRONG_VERSION from the
    tag), `UsageError` VALUE_OUT_OF_RANGE from `build`.
    """

    def __init__(
        self,
        cls: type[T],
        layout: str,
        *,
        tag: TagType | None = None,
        enums: Mapping[str, type[IntEnum]] | None = None,
        items: Mapping[str, Codec[Any]] | None = None,
        remembered: int = _REMEMBERED,
    ) -> None:
        self.layout = layout
        self._class = cls
        self._tag = tag
        self._fields = LAYOUTS[layout]
        # By number, since a dictionary is much faster than a call of the enumeration.
        self._members = {
            name: {int(member): member for member in enum} for name, enum in (enums or {}).items()
        }
        self._enumerated_fields = [
            (index, self._members[name])
            for index, (name, _) in enumerate(self._fields)
            if name in self._members
        ]
        self._keeps_raw = any(field.name == "raw" for field in dataclass_fields(cls))  # type: ignore[arg-type]
        self._construct_fields = {
            name: _field(kind, (items or {}).get(name)) for name, kind in self._fields
        }
        codes = [_struct_code(kind) for _, kind in self._fields]
        self._struct = (
            struct.Struct(">" + "".join(code for code in codes if code)) if all(codes) else None
        )
        self._names = [name for name, _ in self._fields]
        sized = [
            (name, struct.calcsize(code))
            for name, code in zip(self._names, codes, strict=True)
            if code is not None and code.endswith("s")
        ]
        self._lengths = tuple(length for _, length in sized)
        self._sized = [name for name, _ in sized]
        self._construct = c.Struct(
            **self._construct_fields, **({} if self._struct else {"_end": c.Terminated})
        )
        self._parse_again = lru_cache(maxsize=remembered)(self._parse)

    def fields_construct(self) -> Any:
        """The fields alone, for a list of this layout inside another."""
        return c.Struct(**self._construct_fields)

    def parse(self, raw: bytes) -> T:
        """The object in exactly these bytes."""
        return self._parse(raw) if self._struct is not None else self._parse_again(raw)

    def _parse(self, raw: bytes) -> T:
        if self._tag is not None:
            suite = check_tag(raw, self._tag)
        if self._struct is not None:
            if len(raw) != self._struct.size:
                raise self._malformed(f"{len(raw)} bytes instead of {self._struct.size}")
            values: list[Any] = list(self._struct.unpack(raw))
        else:
            try:
                parsed = self._construct.parse(raw)
            except (c.ConstructError, UnicodeDecodeError) as error:
                raise self._malformed(_reason(error)) from None
            values = [parsed[name] for name, _ in self._fields]
        for index, members in self._enumerated_fields:
            member = members.get(values[index])
            if member is None:
                raise self._no_value(self._names[index], values[index])
            values[index] = member
        if self._tag is not None:
            values[0] = suite
        if self._keeps_raw:
            values.append(raw)
        made = self._draft(*values)
        made.__class__ = self._class
        return made

    @cached_property
    def _draft(self) -> Callable[..., T]:
        """What makes objects of the class from all their fields, in a third of the usual time.

        A frozen dataclass sets each field by a call. A draft with the same slots sets them as any
        object does, and then becomes one of the class.
        """
        names = [field.name for field in dataclass_fields(self._class)]  # type: ignore[arg-type]
        return make_dataclass("Draft", names, bases=self._class.__bases__, eq=False, slots=True)

    def build(self, value: T) -> bytes:
        """The bytes of an object."""
        return self.assemble(self.to_values(value))

    def assemble(self, values: Mapping[str, Any], until: str | None = None) -> bytes:
        """The bytes of these fields; with `until`, of those before that field (what is signed)."""
        if until is None and self._struct is not None:
            quickly = self._pack(self._struct, values)
            if quickly is not None:
                return quickly
        parts = []
        for name, _ in self._fields:
            if name == until:
                break
            value = values[name]
            try:
                parts.append(self._construct_fields[name].build(value))
            except (c.ConstructError, UnicodeEncodeError, TypeError) as error:
                raise UsageError(
                    "VALUE_OUT_OF_RANGE",
                    f"{self.layout}.{name} cannot be {value!r:.60}: {_reason(error)}.",
                    "See protocol/SPEC.md for the field's range.",
                ) from None
        return b"".join(parts)

    def _pack(self, layout: struct.Struct, values: Mapping[str, Any]) -> bytes | None:
        """The bytes at once; None where a value does not fit, which the slow way tells better."""
        try:
            # To `struct` bytes of any length fit.
            if tuple([len(values[name]) for name in self._sized]) != self._lengths:
                return None
            return layout.pack(*[values[name] for name in self._names])
        except (struct.error, TypeError):
            return None

    def span(self, first: str, last: str) -> slice:
        """Where these fields, and those between, stand in the bytes of a layout of fixed fields."""
        if self._struct is None:
            raise TypeError(f"{self.layout} has no fixed places")
        ends = list(accumulate(field.sizeof() for field in self._construct_fields.values()))
        begins = dict(zip(self._names, [0, *ends], strict=False))
        return slice(begins[first], ends[self._names.index(last)])

    def unsigned(self, suite: int, values: Mapping[str, Any], until: str = "signature") -> bytes:
        """What is signed: the domain tag and all fields before the signature (T-3)."""
        if self._tag is None:
            raise TypeError(f"{self.layout} has no domain tag")
        return self.assemble({**values, "tag": domain_tag(suite, self._tag)}, until)

    def from_values(self, values: Mapping[str, Any]) -> T:
        """The object with these fields, enumerations checked."""
        return self._class(
            *(
                self._enumerated(name, values[name]) if name in self._members else values[name]
                for name, _ in self._fields
            )
        )

    def to_values(self, value: T) -> dict[str, Any]:
        """The fields of an object as the layout has them."""
        result = {name: getattr(value, name) for name, kind in self._fields if kind != "tag"}
        if self._tag is not None:
            result["tag"] = domain_tag(value.suite, self._tag)  # type: ignore[attr-defined]
        return result

    def _enumerated(self, name: str, number: int) -> IntEnum:
        try:
            return self._members[name][number]
        except KeyError:
            raise self._no_value(name, number) from None

    def _no_value(self, name: str, number: int) -> MalformedError:
        return self._malformed(f"{name} has no value {number}")

    def _malformed(self, reason: str) -> MalformedError:
        return MalformedError(
            "MALFORMED",
            f"These bytes are no {self.layout.replace('_', ' ')}: {reason}.",
            "Read them again; if it repeats, they were altered or come from another version.",
        )


def _reason(error: Exception) -> str:
    """The last line of construct's message, without its path."""
    lines = [line for line in str(error).splitlines() if line and not line.startswith("Error in")]
    return lines[-1].rstrip(".") if lines else type(error).__name__
