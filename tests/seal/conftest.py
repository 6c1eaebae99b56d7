"""A scripted seal and a client of it, in both suites."""

from __future__ import annotations

import pytest
from support.client_bench import ScriptedBench
from support.lines import DirectLine
from support.people import Family, family
from support.scripted_seal import ScriptedSeal

from sealkit.seal.client import SealClient
from sealkit.seal.exchange import Exchange


@pytest.fixture(params=["p256", "sm2"])
def people(request: pytest.FixtureRequest) -> Family:
    return family(request.param)


@pytest.fixture
def seal(people: Family) -> ScriptedSeal:
    return ScriptedSeal(people)


@pytest.fixture
def client(seal: ScriptedSeal) -> SealClient:
    return SealClient(Exchange(DirectLine(seal.receive)))


@pytest.fixture
def bench(seal: ScriptedSeal, client: SealClient) -> ScriptedBench:
    return ScriptedBench(seal, client)


@pytest.fixture
def sealed(bench: ScriptedBench) -> ScriptedBench:
    """Enrolled and sealed."""
    bench.enrol()
    bench.seal_it()
    return bench
