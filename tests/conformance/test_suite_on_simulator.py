"""The simulated seal passes every case, and every rule has one or a reason why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.conformance import conformance, failed

from sealkit_conformance.clauses import CLAUSES
from sealkit_conformance.report.results import no_case_reasons
from sealkit_conformance.requirements import REQUIREMENTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def listed() -> list[dict[str, object]]:
    status, told = conformance("list")
    assert status == 0
    cases: list[dict[str, object]] = told["cases"]
    return cases


@pytest.mark.parametrize("suite", ["p256", "sm2"])
def test_the_simulated_seal_passes(suite: str) -> None:
    status, report = conformance("run", "--suite", suite)
    assert failed(report) == []
    assert status == 0
    assert report["stopped"] is None
    assert report["device"]["suite"] == suite
    skipped = {case["reason"] for case in report["cases"] if case["outcome"] == "skipped"}
    assert skipped <= {"SM2 has no second form of a signature"}


def test_every_must_and_requirement_has_a_case_or_a_reason(
    listed: list[dict[str, object]],
) -> None:
    judged = {name for case in listed for name in case["clauses"]}  # type: ignore[attr-defined]
    judged |= {number for name in judged & set(CLAUSES) for number in CLAUSES[name].requirements}
    due = {name for name, clause in CLAUSES.items() if clause.binds} | set(REQUIREMENTS)
    reasons = set(no_case_reasons())
    assert due - judged - reasons == set()
    assert reasons & {name for case in listed for name in case["clauses"]} == set()  # type: ignore[attr-defined]


def test_cases_name_only_what_exists(listed: list[dict[str, object]]) -> None:
    named = {name for case in listed for name in case["clauses"]}  # type: ignore[attr-defined]
    assert named - set(CLAUSES) - set(REQUIREMENTS) == set()
    assert set(no_case_reasons()) - set(CLAUSES) - set(REQUIREMENTS) == set()
    blamed = {
        name
        for file in (ROOT / "firmware_tests/sealkit_conformance").rglob("*.py")
        for name in re.findall(r'"([A-Z]-\d+)"', file.read_text(encoding="utf-8"))
    }
    assert blamed - set(CLAUSES) == set()
