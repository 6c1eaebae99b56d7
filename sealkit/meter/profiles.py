"""What a maker adds to the standard's commands, read from a file in TOML.

    schema = "sealkit.meter.profile/1"

    [[command]]
    name = "read_k"           # how it is asked for
    title = "read K"          # optional: in words
    device_type = 0x02        # optional: a taximeter, unless said
    vendor = 0x11
    command = 0x1001          # the first byte is not 00: those are the standard's
    request = []              # optional: no data, unless said
    reply = [
        { name = "result", at = 0, size = 1, type = "uint" },
        { name = "k", at = 1, size = 2, type = "bcd", unit = "pulses/km", scale = 1 },
    ]

Each field says where it begins (at), so that a byte told twice, or forgotten, is seen. Types:
bcd and uint are whole numbers, worth `scale` of `unit` per last digit or bit; ascii is padded
with zeros on the right; bytes are shown in hex.
"""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from sealkit.errors import DeviceNotFoundError, MalformedError, UsageError
from sealkit.meter.fields import Bcd, Layout, Raw, Text, Unsigned
from sealkit.meter.frames import MAX_DATA_BYTES, TAXIMETER

SCHEMA: Final = "sealkit.meter.profile/1"
MAX_FILE_BYTES: Final = 65_536
MAX_COMMANDS: Final = 256

_NUMBERS: Final = {"bcd": Bcd, "uint": Unsigned}
_OTHERS: Final[dict[str, tuple[type, Any]]] = {"ascii": (str, Text), "bytes": (bytes, Raw)}
_FROM_TEXT: Final[dict[type, Callable[[str], Any]]] = {int: int, str: str, bytes: bytes.fromhex}
_MAX_NUMBER_BYTES: Final = 8
_MAX_SCALE: Final = 1_000_000
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
# What decoding adds to a field's name.
_ADDED: Final = ("_meaning", "_unit")
_REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class VendorBody:
    """One direction's layout, the kind of each field (int, str, bytes) and, where the file says,
    its unit."""

    layout: Layout[Any]
    kinds: tuple[tuple[str, type], ...]
    units: tuple[tuple[str, str], ...]

    def build(self, texts: dict[str, str]) -> bytes:
        """The bytes of values as a person types them: whole numbers in the field's unit, text, or
        hex for bytes. Raises UsageError METER_WRONG_FIELDS, METER_BAD_VALUE."""
        names = [name for name, _ in self.kinds]
        if sorted(texts) != sorted(names):
            raise UsageError(
                "METER_WRONG_FIELDS",
                f"The {self.layout.title} takes {_listed(names)}, not {_listed(texts)}.",
                "Give each of them once, as name=value.",
            )
        values = SimpleNamespace()
        for name, kind in self.kinds:
            try:
                setattr(values, name, _FROM_TEXT[kind](texts[name]))
            except ValueError:
                raise UsageError(
                    "METER_BAD_VALUE",
                    f"The field {name} cannot hold {texts[name][:80]!r}.",
                    "Numbers are whole and in the field's unit, bytes are in hex.",
                ) from None
        return self.layout.build(values)


@dataclass(frozen=True, slots=True)
class VendorCommand:
    """A command of a maker. device_type and vendor: 8 bits; command: 16 bits."""

    name: str
    title: str
    device_type: int
    vendor: int
    command: int
    request: VendorBody
    reply: VendorBody

    @property
    def number(self) -> tuple[int, int, int]:
        """What tells the command from all others: device type, vendor, command."""
        return self.device_type, self.vendor, self.command


@dataclass(frozen=True, slots=True)
class Profile:
    """The commands of one or more files; no two have the same name or number."""

    commands: tuple[VendorCommand, ...] = ()

    def find(self, device_type: int, vendor: int, command: int) -> VendorCommand | None:
        """The command of that number, if there is one."""
        number = (device_type, vendor, command)
        return next((found for found in self.commands if found.number == number), None)

    def named(self, name: str) -> VendorCommand:
        """Raises UsageError METER_NO_SUCH_COMMAND."""
        for command in self.commands:
            if command.name == name:
                return command
        raise UsageError(
            "METER_NO_SUCH_COMMAND",
            f"The profile has no command {name!r}.",
            f"It has {_listed(command.name for command in self.commands)}.",
        )


def read_profile(*paths: Path) -> Profile:
    """The commands of all these files.

    Raises DeviceNotFoundError METER_PROFILE_UNREADABLE, and what `parse_profile` and
    `join_profiles` raise.
    """
    profiles = []
    for path in paths:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise DeviceNotFoundError(
                "METER_PROFILE_UNREADABLE",
                f"The profile {path} cannot be read: {error.strerror or error}.",
                "Give the path of a profile in TOML.",
            ) from error
        profiles.append(parse_profile(data, str(path)))
    return join_profiles(*profiles)


def join_profiles(*profiles: Profile) -> Profile:
    """All commands in one. Raises MalformedError METER_PROFILE_DUPLICATE."""
    joined: list[VendorCommand] = []
    for command in (command for profile in profiles for command in profile.commands):
        for other in joined:
            if command.name == other.name or command.number == other.number:
                device_type, vendor, number = command.number
                raise MalformedError(
                    "METER_PROFILE_DUPLICATE",
                    f"{other.name} and {command.name} (device type {device_type:02X}, vendor "
                    f"{vendor:02X}, command {number:04X}) have the same name or number.",
                    "Leave one of them out; each name and each number may stand once.",
                )
        joined.append(command)
    return Profile(tuple(joined))


def parse_profile(data: bytes, origin: str = "the profile") -> Profile:
    """The commands that a file's bytes say. origin: how messages call the file.

    Raises MalformedError: METER_PROFILE_NOT_TOML, METER_PROFILE_BAD_VALUE,
    METER_PROFILE_UNKNOWN_TYPE, METER_PROFILE_OVERLAP, METER_PROFILE_GAP,
    METER_PROFILE_STANDARD_COMMAND, METER_PROFILE_DUPLICATE.
    """
    if len(data) > MAX_FILE_BYTES:
        raise _bad_value(origin, f"it has more than {MAX_FILE_BYTES} bytes")
    try:
        content = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise MalformedError(
            "METER_PROFILE_NOT_TOML",
            f"{origin} is not TOML: {reason}.",
            "Write it as the documentation of profiles shows.",
        ) from None
    table = _Table(origin, content)
    if table.take("schema", str) != SCHEMA:
        raise _bad_value(origin, f"its schema is not {SCHEMA}")
    commands = table.tables("command", MAX_COMMANDS)
    table.finish()
    if not commands:
        raise _bad_value(origin, "it has no command")
    return join_profiles(*(Profile((_command(command),)) for command in commands))


class _Table:
    """A table of the file from which everything must be taken."""

    def __init__(self, where: str, values: dict[str, Any]) -> None:
        self.where = where
        self._values = dict(values)

    def take(self, name: str, kind: type, default: Any = _REQUIRED) -> Any:
        value = self._values.pop(name, default)
        if value is _REQUIRED:
            raise _bad_value(self.where, f"{name} is missing")
        # TOML's true is an int of Python.
        if type(value) is not kind:
            raise _bad_value(self.where, f"{name} is no {_KIND_NAMES[kind]}")
        return value

    def number(self, name: str, allowed: range, default: Any = _REQUIRED) -> int:
        value: int = self.take(name, int, default)
        if value not in allowed:
            raise _bad_value(self.where, f"{name} is {value}; {allowed[0]} to {allowed[-1]} can be")
        return value

    def text(self, name: str, default: Any = _REQUIRED) -> str:
        value: str = self.take(name, str, default)
        if len(value) > 80 or not value.isprintable():
            raise _bad_value(self.where, f"{name} is too long, or cannot be printed")
        return value

    def name(self) -> str:
        value: str = self.take("name", str)
        if not _NAME.fullmatch(value) or keyword.iskeyword(value) or value.endswith(_ADDED):
            raise _bad_value(self.where, f"{value[:60]!r} can be no name")
        return value

    def tables(self, name: str, most: int) -> list[_Table]:
        values = self.take(name, list, [])
        if len(values) > most or not all(isinstance(value, dict) for value in values):
            raise _bad_value(self.where, f"{name} is no list of at most {most} tables")
        return [
            _Table(f"{self.where}, {name} {number}", value)
            for number, value in enumerate(values, start=1)
        ]

    def finish(self) -> None:
        if self._values:
            raise _bad_value(self.where, f"{next(iter(self._values))[:60]!r} means nothing here")


_KIND_NAMES: Final = {int: "whole number", str: "text", list: "list"}


def _command(table: _Table) -> VendorCommand:
    name = table.name()
    command = VendorCommand(
        name,
        table.text("title", name.replace("_", " ")),
        table.number("device_type", range(0x100), TAXIMETER),
        table.number("vendor", range(0x100)),
        table.number("command", range(0x10000)),
        _body(table, f"request of {name}", table.tables("request", MAX_DATA_BYTES)),
        _body(table, f"reply to {name}", table.tables("reply", MAX_DATA_BYTES)),
    )
    table.finish()
    if command.command < 0x100:
        raise MalformedError(
            "METER_PROFILE_STANDARD_COMMAND",
            f"{table.where}: {command.command:04X} is a command of the standard.",
            "A maker's command has a first byte other than 00.",
        )
    return command


def _body(table: _Table, title: str, fields: list[_Table]) -> VendorBody:
    places: dict[str, Any] = {}
    kinds: list[tuple[str, type]] = []
    units = []
    end = 0
    for field in fields:
        name = field.name()
        if name in places:
            raise _bad_value(field.where, f"the name {name} stands twice")
        at = field.number("at", range(MAX_DATA_BYTES))
        if at != end:
            raise _misplaced(field.where, title, name, at, end)
        kind, places[name], unit = _place(field)
        kinds.append((name, kind))
        if unit:
            units.append((name, unit))
        end = at + places[name].size
        field.finish()
    if end > MAX_DATA_BYTES:
        raise _bad_value(table.where, f"the {title} has more than {MAX_DATA_BYTES} bytes")
    value = make_dataclass("VendorValue", kinds, frozen=True, slots=True)
    return VendorBody(Layout(title, value, places), tuple(kinds), tuple(units))


def _place(field: _Table) -> tuple[type, Any, str]:
    """The kind of a field's values, what reads and writes them, and their unit."""
    kind = field.take("type", str)
    if kind in _NUMBERS:
        size = field.number("size", range(1, _MAX_NUMBER_BYTES + 1))
        scale = field.number("scale", range(1, _MAX_SCALE + 1), 1)
        return int, _NUMBERS[kind](size, scale), field.text("unit", "")
    if kind in _OTHERS:
        values, place = _OTHERS[kind]
        return values, place(field.number("size", range(1, MAX_DATA_BYTES + 1))), ""
    raise MalformedError(
        "METER_PROFILE_UNKNOWN_TYPE",
        f"{field.where}: {kind[:60]!r} is no type of a field.",
        f"Use one of {_listed([*_NUMBERS, *_OTHERS])}.",
    )


def _misplaced(where: str, title: str, name: str, at: int, end: int) -> MalformedError:
    if at < end:
        return MalformedError(
            "METER_PROFILE_OVERLAP",
            f"{where}: in the {title}, {name} begins at {at}, before the field ahead of it ends "
            f"at {end}.",
            "Each byte belongs to one field; fields stand in their order.",
        )
    return MalformedError(
        "METER_PROFILE_GAP",
        f"{where}: in the {title}, no field says what bytes {end} to {at - 1} are; {name} begins "
        f"at {at}.",
        "Describe what is unknown as a field of type bytes.",
    )


def _bad_value(where: str, what: str) -> MalformedError:
    return MalformedError(
        "METER_PROFILE_BAD_VALUE",
        f"{where}: {what}.",
        "Write it as the documentation of profiles shows.",
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"
