"""A mutant is a change to what runs, and the cases notice one that matters."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "maintain"))

from mutant_trials import Mutant, path_of, try_mutants
from mutants import MODULES, _meaning, mutants_of, places_of


def test_every_module_is_there() -> None:
    assert all(path_of(module).exists() for module in MODULES)


def test_a_change_is_noticed_by_the_cases_and_leaves_the_files_alone() -> None:
    source = path_of("sealkit_simulator.crypto_core").read_text()
    changed = source.replace("self._key.sign(unsigned)", "self._key.sign(unsigned[1:])")
    assert changed != source
    module = "sealkit_simulator.crypto_core"
    mutants = [Mutant(module, 1, "", changed), Mutant(module, 1, "", source + "\nraise OSError\n")]
    bad, broken = try_mutants(mutants, "p256", workers=1, select="test_evidence and sign")
    assert "test_evidence" in bad.noticed_by
    assert broken.noticed_by == "the seal does not start (OSError)"
    assert path_of("sealkit_simulator.crypto_core").read_text() == source


def test_a_change_that_matters_to_nobody_survives() -> None:
    module = "sealkit_simulator.crypto_core"
    same = Mutant(module, 1, "", path_of(module).read_text() + "\nx = 1\n")
    (outcome,) = try_mutants([same], "p256", select="test_evidence and sign")
    assert outcome.noticed_by == ""


def test_a_mutant_meets_only_the_cases_that_come_to_its_place() -> None:
    module = "sealkit_simulator.baud"
    text = path_of(module).read_text()
    broken = text.replace(
        "        self._changed_at = None\n\n    def poll", "        assert 0\n\n    def poll"
    )
    assert broken != text
    at = {name: text[: text.index(f"def {name}")].count("\n") + 2 for name in ("ask", "good_frame")}
    tried = [Mutant(module, at[name], "", broken) for name in ("ask", "good_frame")]
    elsewhere, there = try_mutants(tried, "p256", workers=1, select="test_evidence and sign")
    assert elsewhere.noticed_by == ""
    assert "test_evidence" in there.noticed_by


def test_types_and_comments_mean_nothing() -> None:
    one = "def f(a: int | None) -> int:\n    b: int = a or 1\n    return b\n"
    other = "def f(a: int & None) -> str:\n    b: str = a or 1  # why\n    return b\n"
    assert _meaning(one) == _meaning(other)
    assert _meaning(one) != _meaning(one.replace("1", "2"))
    declared = "@dataclass(frozen=True)\nclass C:\n    a: int = 1\n"
    assert _meaning(declared) == _meaning(declared.replace("True", "False"))
    assert _meaning(declared) != _meaning(declared.replace("1", "2"))
    cached = "@lru_cache(maxsize=8)\n" + one
    assert _meaning(cached) == _meaning(one)


def test_each_place_is_changed_once_and_the_same_way_for_one_seed() -> None:
    pytest.importorskip("cosmic_ray", reason="cosmic-ray is not installed")
    module = "sealkit_simulator.baud"
    places = places_of(module)
    first, again = (list(mutants_of(places, 0, random.Random(3))) for _ in range(2))
    assert first == again
    assert len(first) > 8
    meaning = _meaning(path_of(module).read_text())
    assert all(_meaning(mutant.source) != meaning for mutant in first)
    some = list(mutants_of(places, 5, random.Random(3)))
    assert len({(mutant.line, mutant.source) for mutant in some}) == 5
