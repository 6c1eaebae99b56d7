"""`sealkit station serve` and `token`: the ledger over HTTP, and who may use it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealkit.errors import UsageError
from sealkit_tools.station.options import (
    LedgerCommand,
    database_option,
    dir_option,
    ledger_options,
    opened,
)
from sealkit_tools.station.proof_commands import station_identity
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import json_option, prefix_option
from sealkit_tools.terminal.output import Verbatim, print_facts, print_json, print_table
from sealkit_tools.words.bilingual import Group
from sealkit_tools.words.language import chinese_text, error_text, say

if TYPE_CHECKING:
    from sealkit.station.service.tokens import Token

_NEEDED = ("fastapi", "limits", "prometheus_client", "structlog", "uvicorn")
_ROLES = ("technician", "station", "inspector", "monitor")
_DAY_S = 86_400


class _ServiceCommand(LedgerCommand):
    """A command that needs what serves as well."""

    def invoke(self, context: click.Context) -> Any:
        if any(find_spec(module) is None for module in _NEEDED):
            raise UsageError(
                "STATION_MISSING",
                "The service needs FastAPI and uvicorn, which are not installed.",
                "Install them: pip install 'sealkit[station]'.",
            )
        return super().invoke(context)


@click.command("serve", cls=_ServiceCommand)
@click.option("--port", type=click.IntRange(0, 65535), default=8905, show_default=True)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen at. Others reach it through a proxy that speaks HTTPS.",
)
@prefix_option("--key", "prefix", help="The station that signs: its key and its credential.")
@ledger_options
@json_option
def serve_command(
    port: int,
    host: str,
    prefix: Path | None,
    directory: Path | None,
    database: str | None,
    trust_file: Path | None,
    as_json: bool,
) -> None:
    """Serve the ledger over HTTP, with a web page, until SIGTERM or Ctrl-C.

    Everything but the public check of a certificate needs a token: `sealkit station token add`.
    Without --key it signs no tree heads and no certificates.
    """
    from sealkit.station.service.context import Service, Wording
    from sealkit.station.service.serving import open_port, serve

    with (
        opened(directory, database, trust_file, makes=True) as ledger,
        open_port(host, port) as listening,
    ):
        station = None if prefix is None else station_identity(prefix)
        wording = Wording(chinese_text, lambda error, language: error_text(error, language))
        served = listening.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{served}/"

        def ready() -> None:
            where = "--database URL" if directory is None else f"--dir {directory}"
            if as_json:
                print_json("sealkit.station.serve/1", address=address, port=served)
                return
            click.echo(say("The page is at {}").format(address))
            click.echo(
                say("Make a token: {}").format(
                    f"sealkit station token add NAME --role station {where}"
                )
            )

        serve(Service(ledger, station, wording=wording), listening, ready)


@click.group("token", cls=Group)
def token_group() -> None:
    """Make, list and withdraw the tokens by which the service knows its callers."""


def _facts(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role.value,
        "created": token.created,
        "expires": token.expires,
        "withdrawn": token.withdrawn,
    }


@token_group.command("add", cls=_ServiceCommand)
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What its holder may do.")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=90,
    show_default=True,
    help="How long it is good for.",
)
@dir_option
@database_option
@json_option
def add_command(
    name: str, role: str, days: int, directory: Path | None, database: str | None, as_json: bool
) -> None:
    """Make a token for NAME and print it, once: only its digest is kept.

    technician: brings evidence, asks for nonces and orders. station: everything. inspector: reads
    and draws. monitor: metrics.
    """
    from sealkit.station.service.tokens import AccessRole, make_token

    if not name.strip() or len(name) > 100:
        raise UsageError(
            "TOKEN_NAME", "A token's name has 1 to 100 characters.", "Name whoever will use it."
        )
    with opened(directory, database, None) as ledger:
        token, text = make_token(
            ledger.database, name, AccessRole(role), now=now(), valid_s=days * _DAY_S
        )
    if as_json:
        print_json("sealkit.station.token/1", token=text, **_facts(token))
        return
    click.echo(text)
    click.echo(say("Keep it now: it is shown this once."), err=True)


@token_group.command("list", cls=_ServiceCommand)
@dir_option
@database_option
@json_option
def list_command(directory: Path | None, database: str | None, as_json: bool) -> None:
    """List the tokens that were made; what they are is not kept."""
    from sealkit.seal.words import time_words
    from sealkit.station.service.tokens import list_tokens

    with opened(directory, database, None) as ledger:
        tokens = list_tokens(ledger.database)
    if as_json:
        print_json("sealkit.station.tokens/1", tokens=[_facts(token) for token in tokens])
        return
    rows = [
        (
            str(token.id),
            token.name,
            say(token.role.value),
            time_words(token.expires),
            "" if token.withdrawn is None else time_words(token.withdrawn),
        )
        for token in tokens
    ]
    print_table("Tokens", ("Number", "Name", "Role", "Expires", "Withdrawn"), rows)


@token_group.command("withdraw", cls=_ServiceCommand)
@click.argument("number", type=click.IntRange(1, 1 << 53))
@dir_option
@database_option
@json_option
def withdraw_command(
    number: int, directory: Path | None, database: str | None, as_json: bool
) -> None:
    """End the token with this NUMBER for ever; see `sealkit station token list`."""
    from sealkit.station.service.tokens import withdraw_token

    with opened(directory, database, None) as ledger:
        token = withdraw_token(ledger.database, number, now())
    if as_json:
        print_json("sealkit.station.token/1", **_facts(token))
    else:
        print_facts("Withdrawn", {"name": Verbatim(token.name), "role": token.role.value}.items())
