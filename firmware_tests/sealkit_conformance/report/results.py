"""What became of each case, and of each clause and requirement through its cases."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from importlib.resources import files
from typing import Any

from sealkit_conformance.clauses import CLAUSES
from sealkit_conformance.requirements import REQUIREMENTS


class Outcome(Enum):
    """Of a case, a clause or a requirement; the worst of its cases decides a clause."""

    FAILED = "failed"
    SKIPPED = "skipped"
    PASSED = "passed"
    NO_CASE = "no case"


@dataclass(slots=True)
class CaseResult:
    """clause: the broken one, of a case that failed; None where the bench failed it.

    reason: why it failed or was skipped.
    differences: name, expected, received. exchange: the frames in words.
    """

    name: str
    clauses: list[str]
    outcome: Outcome = Outcome.PASSED
    clause: str | None = None
    reason: str = ""
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    exchange: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "case": self.name,
            "clauses": self.clauses,
            "outcome": self.outcome.value,
            "clause": self.clause,
            "reason": self.reason,
            "differences": [
                {"field": name, "expected": expected, "received": received}
                for name, expected, received in self.differences
            ],
            "exchange": self.exchange,
            "seconds": round(self.seconds, 3),
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> CaseResult:
        differences = [(d["field"], d["expected"], d["received"]) for d in told["differences"]]
        return cls(
            told["case"],
            told["clauses"],
            Outcome(told["outcome"]),
            told["clause"],
            told["reason"],
            differences,
            told["exchange"],
            told["seconds"],
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A clause or requirement: text, what became of it, why it was skipped or has no case."""

    id: str
    text: str
    outcome: Outcome
    cases: tuple[str, ...]
    reason: str


def no_case_reasons() -> dict[str, str]:
    """Why clauses and requirements have no case, by id."""
    text = files("sealkit_conformance").joinpath("no_case.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    return {**told["clause"], **told["requirement"]}


def judge_clauses(cases: Sequence[CaseResult]) -> list[Judged]:
    """Every rule of SPEC.md, in its order."""
    reasons = no_case_reasons()
    return [
        _judged(name, clause.text, cases_of_clause(name, cases), reasons.get(name, ""))
        for name, clause in CLAUSES.items()
    ]


def judge_requirements(cases: Sequence[CaseResult]) -> list[Judged]:
    """R01 to R60: by the cases that name them, and those of the rules that serve them."""
    reasons = no_case_reasons()
    judged = []
    for number, text in REQUIREMENTS.items():
        serving = {name for name, clause in CLAUSES.items() if number in clause.requirements}
        found = [
            case for case in cases if number in case.clauses or serving.intersection(_touched(case))
        ]
        judged.append(_judged(number, text, found, reasons.get(number, "")))
    return judged


def cases_of_clause(name: str, cases: Iterable[CaseResult]) -> list[CaseResult]:
    """The cases that judge a clause. One that failed counts for the clause that is broken alone."""
    return [case for case in cases if name in _touched(case)]


def _touched(case: CaseResult) -> list[str]:
    if case.outcome is Outcome.FAILED:
        return [] if case.clause is None else [case.clause]
    return case.clauses


def _judged(name: str, text: str, cases: Sequence[CaseResult], reason: str) -> Judged:
    outcomes = {case.outcome for case in cases}
    if Outcome.FAILED in outcomes:
        outcome = Outcome.FAILED
        reason = "; ".join(dict.fromkeys(c.reason for c in cases if c.outcome is outcome))
    elif Outcome.PASSED in outcomes:
        outcome, reason = Outcome.PASSED, ""
    elif cases:
        outcome = Outcome.SKIPPED
        reason = "; ".join(dict.fromkeys(case.reason for case in cases))
    else:
        outcome = Outcome.NO_CASE
    return Judged(name, text, outcome, tuple(case.name for case in cases), reason)
