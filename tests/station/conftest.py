"""A ledger on each kind of database. Its tables are made once, and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from station.fleet import NOW, people
from support import postgresql

from sealkit.station.ledger import Ledger
from sealkit.station.storage.database import FILE_NAME, directory_url

_NUMBERS = count()
_TEMPLATE = "template_ledger"


@pytest.fixture(scope="session")
def server() -> Iterator[postgresql.Server]:
    with postgresql.running() as running:
        yield running


@pytest.fixture(scope="session")
def server_with_template(server: postgresql.Server) -> postgresql.Server:
    """A server with a ledger to copy."""
    Ledger(server.create(_TEMPLATE)).close()
    return server


@pytest.fixture(scope="session")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a ledger to copy."""
    directory = tmp_path_factory.mktemp("template")
    Ledger(directory_url(directory)).close()
    return directory / FILE_NAME


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=postgresql.needed)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with the tables of a ledger, and nothing in them."""
    if request.param == "sqlite":
        ledger_url = directory_url(tmp_path / "ledger")
        shutil.copy(request.getfixturevalue("template_file"), tmp_path / "ledger" / FILE_NAME)
        yield ledger_url
        return
    server: postgresql.Server = request.getfixturevalue("server_with_template")
    name = f"ledger{next(_NUMBERS)}"
    yield server.create(name, _TEMPLATE)
    server.drop(name)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """An empty ledger that believes the people of the tests."""
    with Ledger(url) as opened:
        opened.use_trust(people().trust, NOW)
        yield opened
