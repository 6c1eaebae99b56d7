"""How the standard writes a field, and what a layout of fields can do.

Parse and build are exact inverses. Parsing raises MalformedError with the field's name:
METER_BAD_LENGTH, METER_NOT_BCD, METER_BAD_TIME, METER_BAD_TEXT. Building raises UsageError
METER_BAD_VALUE for a value that its field cannot hold exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, time
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from construct import (
    Adapter,
    Bytes,
    Construct,
    ConstructError,
    GreedyBytes,
    Struct,
    Terminated,
)

from sealkit.errors import MalformedError, SealkitError, UsageError

Body = TypeVar("Body")

_BAD_BYTES_REMEDY = (
    "Read again; if it stays so, the meter does not keep to JT/T 905.2, or was altered."
)


class _Field(Adapter):  # type: ignore[misc]  # construct has no types
    """A field of `size` bytes that `read` and `write` translate; both know nothing of construct."""

    def __init__(self, size: int) -> None:
        super().__init__(Bytes(size))
        self.size = size

    def read(self, raw: bytes) -> Any:
        raise NotImplementedError

    def write(self, value: Any) -> bytes:
        raise NotImplementedError

    def _decode(self, raw: bytes, context: Any, path: str) -> Any:
        try:
            return self.read(raw)
        except MalformedError as error:
            message = f"The field {_field_name(path)} {error.message}"
            raise MalformedError(error.code, message, error.remedy) from None

    def _encode(self, value: Any, context: Any, path: str) -> bytes:
        # Reading back tells at once whatever does not fit: range, step, digits, precision.
        try:
            raw = self.write(value)
            fits = len(raw) == self.size and self.read(raw) == value
        except (SealkitError, ValueError, TypeError, AttributeError, OverflowError):
            fits = False
        if not fits:
            raise _bad_value(f"The field {_field_name(path)} cannot hold {value!r}.")
        return raw


class Text(_Field):
    """Printable ASCII, padded on the right with zeros."""

    def read(self, raw: bytes) -> str:
        text = raw.rstrip(b"\0")
        # Nothing else is let in: these texts are shown on terminals and stand in reports.
        if not all(0x20 <= character <= 0x7E for character in text):
            raise _malformed("METER_BAD_TEXT", raw, "is not text in ASCII")
        return text.decode("ascii")

    def write(self, value: str) -> bytes:
        return value.encode("ascii").ljust(self.size, b"\0")


class Digits(_Field):
    """BCD that is a number only in name: its digits, leading zeros included."""

    def read(self, raw: bytes) -> str:
        return _digits(raw)

    def write(self, value: str) -> bytes:
        return bytes.fromhex(value)


class Bcd(_Field):
    """A BCD number; `step` is what its last digit is worth in the unit of the field's name."""

    def __init__(self, size: int, step: int = 1) -> None:
        super().__init__(size)
        self.step = step

    def read(self, raw: bytes) -> int:
        return int(_digits(raw)) * self.step

    def write(self, value: int) -> bytes:
        return bytes.fromhex(f"{value // self.step:0{2 * self.size}d}")


class Unsigned(_Field):
    """A big-endian whole number; `step` is what its last bit is worth in the field's unit."""

    def __init__(self, size: int, step: int = 1) -> None:
        super().__init__(size)
        self.step = step

    def read(self, raw: bytes) -> int:
        return int.from_bytes(raw, "big") * self.step

    def write(self, value: int) -> bytes:
        return (value // self.step).to_bytes(self.size, "big")


class Raw(_Field):
    """Bytes as they are."""

    def read(self, raw: bytes) -> bytes:
        return raw

    def write(self, value: bytes) -> bytes:
        return value


class Duration(_Field):
    """hhmm in minutes, mmss or hhmmss in seconds: BCD pairs, below 60 but for the first."""

    def read(self, raw: bytes) -> int:
        first, *others = _pairs(_digits(raw))
        if any(pair >= 60 for pair in others):
            raise _malformed("METER_BAD_TIME", raw, "is no duration")
        for pair in others:
            first = first * 60 + pair
        return first

    def write(self, value: int) -> bytes:
        text = ""
        for _ in range(self.size - 1):
            value, pair = divmod(value, 60)
            text = f"{pair:02d}{text}"
        return bytes.fromhex(f"{value:02d}{text}")


class TimeOfDay(_Field):
    """hhmm."""

    def __init__(self) -> None:
        super().__init__(2)

    def read(self, raw: bytes) -> time:
        try:
            hour, minute = _pairs(_digits(raw))
            return time(hour, minute)
        except ValueError:
            raise _malformed("METER_BAD_TIME", raw, "is no time of day") from None

    def write(self, value: time) -> bytes:
        return bytes.fromhex(f"{value.hour:02d}{value.minute:02d}")


class Moment(_Field):
    """As much of YYYYMMDDhhmmss as `size` bytes hold, or all zero for None."""

    # What a year of two digits leaves out.
    century = ""

    def read(self, raw: bytes) -> datetime | None:
        digits = _digits(raw)
        if not any(raw):
            return None
        digits = self.century + digits
        try:
            return datetime(int(digits[:4]), *_pairs(digits[4:]))  # type: ignore[arg-type]
        except ValueError:
            raise _malformed("METER_BAD_TIME", raw, "is no date and time") from None

    def write(self, value: datetime | None) -> bytes:
        if value is None:
            return bytes(self.size)
        digits = f"{value.year:04d}" + "".join(f"{pair:02d}" for pair in value.timetuple()[1:6])
        start = len(self.century)
        return bytes.fromhex(digits[start : start + 2 * self.size])


class ShortMoment(Moment):
    """YYMMDDhhmm, in the years 2000 to 2099."""

    century = "20"

    def __init__(self) -> None:
        super().__init__(5)


class FieldPlace(NamedTuple):
    """A field's name, offset and size in bytes."""

    name: str
    offset: int
    size: int


class Layout(Generic[Body]):
    """The places of a body's fields. The last may take the `rest`: its possible sizes."""

    def __init__(
        self,
        title: str,
        body: type[Body],
        places: dict[str, Construct],
        rest: range = range(1),
    ) -> None:
        self.title = title
        self._body = body
        self._places = places
        self._struct = Struct(*(name / place for name, place in places.items()), Terminated)
        offset = 0
        table = []
        for name, place in places.items():
            size = 0 if place is GreedyBytes else place.sizeof()
            table.append(FieldPlace(name, offset, size))
            offset += size
        self.fields = tuple(table)
        self._sizes = range(offset + rest.start, offset + rest.stop)
        if list(places) != [field.name for field in fields(body)]:  # type: ignore[arg-type]
            raise TypeError(f"the layout of {title} and its value name different fields")

    @property
    def body(self) -> type[Body]:
        """The class of the values."""
        return self._body

    @property
    def places(self) -> Mapping[str, Construct]:
        """What each field is, by its name, in their order."""
        return MappingProxyType(self._places)

    @property
    def sizes(self) -> range:
        """The sizes in bytes that a body can have."""
        return self._sizes

    def fits(self, size: int) -> bool:
        """Whether a body of this layout can have `size` bytes."""
        return size in self._sizes

    def parse(self, data: bytes) -> Body:
        """The value that exactly these bytes say."""
        if not self.fits(len(data)):
            raise MalformedError(
                "METER_BAD_LENGTH",
                f"The {self.title} has {self._sizes_in_words()} bytes, here are {len(data)}.",
                _BAD_BYTES_REMEDY,
            )
        try:
            found = self._struct.parse(data)
        except ConstructError as error:
            raise MalformedError(
                "METER_BAD_BODY", f"The {self.title} does not parse: {error}.", _BAD_BYTES_REMEDY
            ) from error
        return self._body(**{name: found[name] for name in self._places})

    def parse_field(self, field: FieldPlace, data: bytes) -> Any:
        """The value of one field of the body `data`, whatever the others hold."""
        raw = data[field.offset : field.offset + field.size]
        return (field.name / self._places[field.name]).parse(raw)

    def build(self, body: Body) -> bytes:
        """The bytes that say this value."""
        try:
            data: bytes = self._struct.build({name: getattr(body, name) for name in self._places})
        except ConstructError as error:
            raise _bad_value(f"The {self.title} cannot be built: {error}") from error
        if not self.fits(len(data)):
            raise _bad_value(
                f"The {self.title} has {self._sizes_in_words()} bytes, not {len(data)}."
            )
        return data

    def _sizes_in_words(self) -> str:
        least, most = self._sizes[0], self._sizes[-1]
        return str(least) if least == most else f"{least} to {most}"


def _field_name(path: str) -> str:
    """The field in construct's "(parsing) -> name"."""
    return path.rpartition(" ")[2]


def _digits(raw: bytes) -> str:
    digits = raw.hex()
    if not digits.isdecimal():
        raise _malformed("METER_NOT_BCD", raw, "is not BCD")
    return digits


def _pairs(digits: str) -> list[int]:
    return [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]


def _malformed(code: str, raw: bytes, what: str) -> MalformedError:
    return MalformedError(code, f"({raw.hex().upper()}) {what}.", _BAD_BYTES_REMEDY)


def _bad_value(message: str) -> UsageError:
    return UsageError(
        "METER_BAD_VALUE", message, "Give a value in the field's unit, range and precision."
    )
