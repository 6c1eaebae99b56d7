"""A ledger on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from station.fleet import NOW, people

from sealkit.station.ledger import Ledger


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """An empty ledger that believes the people of the tests."""
    with Ledger(url) as opened:
        opened.use_trust(people().trust, NOW)
        yield opened
