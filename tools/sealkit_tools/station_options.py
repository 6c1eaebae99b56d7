"""Which ledger a command of `sealkit station` means, and its trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from sealkit.errors import UsageError
from sealkit_tools.clock import now

if TYPE_CHECKING:
    from sealkit.station.ledger import Ledger

Command = TypeVar("Command", bound=Callable[..., Any])

DATABASE_VARIABLE: Final = "SEALKIT_DATABASE"


class LedgerCommand(click.Command):
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
    type=click.Path(path_type=Path, dir_okay=False),
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
    directory: Path | None, database: str | None, trust_file: Path | None
) -> Iterator[Ledger]:
    """The ledger that is meant, with its trust brought up to date.

    Errors: `UsageError` LEDGER_NOT_NAMED, PASSWORD_ON_COMMAND_LINE; those of `Ledger`.
    """
    from sealkit.station.ledger import Ledger

    url = ledger_url(directory, database)
    with Ledger(url) as ledger:
        if trust_file is not None:
            from sealkit.appraisal import TrustBundle
            from sealkit.appraisal.trust import TRUST_FILE_MAX
            from sealkit.keys.files import read_bounded

            trust = TrustBundle.from_json(read_bounded(trust_file, TRUST_FILE_MAX))
            ledger.use_trust(trust, now())
        yield ledger


def ledger_url(directory: Path | None, database: str | None) -> str:
    """The URL of the ledger that is meant; its directory is made if it is not there.

    Errors: `UsageError` LEDGER_NOT_NAMED, PASSWORD_ON_COMMAND_LINE, DATABASE_URL; `AccessError`
    DATABASE_ACCESS.
    """
    import os

    from sealkit.station.storage.database import directory_url, has_password

    if directory is not None and database is not None:
        raise UsageError(
            "LEDGER_NOT_NAMED", "Two ledgers are named.", "Give --dir or --database, not both."
        )
    if directory is not None:
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
