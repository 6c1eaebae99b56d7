"""Whether the cases find a fault: each faulty seal is tried in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Final

import pytest

from sealkit.errors import SealkitError
from sealkit_conformance.faults.fault import Fault, find_fault
from sealkit_conformance.report.report import Report
from sealkit_conformance.report.results import CaseResult, Outcome
from sealkit_conformance.runner import run_cases
from sealkit_conformance.settings import Settings

CASE_S: Final = 20.0
TRIAL_S: Final = 240.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a faulty seal.

    breaks: the clause that it breaks. case: one that failed, best one that names that clause.
    clause: the one that the case names. why: what the case says.
    """

    fault: str
    breaks: str
    caught: bool
    case: str = ""
    clause: str = ""
    why: str = ""


def try_faults(
    names: Sequence[str],
    suite: str,
    *,
    seconds: float = TRIAL_S,
    told: Callable[[Trial], None] = lambda trial: None,
) -> list[Trial]:
    """Tries faults over all cores. told: takes each when it is done.

    Raises UsageError FAULT_UNKNOWN; SealkitError FAULT_BROKEN if one cannot be planted.
    """
    for name in names:
        plant_once(find_fault(name))

    def one(name: str) -> Trial:
        trial = _in_a_process(name, suite, seconds)
        told(trial)
        return trial

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        return list(workers.map(one, names))


def try_fault(fault: Fault, name: str, suite: str) -> Trial:
    """Tries one fault in this process: the cases of its clause, then the others until one fails."""
    settings = Settings(suite=suite, fault=name, case_s=CASE_S)
    own = _Only(fault.clause, True)
    report = run_cases(settings, plugins=[own])
    failed = _failed(report)
    if not failed:
        report = run_cases(settings, first_only=True, plugins=[_Only(fault.clause, False)])
        failed = _failed(report)
    if not failed:
        return Trial(name, fault.clause, False)
    best = max(failed, key=lambda case: case.clause == fault.clause)
    return Trial(name, fault.clause, True, best.name, best.clause or "", best.reason)


class _Only:
    """Leaves only the cases that judge a clause, or only the others; ends when one names it."""

    def __init__(self, clause: str, judging: bool) -> None:
        self._clause = clause
        self._judging = judging

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        from sealkit_conformance.plugin import clauses_of

        fitting = [one for one in items if (self._clause in clauses_of(one)) is self._judging]
        items[:] = fitting or items  # a clause may have no case of its own yet

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, "sealkit_conformance", None)
        if report.failed and told is not None and told["result"]["clause"] == self._clause:
            self._session.shouldstop = "the case that names the clause has failed"


def _failed(report: Report) -> list[CaseResult]:
    return [case for case in report.cases if case.outcome is Outcome.FAILED]


def plant_once(fault: Fault) -> None:
    """A fault whose parts are not there would pass for one that every case finds."""
    with pytest.MonkeyPatch.context() as patch:
        try:
            fault.plant(patch)
        except (AttributeError, ImportError, KeyError) as error:
            raise SealkitError(
                "FAULT_BROKEN",
                f"The fault {fault.name} cannot be planted: {error}.",
                "The simulated seal has changed; change the fault too.",
            ) from error


def _in_a_process(name: str, suite: str, seconds: float) -> Trial:
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, name, suite],
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        return Trial(**json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired:
        why = f"not decided within {seconds:g} s"
    except (ValueError, IndexError, TypeError):
        why = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return Trial(name, find_fault(name).clause, False, why=why)


def main(name: str, suite: str) -> None:
    """One trial; its result is the last line that is printed."""
    trial = try_fault(find_fault(name), name, suite)
    sys.stdout.write(json.dumps(asdict(trial)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
