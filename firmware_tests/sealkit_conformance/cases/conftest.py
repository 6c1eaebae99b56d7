"""The seal in each of its states, as the cases take it."""

from __future__ import annotations

import pytest

from sealkit.wire.registry import State
from sealkit_conformance.bench.backend import Backend
from sealkit_conformance.plugin import current_run
from sealkit_conformance.subject.people import People
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Backend:
    """What is done to the seal."""
    return current_run(request.config).backend


@pytest.fixture
def people(request: pytest.FixtureRequest) -> People:
    """Who gives orders."""
    return current_run(request.config).people


@pytest.fixture
def seal(request: pytest.FixtureRequest) -> SealUnderTest:
    """The seal in whatever state; `stages.bring(seal, state)` brings it to another."""
    return current_run(request.config).seal


@pytest.fixture
def stages(request: pytest.FixtureRequest) -> Stages:
    """Brings the seal to a state."""
    return current_run(request.config).stages


@pytest.fixture
def factory(seal: SealUnderTest, stages: Stages) -> SealUnderTest:
    """A new seal with its maker's credential, not enrolled."""
    return stages.bring(seal, State.FACTORY)


@pytest.fixture
def opened(seal: SealUnderTest, stages: Stages) -> SealUnderTest:
    """An enrolled seal that is open."""
    return stages.bring(seal, State.OPEN)


@pytest.fixture
def sealed(seal: SealUnderTest, stages: Stages) -> SealUnderTest:
    """A sealed seal that sees its meter."""
    return stages.bring(seal, State.SEALED)


@pytest.fixture
def tampered(seal: SealUnderTest, stages: Stages) -> SealUnderTest:
    """A seal whose case was opened while it was sealed, and closed again."""
    return stages.bring(seal, State.TAMPERED)


@pytest.fixture
def retired(seal: SealUnderTest, stages: Stages) -> SealUnderTest:
    """A seal whose life is over."""
    return stages.bring(seal, State.RETIRED)
