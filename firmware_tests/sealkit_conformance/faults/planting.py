"""How the faults of a chapter are gathered, and the ways in which most of them are made."""

from __future__ import annotations
import __future__

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from sealkit_conformance.faults.fault import Fault, Plant

Wrapped = Callable[..., Any]


def gather(faults: list[Fault]) -> Callable[..., Callable[[Plant], Plant]]:
    """A decorator that adds a plant to `faults`: its name is the function's, with dashes.

    It takes the clause that the seal breaks, in a sentence what its maker got wrong, and what
    other clauses (`also`) are broken in the same breath.
    """

    def fault(clause: str, about: str, *, also: tuple[str, ...] = ()) -> Callable[[Plant], Plant]:
        def add(plant: Plant) -> Plant:
            faults.append(Fault(plant.__name__.replace("_", "-"), clause, about, plant, also))
            return plant

        return add

    return fault


def around(patch: pytest.MonkeyPatch, target: str, faulty: Callable[..., Any]) -> None:
    """Puts `faulty(original, ...)` in the place of the function or method named `target`.

    target: `module:name` or `module:Class.name`. Raises AttributeError if there is none.
    """
    owner, name = _owner(target)
    original = getattr(owner, name)
    if isinstance(original, property):
        getter: Wrapped = original.fget  # type: ignore[assignment]
        patch.setattr(owner, name, property(lambda self: faulty(getter, self)))
        return

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return faulty(original, *args, **kwargs)

    patch.setattr(owner, name, wrapped)


def command(patch: pytest.MonkeyPatch, number: int, faulty: Callable[..., Any]) -> None:
    """Has a command answered by `faulty(original, device, body)`."""
    from sealkit_simulator import commands

    original = commands._COMMANDS[number]
    patch.setitem(
        commands._COMMANDS,
        number,
        lambda device, body: faulty(original, device, body),
    )


def slip(
    faults: list[Fault],
    name: str,
    clause: str,
    about: str,
    target: str,
    old: str,
    new: str,
    *,
    also: tuple[str, ...] = (),
) -> None:
    """Adds a fault that is a slip of the pen: in the source of `target`, `old` is written as `new`.

    target: as in `around`. old stands in it exactly once; else the fault cannot be planted.
    """
    faults.append(
        Fault(name, clause, about, lambda patch: _misspell(patch, target, old, new), also)
    )


def _misspell(patch: pytest.MonkeyPatch, target: str, old: str, new: str) -> None:
    """The function itself gets other code, so that it is faulty wherever it was imported.

    Raises AttributeError if there is none, or `old` does not stand in it once.
    """
    owner, name = _owner(target)
    found: Any = getattr(owner, name)
    found = found.fget if isinstance(found, property) else found
    function: Any = inspect.unwrap(found)
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(old) != 1:
        raise AttributeError(f"{target} has {source.count(old)} times {old!r}")
    tree = ast.parse(source.replace(old, new))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    flags = __future__.annotations.compiler_flag
    scope: dict[str, Any] = {}
    code = compile(tree, target, "exec", flags=flags, dont_inherit=True)
    exec(code, function.__globals__, scope)
    patch.setattr(function, "__code__", scope[definition.name].__code__)


def _owner(target: str) -> tuple[Any, str]:
    from importlib import import_module

    module, _, path = target.partition(":")
    owner: Any = import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    return owner, name
