"""How taxis cheat, one file each, in words first: how it is done, and where it was met.

A fraud is a module of this package with one `Scheme` in it; its name is the module's, with hyphens.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from typing import Final

from sealkit.errors import UsageError
from sealkit_simulator.frauds.parts.scheme import Scheme

HONEST: Final = "honest"


@cache
def known_frauds() -> dict[str, type[Scheme]]:
    """Every fraud by name, in alphabetical order; `honest` is among them."""
    return {
        module.name.replace("_", "-"): _scheme_in(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if not module.ispkg
    }


def fraud_named(name: str) -> type[Scheme]:
    """Raises UsageError NO_SUCH_FRAUD."""
    known = known_frauds()
    if name not in known:
        raise UsageError(
            "NO_SUCH_FRAUD",
            f"There is no fraud {name}.",
            f"Play one of: {', '.join(known)}.",
        )
    return known[name]


def words_of(kind: type[Scheme]) -> str:
    """How it is done: the docstring of its file."""
    return inspect.cleandoc(inspect.getmodule(kind).__doc__ or "")


def _scheme_in(module_name: str) -> type[Scheme]:
    module = importlib.import_module(module_name)
    (kind,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Scheme) and value.__module__ == module_name
    )
    return kind
