"""How a case judges: what a clause asks for beside what was received, field by field.

Every function takes the clause first, so that a failure names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, Final, NoReturn

from sealkit.wire.messages import Answer
from sealkit.wire.registry import Status

_SHOWN_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: its name, what was to be there, what was."""

    name: str
    expected: str
    received: str


class NotConformingError(AssertionError):
    """The seal did not do what a clause asks for."""

    def __init__(self, clause: str, what: str, differences: tuple[Difference, ...] = ()) -> None:
        super().__init__(clause, what, differences)
        self.clause = clause
        self.what = what
        self.differences = differences

    def __str__(self) -> str:
        lines = [f"{self.clause}: {self.what}"]
        for one in self.differences:
            lines += [
                f"  {one.name}:",
                f"    expected {one.expected}",
                f"    received {one.received}",
            ]
        return "\n".join(lines)


def fail(clause: str, what: str) -> NoReturn:
    """The seal breaks `clause`; `what` says in a sentence how."""
    raise NotConformingError(clause, what)


def true(clause: str, condition: object, what: str) -> None:
    """`condition` holds; else `what` says in a sentence what is wrong."""
    if not condition:
        fail(clause, what)


def equal(clause: str, expected: Any, received: Any, what: str) -> None:
    """Both are equal: bytes, numbers, or dataclasses, which are compared field by field."""
    if expected != received:
        raise NotConformingError(clause, what, tuple(_differences(expected, received)))


def fields_of(clause: str, received: Any, expected: Mapping[str, Any], what: str) -> None:
    """`received` has these fields with these values."""
    differences = tuple(
        Difference(name, shown(value), shown(getattr(received, name)))
        for name, value in expected.items()
        if getattr(received, name) != value
    )
    if differences:
        raise NotConformingError(clause, what, differences)


def status(clause: str, expected: Status, answer: Answer, what: str = "") -> Answer:
    """The answer has this status, and a body only if it is of the kind *done* (L-6)."""
    if answer.status != expected:
        raise NotConformingError(
            clause,
            what or "the seal answers with another status",
            (Difference("status", shown(expected), status_name(answer.status)),),
        )
    return answer


def status_name(number: int) -> str:
    """A status by name, if it has one."""
    try:
        return shown(Status(number))
    except ValueError:
        return f"0x{number:02x}, a status that is not in SPEC.md"


def shown(value: Any) -> str:
    """A value for people: bytes in hex, enumerations by name."""
    match value:
        case Enum():
            return f"{value.name.lower()} ({value.value})"
        case bytes():
            text = f"{value.hex(' ')} ({len(value)} bytes)" if value else "no bytes"
        case _:
            text = repr(value)
    return text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "..."


def _differences(expected: Any, received: Any) -> list[Difference]:
    if is_dataclass(expected) and type(expected) is type(received):
        return [
            Difference(field.name, shown(one), shown(other))
            for field in fields(expected)
            if (one := getattr(expected, field.name)) != (other := getattr(received, field.name))
        ]
    return [Difference("value", shown(expected), shown(received))]
