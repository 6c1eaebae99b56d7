"""The tables of the dissector for the meter's line, from sealkit.meter."""

from __future__ import annotations

from typing import Any

from construct import Bytes, FormatField, GreedyBytes

from sealkit.meter import layouts
from sealkit.meter.commands import EXCHANGES, Direction
from sealkit.meter.decode import BITS, NUMBERS, RESULTS
from sealkit.meter.fields import (
    Bcd,
    Digits,
    Duration,
    Layout,
    Moment,
    ShortMoment,
    Text,
    TimeOfDay,
)
from sealkit.meter.frames import DEVICE_NAMES, MAX_DATA_BYTES, TAXIMETER

# The first that fits: a ShortMoment is a Moment.
KINDS = {
    Bcd: "bcd",
    Text: "text",
    Digits: "digits",
    Duration: "duration",
    TimeOfDay: "time",
    ShortMoment: "short_moment",
    Moment: "moment",
    FormatField: "number",
    Bytes: "bytes",
}
LAYOUTS: dict[str, Layout[Any]] = {
    name.lower(): value for name, value in vars(layouts).items() if isinstance(value, Layout)
}


def meter_tables() -> dict[str, Any]:
    """Commands, layouts and names, as the dissector uses them."""
    return {
        "TAXIMETER": TAXIMETER,
        "MAX_DATA_BYTES": MAX_DATA_BYTES,
        "DEVICE_NAMES": DEVICE_NAMES,
        "COMMAND_NAMES": {
            command.value: exchange.meaning for command, exchange in EXCHANGES.items()
        },
        "EXCHANGES": {
            command.value: [
                "terminal" if exchange.request_direction is Direction.TO_METER else "meter",
                _name(exchange.request),
                *(_name(reply) for reply in exchange.replies),
            ]
            for command, exchange in EXCHANGES.items()
        },
        "SIZES": {name: [layout.sizes[0], layout.sizes[-1]] for name, layout in LAYOUTS.items()},
        "NUMBERS": _by_field(_numbers),
        "BITS": _by_field(lambda body, field: list(BITS.get((body, field), ()))),
        "LAYOUTS": {name: _fields(layout) for name, layout in LAYOUTS.items()},
    }


def _numbers(body: type, field: str) -> dict[int, str]:
    return NUMBERS.get((body, field), RESULTS if field == "result" else {})


def _by_field(meaning: Any) -> dict[str, Any]:
    return {
        f"{name}.{field.name}": found
        for name, layout in LAYOUTS.items()
        for field in layout.fields
        if (found := meaning(layout.body, field.name))
    }


def _name(layout: Layout[Any]) -> str:
    return next(name for name, known in LAYOUTS.items() if known is layout)


def _fields(layout: Layout[Any]) -> list[list[Any]]:
    """Name, kind, bytes, and what the last digit of BCD is worth."""
    rows = []
    for field in layout.fields:
        place = layout.places[field.name]
        if place is GreedyBytes:
            rows.append([field.name, "rest"])
            continue
        kind = next(name for known, name in KINDS.items() if isinstance(place, known))
        step = [place.step] if isinstance(place, Bcd) else []
        rows.append([field.name, kind, field.size, *step])
    return rows
