"""Finds what can be played in a package: a module each, with a function `play(scene)`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sealkit_simulator.city.scene import Outcome, Scene


@dataclass(frozen=True, slots=True)
class Play:
    """What a module plays. name: the module's, with hyphens; seals: how many it takes."""

    name: str
    seals: int
    play: Callable[[Scene], Outcome]


def plays_in(package: str, path: Iterable[str]) -> tuple[Play, ...]:
    """The plays of a package, in alphabetical order."""
    return tuple(_play_of(package, module.name) for module in pkgutil.iter_modules(path))


def _play_of(package: str, name: str) -> Play:
    module = importlib.import_module(f"{package}.{name}")
    return Play(name.replace("_", "-"), getattr(module, "SEALS", 1), module.play)
