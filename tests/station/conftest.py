"""A ledger on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from support import postgresql

from sealkit.station.database import directory_url

_NUMBERS = count()


@pytest.fixture(scope="session")
def server() -> Iterator[postgresql.Server]:
    with postgresql.running() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=postgresql.needed)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return directory_url(tmp_path / "ledger")
    server: postgresql.Server = request.getfixturevalue("server")
    return server.create(f"ledger{next(_NUMBERS)}")
