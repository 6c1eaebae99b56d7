"""Which ledger a command of `sealkit station` means, and its trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from sealkit.errors import UsageError
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import FILE
from sealkit_tools.words import bilingual

if TYPE_CHECKING:
    from sealkit.station.ledger import Ledger

Command = TypeVar("Command", bound=Callable[..., Any])

DATABASE_VARIABLE: Final = "SEALKIT_DATABASE"


class LedgerCommand(bilingual.Command):
    """A command that needs the extra `station`; its help does not."""

    def invoke(self, context: click.Context) -> Any:
        if any(find_spec(module) is None for module in ("alembic", "sqlalchemy")):
            raise UsageError(
                "STATION_MISSING",
                "The ledger needs SQLAlchemy and Alembic, which are not installed.",
                "Install them: pip install 'sealkit[station]'.",
            )
        return super().invoke(context)


trust_option = click.option(
    "--trust",
    "trust_file",
    type=FILE,
    help="The trust file: needed once, and again when there is a newer one.",
)
database_option = click.option(
    "--database", metavar="URL", help="postgresql://USER@HOST/NAME; never with a password."
)
dir_option = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="The ledger's directory.",
)


def ledger_options(command: Command) -> Command:
    """Which ledger is meant, and its trust."""
    return dir_option(database_option(trust_option(command)))


@contextmanager
def opened(
    directory: Path | None, database: str | None, trust_file: Path | None, *, makes: bool = False
) -> Iterator[Ledger]:
    """The ledger that is meant, with its trust brought up to date.

    makes: a new one in its directory if there is none. Errors: those of `ledger_url` and of
    `Ledger`.
    """
    from sealkit.station.ledger import Ledger

    url = ledger_url(directory, database, makes=makes)
    with Ledger(url) as ledger:
        if trust_file is not None:
            from sealkit.appraisal import TrustBundle
            from sealkit.appraisal.trust import TRUST_FILE_MAX
            from sealkit.keys.files import read_bounded

            trust = TrustBundle.from_json(read_bounded(trust_file, TRUST_FILE_MAX))
            ledger.use_trust(trust, now())
        yield ledger


def ledger_url(directory: Path | None, database: str | None, *, makes: bool = False) -> str:
    """The URL of the ledger that is meant. makes: its directory is made if it is not there; else a
    misspelt one would be a new, empty ledger.

    Errors: `UsageError` LEDGER_NOT_NAMED, LEDGER_NOT_THERE, PASSWORD_ON_COMMAND_LINE, DATABASE_URL;
    `AccessError` DATABASE_ACCESS.
    """
    import os

    from sealkit.station.storage.database import FILE_NAME, directory_url, has_password

    if directory is not None and database is not None:
        raise UsageError(
            "LEDGER_NOT_NAMED", "Two ledgers are named.", "Give --dir or --database, not both."
        )
    if directory is not None:
        if not makes and not (directory / FILE_NAME).exists():
            raise UsageError(
                "LEDGER_NOT_THERE",
                f"There is no ledger in {directory}.",
                "Check the name; `sealkit station import` with --trust makes a new one.",
            )
        return directory_url(directory)
    if database is not None and has_password(database):
        raise UsageError(
            "PASSWORD_ON_COMMAND_LINE",
            "The database's URL holds a password, which others on this machine could see.",
            f"Put it into a .pgpass file, or the whole URL into {DATABASE_VARIABLE}.",
        )
    url = database or os.environ.get(DATABASE_VARIABLE)
    if not url:
        raise UsageError(
            "LEDGER_NOT_NAMED",
            "No ledger is named.",
            f"Give --dir DIR, --database URL, or set {DATABASE_VARIABLE}.",
        )
    return url
