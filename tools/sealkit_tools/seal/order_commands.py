"""`sealkit enrol`, `confirm`, `unseal`, `clear`, `clock`, `trust`, `ack` and `retire`."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealkit.errors import UsageError
from sealkit_tools.seal.giving import give, giving, giving_options
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import print_facts, print_json
from sealkit_tools.verify.kept_files import read_export_file
from sealkit_tools.words.bilingual import Command, Group
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from collections.abc import Callable

_TWO = ("technician", "station")
_REASONS = (
    "periodic_verification",
    "repair",
    "tyre_change",
    "tariff_change",
    "meter_replaced",
    "vehicle_replaced",
    "tamper_investigated",
    "seal_replaced",
    "other",
)


def _reason_options(command: Callable[..., Any]) -> Any:
    command = click.option(
        "--reason", required=True, help="Why, in a sentence; it stays for ever."
    )(command)
    return click.option(
        "--kind",
        type=click.Choice(_REASONS),
        metavar="KIND",
        default="other",
        show_default=True,
        help=f"One of {', '.join(_REASONS)}.",
    )(command)


@click.command(cls=Command)
@click.argument("spec")
@click.option(
    "--authority",
    "authority_file",
    type=FILE,
    required=True,
    help="The authority's credential as the seal's maker endorsed it.",
)
@giving_options("station")
def enrol(spec: str, authority_file: Path, **options: Any) -> None:
    """Install the authority in a new seal, once: it then obeys that authority's people."""
    from sealkit.seal import open_seal
    from sealkit.seal.history import read_history
    from sealkit.wire.orders import EnrolBody
    from sealkit.wire.registry import OrderKind
    from sealkit_tools.keys.people import load_person

    how = giving(options, ("station",))
    authority = load_person(authority_file).credential.raw
    with open_seal(spec) as seal:
        body = EnrolBody(now(), authority)
        give(seal, read_history(seal), OrderKind.ENROL, body, how)


@click.command(cls=Command)
@click.argument("spec")
@click.option("--job", type=FILE, required=True, help="A job file with a [calibration] table.")
@giving_options("station", "inspector")
def confirm(spec: str, job: Path, **options: Any) -> None:
    """Confirm a verification that changed nothing: the seal stays sealed."""
    from sealkit.keys.files import read_bounded
    from sealkit.seal import open_seal
    from sealkit.seal.history import read_history
    from sealkit.seal.job import JOB_MAX, calibration_of_job, read_job
    from sealkit.wire.orders import GroupItem, ParametersBody
    from sealkit.wire.registry import Group, OrderKind

    how = giving(options, ("station", "inspector"))
    data = calibration_of_job(
        read_job(read_bounded(job, JOB_MAX)), now=now(), salt=secrets.token_bytes
    )
    body = ParametersBody((GroupItem(Group.CALIBRATION, data),))
    with open_seal(spec) as seal:
        give(seal, read_history(seal), OrderKind.CONFIRM, body, how)


def _give_reason(spec: str, order: str, kind: str, reason: str, options: dict[str, Any]) -> None:
    from sealkit.seal import open_seal
    from sealkit.seal.history import read_history
    from sealkit.wire.orders import ReasonBody
    from sealkit.wire.registry import OrderKind, Reason

    how = giving(options, ("station",) if order == "RETIRE" else _TWO)
    with open_seal(spec) as seal:
        body = ReasonBody(Reason[kind.upper()], reason)
        give(seal, read_history(seal), OrderKind[order], body, how)


@click.command(cls=Command)
@click.argument("spec")
@_reason_options
@giving_options(*_TWO)
def unseal(spec: str, kind: str, reason: str, **options: Any) -> None:
    """Open a sealed seal; technician and station sign, and say why."""
    _give_reason(spec, "UNSEAL", kind, reason, options)


@click.command(cls=Command)
@click.argument("spec")
@_reason_options
@giving_options(*_TWO)
def clear(spec: str, kind: str, reason: str, **options: Any) -> None:
    """Clear a broken seal; technician and station sign, and say why. It is then open."""
    _give_reason(spec, "CLEAR", kind, reason, options)


@click.command(cls=Command)
@click.argument("spec")
@_reason_options
@giving_options("station")
def retire(spec: str, kind: str, reason: str, **options: Any) -> None:
    """End a seal's life: a last evidence, then its key is destroyed. There is no way back."""
    _give_reason(spec, "RETIRE", kind, reason, options)


@click.group(cls=Group)
def clock() -> None:
    """Show, adjust or restore the seal's clock."""


@clock.command("show")
@click.argument("spec")
@json_option
def clock_show(spec: str, as_json: bool) -> None:
    """Show the seal's clock beside this computer's."""
    from sealkit.seal import open_seal
    from sealkit.seal.words import time_words

    with open_seal(spec) as seal:
        status, here = seal.status(), now()
    facts = {
        "seal": time_words(status.clock),
        "here": time_words(here),
        "difference_s": status.clock - here,
        "quality": status.clock_quality.name.lower(),
        "floor": time_words(status.clock_floor),
    }
    if as_json:
        print_json("sealkit.clock/1", **facts)
    else:
        print_facts(say("Clock of seal {}").format(status.number), facts.items())


@clock.command("adjust")
@click.argument("spec")
@click.option("--seconds", type=click.IntRange(-120, 120), help="By how much; by default, to ours.")
@giving_options("technician", "station", "inspector")
def clock_adjust(spec: str, seconds: int | None, **options: Any) -> None:
    """Correct the clock by at most 120 seconds in seven days, standing still; one signature."""
    from sealkit.seal import open_seal
    from sealkit.seal.history import read_history
    from sealkit.wire.orders import AdjustClockBody
    from sealkit.wire.registry import OrderKind

    how = giving(options, ("technician", "station", "inspector"))
    with open_seal(spec) as seal:
        shown = read_history(seal)
        change = now() - seal.status().clock if seconds is None else seconds
        if not -120 <= change <= 120:
            raise UsageError(
                "CLOCK_TOO_FAR",
                f"The clocks differ by {change} seconds; one step may be 120.",
                "Check this computer's clock. A seal that lost its clock has it restored instead.",
            )
        give(seal, shown, OrderKind.ADJUST_CLOCK, AdjustClockBody(change), how)


@clock.command("restore")
@click.argument("spec")
@giving_options(*_TWO)
def clock_restore(spec: str, **options: Any) -> None:
    """Set the clock of a seal that lost it, to this computer's time; two signatures."""
    from sealkit.seal import open_seal
    from sealkit.seal.history import read_history
    from sealkit.wire.orders import RestoreClockBody
    from sealkit.wire.registry import OrderKind

    how = giving(options, _TWO)
    with open_seal(spec) as seal:
        shown = read_history(seal)
        give(seal, shown, OrderKind.RESTORE_CLOCK, RestoreClockBody(now()), how)


@click.command(cls=Command)
@click.argument("spec")
@click.option("--statement", type=FILE, required=True, help="The authority's trust statement.")
@giving_options("technician", "station", "registry", "inspector")
def trust(spec: str, statement: Path, **options: Any) -> None:
    """Carry the authority's trust statement to a seal: from then on it refuses the revoked."""
    from sealkit.keys.credentialfile import read_statement
    from sealkit.seal import open_seal
    from sealkit.seal.history import read_history
    from sealkit.wire.orders import TrustBody
    from sealkit.wire.registry import OrderKind

    how = giving(options, ("technician", "station", "registry", "inspector"))
    body = TrustBody(read_statement(statement))
    with open_seal(spec) as seal:
        give(seal, read_history(seal), OrderKind.TRUST, body, how)


@click.command(cls=Command)
@click.argument("spec")
@click.argument("export", type=FILE)
@giving_options("station")
def ack(spec: str, export: Path, **options: Any) -> None:
    """Acknowledge the journal of an exported file, so that the seal may make room.

    Keep the file: after that it is the only place where those records are.
    """
    from sealkit.crypto import get_suite
    from sealkit.seal import open_seal
    from sealkit.seal.history import read_history
    from sealkit.wire.export import parse_export
    from sealkit.wire.orders import AcknowledgeBody
    from sealkit.wire.records import RECORD
    from sealkit.wire.registry import OrderKind

    how = giving(options, ("station",))
    exported = parse_export(read_export_file(export))
    if not exported.journal:
        raise UsageError(
            "NOTHING_TO_ACKNOWLEDGE",
            f"{export} holds no journal.",
            "Export the log with its journal: `sealkit log export`.",
        )
    suite = get_suite(exported.suite)
    last = RECORD.parse(exported.journal[-1])
    # The receipt names what was received: the digest of the file as it lies here.
    body = AcknowledgeBody(last.sequence, suite.digest(last.raw), exported.closing_digest)
    with open_seal(spec) as seal:
        give(seal, read_history(seal), OrderKind.ACKNOWLEDGE, body, how)
