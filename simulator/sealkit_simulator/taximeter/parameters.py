"""What a meter holds and tells, changed by name: as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time
from typing import Any, get_type_hints

from sealkit.errors import UsageError
from sealkit.meter import layouts
from sealkit.meter.bodies import FareParameters, MeterStatus

_STATUS_TYPES: dict[str, Any] = get_type_hints(MeterStatus)
_FARE_TYPES: dict[str, Any] = get_type_hints(FareParameters)
_FROM_TEXT: dict[Any, Callable[[str], Any]] = {
    int: int,
    str: str,
    bytes: bytes.fromhex,
    time: time.fromisoformat,
    datetime | None: datetime.fromisoformat,
}


def changed(
    status: MeterStatus, fare: FareParameters, name: str, value: str
) -> tuple[MeterStatus, FareParameters]:
    """Both, one of them with the field `name` at `value`; only if the whole still builds.

    name: a field of `FareParameters` or `MeterStatus`, or "software_version". value: as a person
    types it: whole numbers, 23:00, 2025-07-01T00:00, hex for bytes, 2.8 for a version.
    Raises UsageError METER_BAD_VALUE, METER_NO_SUCH_PARAMETER.
    """
    texts = {name: value}
    if name == "software_version":
        main, dot, minor = value.partition(".")
        if not dot:
            raise _bad_value(name, value)
        texts = {"software_main": main, "software_minor": minor}
    if texts.keys() <= _STATUS_TYPES.keys():
        status = replace(status, **_typed(_STATUS_TYPES, texts))
        layouts.STATUS.build(status)
    elif texts.keys() <= _FARE_TYPES.keys():
        fare = replace(fare, **_typed(_FARE_TYPES, texts))
        layouts.FARE_PARAMETERS.build(fare)
    else:
        raise UsageError(
            "METER_NO_SUCH_PARAMETER",
            f"The taximeter has no parameter {name}.",
            f"Use one of: {', '.join([*_FARE_TYPES, *_STATUS_TYPES, 'software_version'])}.",
        )
    return status, fare


def _typed(types: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    values = {}
    for name, text in texts.items():
        try:
            values[name] = _FROM_TEXT[types[name]](text)
        except ValueError as error:
            raise _bad_value(name, text) from error
    return values


def _bad_value(name: str, text: str) -> UsageError:
    return UsageError(
        "METER_BAD_VALUE",
        f"{name} cannot be {text!r}.",
        "Give a value in the field's unit: a whole number, 23:00, 2025-07-01T00:00, hex, 2.8.",
    )
