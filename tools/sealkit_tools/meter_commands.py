"""`sealkit meter`: a taximeter's frames explained, a taximeter's parameters read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import Any

import click

from sealkit.errors import UsageError
from sealkit_tools.check_commands import check
from sealkit_tools.language import say
from sealkit_tools.options import json_option
from sealkit_tools.output import print_facts, print_json
from sealkit_tools.trips_commands import trips

_READ_SCHEMA = "sealkit.meter.read/1"
_LINE_CHARACTERS = 44


@click.group()
def meter() -> None:
    """Read a taximeter; decode its frames (JT/T 905.2)."""


meter.add_command(trips)
meter.add_command(check)


@meter.command()
@click.argument("frame_hex", metavar="HEX")
@json_option
def decode(frame_hex: str, as_json: bool) -> None:
    """Explain one frame, given in hex."""
    from sealkit.meter.decode import describe

    described = describe(_from_hex(frame_hex))
    if as_json:
        print_json(**described)
    else:
        # The data were just typed in, and the body says what they mean.
        frame = {name: value for name, value in described["frame"].items() if name != "data"}
        print_facts("Frame", _rows(frame))
        print_facts("Body", _rows(described["body"]))


@meter.command()
@click.argument("spec")
@json_option
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0.05, 60),
    default=1.0,
    show_default=True,
    help="Seconds for one attempt.",
)
@click.option(
    "--retries",
    type=click.IntRange(0, 20),
    default=2,
    show_default=True,
    help="How often to ask again.",
)
def read(spec: str, as_json: bool, timeout_s: float, retries: int) -> None:
    """Read who the taximeter at SPEC is, and its fare parameters."""
    from datetime import datetime

    from sealkit.meter.client import MeterClient
    from sealkit.meter.decode import body_as_json
    from sealkit.meter.settings import LineSettings
    from sealkit.transport import open_transport

    with open_transport(spec, line="meter") as transport:
        client = MeterClient(transport, LineSettings(timeout_s, retries))
        # The request carries the terminal's clock, which is local.
        status = body_as_json(client.status(datetime.now()))
        fare = client.fare_parameters()
    parameters = body_as_json(fare.parameters)
    if as_json:
        print_json(
            _READ_SCHEMA,
            spec=spec,
            status=status,
            fare_parameters=parameters,
            fare_raw=fare.raw.hex(),
        )
    else:
        print_facts("Taximeter", _rows(status))
        print_facts("Fare parameters", _rows(parameters))


def _from_hex(text: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if not data:
        raise UsageError(
            "NOT_HEX", "The frame is not given in hex.", "Give pairs of hex digits, as 55AA0004..."
        )
    return data


def _rows(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields and values as people read them; a coded value with its meaning in the same row."""
    for name, value in values.items():
        if name.endswith("_meaning"):
            continue
        # Long bytes are folded, or the table would cut them off.
        shown = "-" if value in (None, "") else "\n".join(wrap(str(value), _LINE_CHARACTERS))
        title = name
        for suffix, in_words in _UNITS.items():
            if name.endswith(suffix):
                title, shown = name.removesuffix(suffix), in_words(value)
                break
        meaning = values.get(f"{name}_meaning")
        chinese = say(name)
        title = title.replace("_", " ") if chinese == name else chinese
        yield title, f"{shown} ({say(meaning)})" if meaning else shown


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


# By the end of a field's name; of two that fit, the longer stands first.
_UNITS: dict[str, Callable[[int], str]] = {
    "_fen_per_km": lambda fen: say("{} yuan/km").format(_hundredths(fen)),
    "_fen": lambda fen: say("{} yuan").format(_hundredths(fen)),
    "_pulses_per_km": lambda pulses: say("{} pulses/km").format(pulses),
    "_m": lambda metres: f"{_hundredths(metres // 10)} km",
    "_s": lambda seconds: f"{seconds} s",
    "_minutes": lambda minutes: say("{} min").format(minutes),
}
