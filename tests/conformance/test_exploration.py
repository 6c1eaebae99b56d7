"""The exploration finds a faulty seal, and tells the shortest way to it, with its clause."""

from __future__ import annotations

import pytest
from support.conformance import conformance, failed

EXPLORING = "--select=any_sequence"


@pytest.mark.parametrize("seed", [[], ["--explore-seed=7", "--explore-steps=12"]])
def test_a_good_seal_goes_the_way_of_the_model(seed: list[str]) -> None:
    status, report = conformance("run", EXPLORING, *seed)
    assert (status, failed(report)) == (0, [])


def test_a_faulty_seal_is_found_by_a_short_sequence() -> None:
    status, report = conformance("run", EXPLORING, "--fault=overlooks-a-changed-fare")
    (case,) = [case for case in report["cases"] if case["outcome"] == "failed"]
    assert (status, case["clause"]) == (8, "Z-1")
    assert "the meter holds fare" in case["reason"]
    assert case["reason"].count("\n") <= 4
