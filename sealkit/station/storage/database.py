"""The database under the ledger: SQLite in a file, or PostgreSQL by a URL.

One writer at a time: SQLite by BEGIN IMMEDIATE, PostgreSQL by an advisory lock, so that several
programs on one database grow one tree. What has been committed is on the disk. A transaction is
given as a function of a connection, since it is run again when the database asks for that: it must
have no effect but on the database.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from importlib.resources import as_file, files
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, Table, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from sealkit.errors import IntegrityError, UsageError
from sealkit.station.storage.failures import Failure, access_error, database_error, failure_of

FILE_NAME: Final = "ledger.sqlite3"
WAIT_S: Final = 20
"""How long a transaction waits for another writer, and a connection for the server."""
ATTEMPTS: Final = 4
PAUSE_S: Final = 0.2
"""Before another attempt; it doubles each time."""
_WRITING: Final = "sealkit_writing"
_MIGRATING: Final = "sealkit_migrating"
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    # An import touches the pages of every seal that it brings something of: 64 MB of them stay in
    # memory, and are not copied into the file at every other batch.
    "cache_size=-65536",
    "wal_autocheckpoint=8192",
)
_ROWS_A_STATEMENT: Final = 50
"""Of the widest table no more values than any SQLite takes."""
_LOCK: Final = 0x5EA1_C175
"""The advisory lock of a ledger's writers."""

Result = TypeVar("Result")


def directory_url(directory: str | Path) -> str:
    """The URL of the ledger in a directory, which is made if it is not there.

    Errors: `AccessError` DATABASE_ACCESS.
    """
    try:
        Path(directory).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise access_error(str(directory), error.strerror or str(error)) from error
    return URL.create("sqlite", database=str(Path(directory) / FILE_NAME)).render_as_string()


class Database:
    """Connections to one database, and the state of its tables."""

    def __init__(self, url: str) -> None:
        """Connects to nothing yet. Errors: `UsageError` DATABASE_URL."""
        self.url = _read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _sqlite_engine(self.url) if self.is_sqlite else _server_engine(self.url)
        self._readers = self._engine.execution_options(
            **({} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"})
        )
        self._writers = self._engine.execution_options(**{_WRITING: True})
        self._migrators = self._writers.execution_options(**{_MIGRATING: True})

    @property
    def name(self) -> str:
        """What to call it in messages: never with a password."""
        plain = self.url.set(drivername=self.url.get_backend_name())
        return plain.render_as_string(hide_password=True)

    def close(self) -> None:
        """Closes its connections."""
        self._engine.dispose()

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` on one consistent view of the database. Errors: as `write`."""
        return self._run(self._readers, work)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` as the only writer; when this returns, it is on the disk, whole.

        Errors: `AccessError` DATABASE_BUSY, DATABASE_FULL, DATABASE_LOST, DATABASE_FAILED;
        `UsageError` DATABASE_NOT_A_LEDGER. Nothing half-written stays in any case.
        """
        return self._run(self._writers, partial(self._alone, work))

    def _alone(self, work: Callable[[Connection], Result], connection: Connection) -> Result:
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        return work(connection)

    def insert(self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Adds rows, the values in the order of the table's columns.

        Straight to the driver, since there may be hundreds of thousands of rows: SQLite takes some
        with each statement, in a loop of its own, PostgreSQL all at once as one array for each
        column.
        """
        if not rows:
            return
        names = ", ".join(column.name for column in table.columns)
        if self.is_sqlite:
            whole = len(rows) - len(rows) % _ROWS_A_STATEMENT
            signs = f"({', '.join('?' * len(table.columns))})"
            for some, size in ((rows[:whole], _ROWS_A_STATEMENT), (rows[whole:], 1)):
                if some:
                    connection.exec_driver_sql(
                        f"INSERT INTO {table.name} ({names}) VALUES {', '.join([signs] * size)}",
                        [tuple(chain.from_iterable(part)) for part in chunks(some, size)],
                    )
        else:
            arrays = _arrays(connection, table.columns)
            connection.exec_driver_sql(
                f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})",
                tuple(map(list, zip(*rows, strict=True))),
            )

    def rows_with(
        self,
        connection: Connection,
        keys: Sequence[Column[Any]],
        values: Iterable[tuple[Any, ...]],
        *wanted: Column[Any],
    ) -> Iterator[Any]:
        """Of the rows whose keys are among these values, however many: the wanted columns."""
        told = ", ".join(column.name for column in keys)
        names = ", ".join(column.name for column in wanted)
        for some in chunks(values):
            if self.is_sqlite:
                signs = f"({', '.join('?' * len(keys))})"
                source = f"VALUES {', '.join([signs] * len(some))}"
                given = tuple(chain.from_iterable(some))
            else:
                source = f"SELECT * FROM unnest({_arrays(connection, keys)})"
                given = tuple(map(list, zip(*some, strict=True)))
            yield from connection.exec_driver_sql(
                f"WITH given ({told}) AS ({source}) "
                f"SELECT {names} FROM given JOIN {keys[0].table.name} USING ({told})",
                given,
            )

    def _run(self, engine: Engine, work: Callable[[Connection], Result]) -> Result:
        attempt = 0
        while True:
            attempt += 1
            try:
                with engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                failure = failure_of(error)
                if failure not in (Failure.AGAIN, Failure.LOST) or attempt >= ATTEMPTS:
                    raise database_error(failure, self.name, error) from error
            time.sleep(PAUSE_S * 2**attempt)

    # The tables.

    def prepare(self) -> None:
        """Makes the tables of an empty database, and refuses one that is not a ledger of now.

        Errors: `UsageError` DATABASE_NOT_A_LEDGER, DATABASE_TOO_OLD, DATABASE_TOO_NEW;
        those of `write`.
        """
        revision, is_empty = self._state()
        if is_empty:
            self.migrate()
            return
        known = self._known_steps(revision)
        if revision != known[0]:
            raise UsageError(
                "DATABASE_TOO_OLD",
                f"{self.name} was written by an older sealkit (step {revision} of {known[0]}).",
                "Make a copy, then bring it up to date with `sealkit station migrate`.",
            )

    def migrate(self, step: str = "head") -> None:
        """Brings the tables up to date, or to an earlier step; all of the way or nothing.

        Errors: `UsageError` DATABASE_NOT_A_LEDGER, DATABASE_TOO_NEW; `IntegrityError`
        LEDGER_ALTERED if rows were deleted by force; those of `write`.
        """
        revision, is_empty = self._state()
        if not is_empty:
            self._known_steps(revision)

        def upgrade(connection: Connection) -> None:
            with as_file(files(__package__) / "migrations") as place:
                config = Config()
                config.set_main_option("script_location", str(place).replace("%", "%%"))
                config.attributes["connection"] = connection
                command.upgrade(config, step)
            if self.is_sqlite:
                self._check_references(connection)

        try:
            self._run(self._migrators, partial(self._alone, upgrade))
        finally:
            self._engine.dispose()  # Its connections check no references.

    def _check_references(self, connection: Connection) -> None:
        astray = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if astray:
            raise IntegrityError(
                "LEDGER_ALTERED",
                f"In {self.name} {len(astray)} rows refer to others that are not there.",
                "Keep the database as it is, compare it with a backup, find out who had access.",
            )

    def _known_steps(self, revision: str | None) -> list[str]:
        """All steps, the last first. Errors: `UsageError` DATABASE_TOO_NEW for one that is not
        among them."""
        known = self._with_steps(lambda steps: [step.revision for step in steps.walk_revisions()])
        if revision not in known:
            raise UsageError(
                "DATABASE_TOO_NEW",
                f"{self.name} was written by a newer sealkit (step {revision}).",
                "Update sealkit.",
            )
        return known

    def _state(self) -> tuple[str | None, bool]:
        """The step that the tables are at, and whether there are none."""

        def look(connection: Connection) -> tuple[str | None, bool]:
            names = inspect(connection).get_table_names()
            return MigrationContext.configure(connection).get_current_revision(), not names

        revision, is_empty = self.read(look)
        if revision is None and not is_empty:
            raise UsageError(
                "DATABASE_NOT_A_LEDGER",
                f"{self.name} holds tables, but no ledger.",
                "Name another database, or an empty one to begin a ledger in.",
            )
        return revision, is_empty

    @staticmethod
    def _with_steps(work: Callable[[ScriptDirectory], Result]) -> Result:
        with as_file(files(__package__) / "migrations") as place:
            return work(ScriptDirectory(str(place)))


def has_password(url: str) -> bool:
    """Whether a password stands in a URL. Errors: `UsageError` DATABASE_URL."""
    return _read_url(url).password is not None


def _read_url(url: str) -> URL:
    try:
        read = make_url(url)
        backend = read.get_backend_name()
    except ArgumentError:
        raise _bad_url("it cannot be read as a URL") from None
    if backend == "sqlite":
        if not read.database or read.database == ":memory:":
            raise _bad_url("it names no file")
        return read.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        return read.set(drivername="postgresql+psycopg")
    raise _bad_url(f"{backend} is no database for a ledger")


def _bad_url(what: str) -> UsageError:
    # Without the URL itself: it may hold a password.
    return UsageError(
        "DATABASE_URL",
        f"The database's URL cannot be used: {what}.",
        "Write sqlite:///FILE, or postgresql://USER@HOST/NAME.",
    )


def _sqlite_engine(url: URL) -> Engine:
    # For each value of these types the driver looks in vain for how to convert it, at length,
    # unless it was told something.
    sqlite3.register_adapter(bytes, bytes)
    sqlite3.register_adapter(bool, int)
    sqlite3.register_adapter(type(None), lambda nothing: nothing)
    engine = create_engine(url, connect_args={"timeout": WAIT_S})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        # The driver begins transactions in its own way and too late: see `begin`.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        writing = options.get(_WRITING)
        if options.get(_MIGRATING):
            # A table that others refer to may have to be written anew, and cannot be otherwise.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _server_engine(url: URL) -> Engine:
    options = f"-c synchronous_commit=on -c lock_timeout={WAIT_S}s"
    return create_engine(
        url,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": WAIT_S},
    )


def _arrays(connection: Connection, columns: Iterable[Column[Any]]) -> str:
    """Signs for one array of each column, of its type."""
    return ", ".join(f"%s::{column.type.compile(connection.dialect)}[]" for column in columns)


def chunks(values: Iterable[Any], size: int = 500) -> Iterable[list[Any]]:
    """Values in lists of at most `size`, as many as a query takes."""
    held = list(values)
    for start in range(0, len(held), size):
        yield held[start : start + size]
