"""`sealkit meter`: a taximeter's frames explained, a taximeter's parameters read."""

from __future__ import annotations

from pathlib import Path

import click

from sealkit.errors import UsageError
from sealkit_tools.meter.check_command import check
from sealkit_tools.meter.line_commands import ask, frames, record
from sealkit_tools.meter.rows import rows
from sealkit_tools.meter.trips_commands import trips
from sealkit_tools.terminal.options import json_option, line_options, profile_option
from sealkit_tools.terminal.output import print_facts, print_json
from sealkit_tools.words.bilingual import Group

_READ_SCHEMA = "sealkit.meter.read/1"


@click.group(cls=Group)
def meter() -> None:
    """Read a taximeter; decode its frames (JT/T 905.2)."""


meter.add_command(trips)
meter.add_command(check)
meter.add_command(ask)
meter.add_command(record)
meter.add_command(frames)


@meter.command()
@click.argument("frame_hex", metavar="HEX")
@profile_option()
@json_option
def decode(frame_hex: str, profiles: tuple[Path, ...], as_json: bool) -> None:
    """Explain one frame, given in hex."""
    from sealkit.meter.decode import describe
    from sealkit.meter.profiles import read_profile

    described = describe(_from_hex(frame_hex), read_profile(*profiles))
    if as_json:
        print_json(**described)
    else:
        # The data were just typed in, and the body says what they mean.
        frame = {name: value for name, value in described["frame"].items() if name != "data"}
        print_facts("Frame", rows(frame))
        print_facts("Body", rows(described["body"]))


@meter.command()
@click.argument("spec")
@json_option
@line_options
def read(spec: str, as_json: bool, timeout_s: float, retries: int, baud: int | None) -> None:
    """Read who the taximeter at SPEC is, and its fare parameters."""
    from datetime import datetime

    from sealkit.meter.client import MeterClient
    from sealkit.meter.decode import body_as_json
    from sealkit.meter.settings import LineSettings
    from sealkit.transport import open_transport

    with open_transport(spec, line="meter") as transport:
        client = MeterClient(transport, LineSettings(timeout_s, retries, baud))
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
        print_facts("Taximeter", rows(status))
        print_facts("Fare parameters", rows(parameters))


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
