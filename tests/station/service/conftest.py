"""A service on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from station.fleet import filled
from station.service.desk import Desk, running


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    """A service whose ledger holds two seals, not judged yet."""
    with filled(url, 1, 2) as ledger, running(ledger) as desk:
        yield desk
