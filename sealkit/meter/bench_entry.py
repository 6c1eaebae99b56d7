"""The bench's values as a person enters them: a TOML file, made into a result sheet."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sealkit.errors import UsageError
from sealkit.meter.calibration import (
    MARK_MAX,
    WAITING_TOLERANCE,
    Point,
    ResultSheet,
    Subject,
    Tolerance,
)

ENTRY_MAX: Final = 64 * 1024
"""Bytes of a file."""
_TEXT_MAX: Final = 64
_PPM_MAX: Final = 100_000
_K: Final = range(500, 65_536)
_DEVICE_DIGITS: Final = 10

TEMPLATE: Final = """\
# What a verification bench measured. Read the meter where its display jumps.
meter_device = "0102004711"     # ten digits
plate = "A12345"
k_pulses_per_km = 1000          # as it is set in the meter
tyre_size = "195/65R15"
bench = "roller 3"
# waiting_tolerance_percent = 1.0

# One table a point: where the meter's display jumped, and what the roller said in each run.
[[distance]]
shown_km = 3.0
measured_km = [3.046, 3.045, 3.047]

[[distance]]
shown_km = 5.0
measured_km = [5.076, 5.077, 5.075]

# The same for waiting; leave it out if it was not checked.
[[waiting]]
shown_s = 240
measured_s = [240.1, 239.9, 240.0]
"""


def sheet_of_entry(data: bytes, *, now: int) -> ResultSheet:
    """The sheet that an entered file comes to. now: seconds since 1970, the time of the check.

    Raises UsageError CHECK_MALFORMED, CHECK_INCOMPLETE.
    """
    try:
        values = tomllib.loads(data.decode("utf-8"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise _bad("the file", f"no TOML: {error}") from None
    subject = Subject(
        meter_device=_digits(values, "meter_device"),
        plate=_text(values, "plate"),
        k_pulses_per_km=_k(values),
        tyre_size=_text(values, "tyre_size"),
        bench=_text(values, "bench"),
        time=now,
    )
    distance = _points(values, "distance", "km", 1_000_000)
    waiting = _points(values, "waiting", "s", 1_000)
    tolerance = _waiting_tolerance(values)
    if values:
        raise _bad(next(iter(values)), "not known")
    return ResultSheet(subject, distance, waiting, tolerance)


def _text(values: dict[str, Any], name: str) -> str:
    value = values.pop(name, None)
    if not isinstance(value, str) or not 1 <= len(value) <= _TEXT_MAX:
        raise _bad(name, f"not 1 to {_TEXT_MAX} characters of text")
    return value


def _digits(values: dict[str, Any], name: str) -> str:
    text = _text(values, name)
    if len(text) != _DEVICE_DIGITS or not (text.isascii() and text.isdecimal()):
        raise _bad(name, f"not {_DEVICE_DIGITS} digits")
    return text


def _k(values: dict[str, Any]) -> int:
    k = values.pop("k_pulses_per_km", None)
    if type(k) is not int or k not in _K:
        raise _bad("k_pulses_per_km", f"no whole number from {_K.start} to {_K.stop - 1}")
    return k


def _points(values: dict[str, Any], name: str, unit: str, factor: int) -> tuple[Point, ...]:
    tables = values.pop(name, [])
    if not isinstance(tables, list):
        raise _bad(name, f"write it as [[{name}]]")
    return tuple(_point(table, name, unit, factor) for table in tables)


def _point(table: Any, name: str, unit: str, factor: int) -> Point:
    shown, measured = f"shown_{unit}", f"measured_{unit}"
    if not isinstance(table, Mapping) or set(table) != {shown, measured}:
        raise _bad(name, f"each point has {shown} and {measured}")
    if not isinstance(table[measured], list):
        raise _bad(f"{name}.{measured}", "no list, one value a run")
    return Point(
        _scaled(table[shown], f"{name}.{shown}", factor),
        tuple(_scaled(value, f"{name}.{measured}", factor) for value in table[measured]),
    )


def _waiting_tolerance(values: dict[str, Any]) -> Tolerance:
    name = "waiting_tolerance_percent"
    if name not in values:
        return WAITING_TOLERANCE
    ppm = _scaled(values.pop(name), name, 10_000)
    if not 0 < ppm <= _PPM_MAX:
        raise _bad(name, "not above 0 and up to 10")
    return Tolerance(-ppm, ppm)


def _scaled(value: Any, where: str, factor: int) -> int:
    """A number with decimals in a smaller unit, exactly."""
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise _bad(where, f"{value!r} is no number")
    number = Decimal(value)
    if not number.is_finite() or not 0 <= number <= MARK_MAX:
        raise _bad(where, f"{value} is negative or too large")
    exact = number * factor
    if exact != exact.to_integral_value():
        raise _bad(where, f"{value} is finer than a bench reads")
    return int(exact)


def _bad(where: str, what: str) -> UsageError:
    return UsageError(
        "CHECK_MALFORMED",
        f"In the entered values, {where}: {what}.",
        "Compare them with the template: `sealkit meter check --template`.",
    )
