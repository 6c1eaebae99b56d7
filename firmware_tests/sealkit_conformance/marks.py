"""What a case says of itself: the clauses that it judges, and what it needs."""

from __future__ import annotations

from typing import Any

import pytest

from sealkit.wire.registry import OrderKind
from sealkit_conformance.bench.backend import Capability


def clause(*ids: str) -> pytest.MarkDecorator:
    """The rules of SPEC.md that the case judges, the one it is about first; R-numbers follow."""
    return pytest.mark.clause(*ids)


def needs(*capabilities: Capability) -> pytest.MarkDecorator:
    """What the bench must be able to do; else the case is skipped with that reason."""
    return pytest.mark.needs(*capabilities)


def of(case: Any, *ids: str) -> Any:
    """A parameter of a case that judges rules of its own: `pytest.param` with its clauses."""
    return pytest.param(case, marks=clause(*ids))


destructive = pytest.mark.destructive
"""The case uses up a device for good: it leaves FACTORY, is retired, or is filled."""


def every_order() -> list[Any]:
    """All kinds of orders as parameters; those after which a device is used up are marked so."""
    ending = (OrderKind.ENROL, OrderKind.RETIRE)
    return [
        pytest.param(kind, id=kind.name.lower(), marks=[destructive] if kind in ending else [])
        for kind in OrderKind
    ]
