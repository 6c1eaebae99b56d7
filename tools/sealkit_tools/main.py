"""The entry of the `sealkit` command: names its commands, and turns errors into exit statuses.

A command's module is imported when the command is called, so that `--version` and `--help` are
quick and touch no device.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import click

from sealkit import __version__
from sealkit.errors import ExitStatus, SealkitError
from sealkit_tools.words.bilingual import Group
from sealkit_tools.words.language import heed_language, say_usage

_GROUPS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("demo.command:demo", "Play the whole story on simulated devices."),
    "sim": ("sim.commands:sim", "Start a simulated seal and taximeter; tamper with them."),
    "keys": ("keys.commands:keys", "Make keys; issue, show and verify credentials and trust."),
    "ports": ("seal.device_commands:ports", "List the serial ports."),
    "info": ("seal.device_commands:info", "Show what a seal is and how it is."),
    "limits": ("seal.device_commands:limits", "Show what a seal must hold in memory."),
    "provision": ("seal.device_commands:provision", "Give a new seal its maker's credential."),
    "enrol": ("seal.order_commands:enrol", "Install the authority in a new seal."),
    "seal": ("seal.seal_command:seal", "Seal a taximeter's parameters."),
    "confirm": ("seal.order_commands:confirm", "Confirm a verification that changed nothing."),
    "unseal": ("seal.order_commands:unseal", "Open a sealed seal, with a reason."),
    "clear": ("seal.order_commands:clear", "Clear a broken seal, with a reason."),
    "clock": ("seal.order_commands:clock", "Show, adjust or restore the seal's clock."),
    "trust": ("seal.order_commands:trust", "Carry a trust statement to a seal."),
    "ack": (
        "seal.order_commands:ack",
        "Acknowledge an exported journal, so that it may be pruned.",
    ),
    "retire": ("seal.order_commands:retire", "End a seal's life and destroy its key."),
    "order": ("seal.orderfile_commands:order", "Show, sign and send an order that was carried."),
    "log": ("seal.log_commands:log", "List and export a seal's log."),
    "verify": ("verify.command:verify", "Judge a seal or an exported file."),
    "witness": ("verify.witness_command:witness", "Check that a ledger's past was not rewritten."),
    "station": ("station.commands:station", "Keep a ledger of a fleet's seals, and judge them."),
    "meter": ("meter.commands:meter", "Read a taximeter; decode its frames; collect its trips."),
    "conformance": ("conformance.commands:conformance", "Try whether a seal keeps SPEC.md."),
    "audit": (
        "meter.audit_commands:audit",
        "Hold a taximeter's trip records to the sealed tariff.",
    ),
}


class LazyGroup(Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_GROUPS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _GROUPS:
            return None
        module, attribute = _GROUPS[name][0].split(":")
        command: click.Command = getattr(import_module(f"sealkit_tools.{module}"), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _GROUPS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sealkit")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    expose_value=False,  # Taken by heed_language, before click begins.
    help="Language of messages; by default that of the environment.",
)
def cli() -> None:
    """The open toolkit for the electronic seals of taximeters.

    Devices are named by spec strings: serial:/dev/ttyUSB0?baud=9600, tcp:host:port, sim:DIR.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command and exits with a status of the house's table."""
    from sealkit_tools.terminal.encoding import escape_what_stdout_lacks
    from sealkit_tools.terminal.quiet import silence_native_noise

    silence_native_noise()
    escape_what_stdout_lacks()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status; never a traceback."""
    heed_language(arguments)
    try:
        result = cli.main(args=list(arguments), prog_name="sealkit", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        stopped = SealkitError("STOPPED", "Stopped before the end.", "Run the command again.")
        return _report(stopped, arguments, ExitStatus.UNEXPECTED)
    except click.exceptions.NoArgsIsHelpError as page:
        click.echo(page.format_message(), err=True)
        return ExitStatus.USAGE
    except click.ClickException as error:
        return _report(
            SealkitError("USAGE", say_usage(error.format_message()), "See the command's --help."),
            arguments,
            ExitStatus.USAGE,
        )
    except SealkitError as error:
        return _report(error, arguments, error.exit_status)
    except BrokenPipeError:
        # Whoever read our output has gone; a second complaint at exit helps nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.UNEXPECTED
    except Exception as error:
        if os.environ.get("SEALKIT_DEBUG"):
            raise
        unexpected = SealkitError(
            "UNEXPECTED",
            f"{type(error).__name__}: {error}.",
            "This is a fault of sealkit. Run again with SEALKIT_DEBUG=1 and report it.",
        )
        return _report(unexpected, arguments, ExitStatus.UNEXPECTED)
    return result if isinstance(result, int) else ExitStatus.DONE


def _report(error: SealkitError, arguments: Sequence[str], status: int) -> int:
    from sealkit_tools.terminal.output import print_error

    print_error(error, as_json="--json" in arguments)
    return status


if __name__ == "__main__":
    main()
