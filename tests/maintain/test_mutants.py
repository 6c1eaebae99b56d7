"""A mutant is a change to what runs, and the cases notice one that matters."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "maintain"))

from mutants import MODULES, Mutant, _meaning, _path_of, mutants_of, try_mutant


def test_every_module_is_there() -> None:
    assert all(_path_of(module).exists() for module in MODULES)


def test_a_change_is_noticed_by_the_cases_and_leaves_the_files_alone() -> None:
    source = _path_of("sealkit_simulator.crypto_core").read_text()
    changed = source.replace("self._key.sign(unsigned)", "self._key.sign(unsigned[1:])")
    assert changed != source
    outcome = try_mutant(Mutant("sealkit_simulator.crypto_core", 1, "", changed), "p256")
    assert "T-3" in outcome.noticed_by
    assert _path_of("sealkit_simulator.crypto_core").read_text() == source


def test_types_and_comments_mean_nothing() -> None:
    one = "def f(a: int | None) -> int:\n    b: int = a or 1\n    return b\n"
    other = "def f(a: int & None) -> str:\n    b: str = a or 1  # why\n    return b\n"
    assert _meaning(one) == _meaning(other)
    assert _meaning(one) != _meaning(one.replace("1", "2"))
    declared = "@dataclass(frozen=True)\nclass C:\n    a: int = 1\n"
    assert _meaning(declared) == _meaning(declared.replace("True", "False"))
    assert _meaning(declared) != _meaning(declared.replace("1", "2"))


def test_each_place_is_changed_once_and_the_same_way_for_one_seed() -> None:
    pytest.importorskip("cosmic_ray", reason="cosmic-ray is not installed")
    module = "sealkit_simulator.baud"
    first, again = (list(mutants_of(module, random.Random(3))) for _ in range(2))
    assert first == again
    assert len(first) > 8
    meaning = _meaning(_path_of(module).read_text())
    assert all(_meaning(mutant.source) != meaning for mutant in first)
