"""`sealkit sim`: a simulated seal and taximeter, and whoever tampers with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from sealkit.errors import UsageError
from sealkit_tools.devices.control import tell
from sealkit_tools.sim.city_command import city
from sealkit_tools.sim.drive_commands import drive, frauds, honest
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import print_facts, print_json
from sealkit_tools.words.bilingual import Group
from sealkit_tools.words.language import say

_directory = click.Path(path_type=Path, file_okay=False)


@click.group(cls=Group)
def sim() -> None:
    """Start a simulated seal and taximeter; tamper with them; let simulated taxis cheat."""


for _command in (drive, frauds, honest, city):
    sim.add_command(_command)


@sim.command("start")
@click.option("--dir", "directory", type=_directory, required=True, help="Where their state lives.")
@click.option("--suite", type=click.Choice(["p256", "sm2"]), help="Of a new seal: p256.")
@click.option("--number", help="MAKER-SERIAL of a new seal: 500-1.")
@click.option(
    "--manufacturer",
    type=FILE,
    metavar="PREFIX",
    help="The maker's credential, burned in as the new seal's anchor; by default one is made.",
)
@click.option("--tcp", is_flag=True, help="Serve on TCP instead of pseudo-terminals.")
@click.option("--json", is_flag=True, expose_value=False, help="Tell errors as JSON, too.")
def start(
    directory: Path, suite: str | None, number: str | None, manufacturer: Path | None, tcp: bool
) -> None:
    """Run a seal and a taximeter until SIGTERM; print one line of JSON with their spec strings.

    What is in --dir goes on where it stopped, also after kill -9.
    """
    from sealkit.wire.numbers import SealNumber
    from sealkit_simulator.service import serve
    from sealkit_tools.keys.people import load_person

    serve(
        directory,
        suite,
        number=None if number is None else SealNumber.from_text(number),
        manufacturer=None if manufacturer is None else load_person(manufacturer).credential.raw,
        tcp=tcp,
        started=lambda endpoints: click.echo(
            json.dumps({"schema": "sealkit.sim.start/1", **endpoints})
        ),
    )


@sim.command("do")
@click.argument("spec")
@click.argument("action")
@click.argument("values", nargs=-1)
@json_option
def do(spec: str, action: str, values: tuple[str, ...], as_json: bool) -> None:
    """Tell the control channel of the simulation at SPEC what happens, such as

    \b
    sealkit sim do sim:here state
    sealkit sim do sim:here open_case
    sealkit sim do sim:here set_meter name=day_one_way_price_fen_per_km value=370
    sealkit sim do sim:here cut_power after_writes=2
    sealkit sim do sim:here restore_power

    An ACTION that is not known is answered with the list of those that are.
    """
    answer = tell(spec, action, **dict(_pair(value) for value in values))
    if as_json:
        print_json("sealkit.sim.do/1", **answer)
    elif answer:
        print_facts(action, answer.items())
    else:
        click.echo(say("Done: {}").format(action))


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError("USAGE", f"{text!r} is not NAME=VALUE.", "Write name=value.")
    return name, int(value) if value.lstrip("-").isdigit() and name != "value" else value
