"""Databases for ledgers, of each kind that a ledger may be in, for any test that asks for one.

What is tested of the station is tested on each kind, but for what belongs to one alone, such as a
file that another program holds; there the test says so. The tables are made once, and copied.
"""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from support import postgresql

# The station is imported where it is used: most tests need none of it.


class Databases(ABC):
    """Makes databases of one kind."""

    _template: str | None = None

    @contextmanager
    def ledger(self) -> Iterator[str]:
        """The URL of a database with the tables of a ledger, and nothing in them."""
        from sealkit.station.ledger import Ledger

        if self._template is None:
            template = self.new()
            Ledger(template).close()
            self._template = template
        with self.copy(self._template) as copied:
            yield copied

    @contextmanager
    def copy(self, url: str) -> Iterator[str]:
        """The URL of a copy of a database to which nobody is connected."""
        copied = self.copied(url)
        yield copied
        self.drop(copied)

    @abstractmethod
    def new(self) -> str:
        """The URL of a database that holds nothing, not even tables."""

    @abstractmethod
    def copied(self, url: str) -> str:
        """As `copy`, and it stays."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Ends a database, and whatever is connected to it."""

    @abstractmethod
    def options(self, url: str) -> tuple[str, str]:
        """How a database is named on the command line."""


class Files(Databases):
    """SQLite, each in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._numbers = directory, count()

    def new(self) -> str:
        from sealkit.station.storage.database import directory_url

        return directory_url(self._directory / str(next(self._numbers)))

    def copied(self, url: str) -> str:
        copied = self.new()
        shutil.copy(self._file(url), self._file(copied))
        return copied

    def drop(self, url: str) -> None:
        shutil.rmtree(self._file(url).parent)

    def options(self, url: str) -> tuple[str, str]:
        return "--dir", str(self._file(url).parent)

    @staticmethod
    def _file(url: str) -> Path:
        return Path(url.removeprefix("sqlite:///"))


class Served(Databases):
    """PostgreSQL, all on one server."""

    def __init__(self, server: postgresql.Server) -> None:
        self._server, self._numbers = server, count()

    def new(self) -> str:
        return self._server.create(f"ledger{next(self._numbers)}")

    def copied(self, url: str) -> str:
        return self._server.create(f"ledger{next(self._numbers)}", self._server.name(url))

    def drop(self, url: str) -> None:
        self._server.drop(self._server.name(url))

    def options(self, url: str) -> tuple[str, str]:
        return "--database", url


@pytest.fixture(scope="session")
def server() -> Iterator[postgresql.Server]:
    with postgresql.running() as running:
        yield running


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Files(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def server_databases(server: postgresql.Server) -> Databases:
    return Served(server)


@pytest.fixture(
    scope="module",
    params=["sqlite_databases", pytest.param("server_databases", marks=postgresql.needed)],
    ids=["sqlite", "postgresql"],
)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Each kind, one after the other."""
    made: Databases = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def new_url(databases: Databases) -> Iterator[str]:
    """The URL of a database that holds nothing, not even tables."""
    made = databases.new()
    yield made
    databases.drop(made)


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    """The URL of an empty ledger."""
    with databases.ledger() as made:
        yield made


@pytest.fixture
def other_url(databases: Databases) -> Iterator[str]:
    """The URL of another, of the same kind."""
    with databases.ledger() as made:
        yield made


@pytest.fixture(scope="module")
def shared_url(databases: Databases) -> Iterator[str]:
    """The URL of one that all tests of a file share."""
    with databases.ledger() as made:
        yield made


@pytest.fixture
def where(databases: Databases, url: str) -> tuple[str, str]:
    """That database as it is named on the command line."""
    return databases.options(url)
