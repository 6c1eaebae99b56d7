"""One world of keys for each suite."""

from __future__ import annotations

import pytest

from appraisal.builder import World
from sealkit.crypto import get_suite


@pytest.fixture(params=["p256", "sm2"], scope="session")
def world(request: pytest.FixtureRequest) -> World:
    return World(get_suite(request.param))


@pytest.fixture(scope="session")
def p256() -> World:
    return World(get_suite("p256"))
