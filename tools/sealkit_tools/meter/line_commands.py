"""`sealkit meter ask`, `record` and `frames`: makers' commands, and what goes over the line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealkit.errors import SealkitError, UsageError
from sealkit_tools.meter.rows import rows
from sealkit_tools.terminal.options import (
    FILE,
    baud_option,
    json_option,
    line_options,
    profile_option,
)
from sealkit_tools.terminal.output import print_facts, print_json, print_table
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit.meter.capture import CapturedFrame
    from sealkit.meter.profiles import Profile


@click.command(cls=Command)
@click.argument("spec")
@click.argument("command_name", metavar="COMMAND")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@profile_option(required=True)
@line_options
@json_option
def ask(
    spec: str,
    command_name: str,
    values: tuple[str, ...],
    profiles: tuple[Path, ...],
    timeout_s: float,
    retries: int,
    baud: int | None,
    as_json: bool,
) -> None:
    """Ask the taximeter at SPEC a COMMAND of its maker, as the profile describes it.

    NAME=VALUE gives the fields of the request, if it has any: whole numbers in the field's unit,
    text, or hex for bytes.
    """
    from sealkit.meter.client import MeterClient
    from sealkit.meter.decode import vendor_body_as_json
    from sealkit.meter.profiles import read_profile
    from sealkit.meter.settings import LineSettings
    from sealkit.transport import open_transport

    command = read_profile(*profiles).named(command_name)
    given = _pairs(values)
    # What does not fit is refused before the line is opened.
    command.request.build(given)
    with open_transport(spec, line="meter") as transport:
        client = MeterClient(transport, LineSettings(timeout_s, retries, baud))
        reply = vendor_body_as_json(command.reply, client.ask_vendor(command, given))
    if as_json:
        print_json("sealkit.meter.ask/1", spec=spec, command=command.name, reply=reply)
    else:
        print_facts("Answer", rows(reply))


@click.command(cls=Command)
@click.argument("spec")
@click.argument("file", type=FILE)
@click.option(
    "--terminal",
    "terminal_spec",
    metavar="SPEC",
    help="A second port, on the wire that the terminal sends on; SPEC then hears the meter alone.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, 7 * 86_400),
    default=60.0,
    show_default=True,
    help="How long to listen.",
)
@baud_option
@json_option
def record(
    spec: str,
    file: Path,
    terminal_spec: str | None,
    seconds: float,
    baud: int | None,
    as_json: bool,
) -> None:
    """Record what goes over the line at SPEC into a new FILE, with times; nothing is sent.

    Ctrl-C ends it before its time. FILE gets JSON lines, and at most 128 MiB of the line.
    """
    from contextlib import ExitStack, suppress
    from datetime import datetime

    from sealkit.meter.capture import CaptureWriter, create_capture
    from sealkit.meter.commands import Direction
    from sealkit.meter.recording import Tap
    from sealkit.meter.recording import record as listen
    from sealkit.transport import open_transport

    lines: list[tuple[str, Direction | None]] = [(spec, None)]
    if terminal_spec is not None:
        lines = [(spec, Direction.FROM_METER), (terminal_spec, Direction.TO_METER)]
    with ExitStack() as stack:
        taps: list[Tap] = []
        for line, direction in lines:
            transport = stack.enter_context(open_transport(line, line="meter"))
            if baud is not None:
                transport.set_baud(baud)
            taps.append((transport, direction))
        writer = CaptureWriter(stack.enter_context(create_capture(file)), datetime.now())
        with suppress(KeyboardInterrupt):
            listen(taps, writer, seconds)
    told = {"bytes": writer.written_bytes, "pieces": writer.pieces, "full": writer.is_full}
    if as_json:
        print_json("sealkit.meter.record/1", spec=spec, file=str(file), **told)
    else:
        facts: list[tuple[str, object]] = [("File", file), ("Bytes", writer.written_bytes)]
        if writer.is_full:
            facts.append(("File is full", say("yes")))
        print_facts("Recorded", facts)


@click.command(cls=Command)
@click.argument("file", type=FILE)
@profile_option()
@json_option
def frames(file: Path, profiles: tuple[Path, ...], as_json: bool) -> None:
    """List the frames in FILE, as `sealkit meter record` wrote it, and what they say."""
    from sealkit.meter.capture import frames_of, read_capture
    from sealkit.meter.profiles import read_profile

    profile = read_profile(*profiles)
    capture = read_capture(file)
    told = [_told(found, profile) for found in frames_of(capture.pieces)]
    if as_json:
        print_json(
            "sealkit.meter.frames/1",
            file=str(file),
            started=capture.started.isoformat(),
            bytes=sum(len(piece.data) for piece in capture.pieces),
            frames=told,
        )
    else:
        print_table("Frames", ["s", "To", "Command", "What it says"], map(_cells, told))


def _pairs(values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or name in pairs:
            raise UsageError(
                "METER_WRONG_FIELDS",
                f"{text[:80]!r} is not NAME=VALUE, or stands twice.",
                "Give each field of the request once, as NAME=VALUE.",
            )
        pairs[name] = value
    return pairs


def _told(found: CapturedFrame, profile: Profile) -> dict[str, Any]:
    from sealkit.meter.decode import describe
    from sealkit.meter.frames import encode_frame

    raw = encode_frame(found.frame)
    told: dict[str, Any] = {
        "at_us": found.at_us,
        "direction": found.direction.value if found.direction else None,
        "raw": raw.hex(),
        "problem": None,
    }
    try:
        described = describe(raw, profile)
    except SealkitError as error:
        return told | {
            "command": f"{found.frame.command:04X}",
            "meaning": None,
            "body": {"raw": found.frame.data.hex()},
            "problem": error.code,
        }
    frame = described["frame"]
    return told | {
        "direction": told["direction"] or frame["direction"],
        "command": frame["command"],
        "meaning": frame["meaning"],
        "body": described["body"],
    }


def _cells(told: dict[str, Any]) -> list[str]:
    to = {"terminal_to_meter": "meter", "meter_to_terminal": "terminal"}.get(told["direction"], "-")
    return [
        f"{told['at_us'] / 1_000_000:.3f}",
        say(to),
        f"{told['command']} {say(told['meaning'] or '')}".rstrip(),
        told["problem"] or ", ".join(f"{name} {value}" for name, value in rows(told["body"])),
    ]
