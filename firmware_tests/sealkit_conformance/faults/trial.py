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
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.table import find_fault
from sealkit_conformance.report.results import Outcome
from sealkit_conformance.runner import run_cases
from sealkit_conformance.settings import Settings

CASE_S: Final = 20.0
TRIAL_S: Final = 240.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a faulty seal.

    breaks: the clauses that it breaks. caught: whether a case failed that names one of them.
    case, clause, why: that case, what it names, what it says; of a seal that is not caught, those
    of the first case that failed, if any did.
    """

    fault: str
    breaks: tuple[str, ...]
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
    """Tries one fault in this process, until a case fails that names what the seal breaks."""
    settings = Settings(suite=suite, fault=name, case_s=CASE_S)
    report = run_cases(settings, plugins=[_Hunt(fault.clauses)])
    failed = [case for case in report.cases if case.outcome is Outcome.FAILED]
    if not failed:
        return Trial(name, fault.clauses, False)
    right = [case for case in failed if case.clause in fault.clauses]
    found = (right or failed)[0]
    return Trial(name, fault.clauses, bool(right), found.name, found.clause or "", found.reason)


class _Hunt:
    """Has the cases that are about some clauses come first; ends when one of these is named."""

    def __init__(self, clauses: Sequence[str]) -> None:
        self._clauses = clauses

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        from sealkit_conformance.plugin import clauses_of

        def distance(item: pytest.Item) -> int:
            named = clauses_of(item)
            if self._clauses[0] in named[:1]:
                return 0
            return 1 if set(named) & set(self._clauses) else 2

        items.sort(key=distance)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, "sealkit_conformance", None)
        if report.failed and told is not None and told["result"]["clause"] in self._clauses:
            self._session.shouldstop = "a case has failed that names what is broken"


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
        told = json.loads(done.stdout.splitlines()[-1])
        return Trial(**{**told, "breaks": tuple(told["breaks"])})
    except subprocess.TimeoutExpired:
        why = f"not decided within {seconds:g} s"
    except (ValueError, IndexError, TypeError, KeyError):
        why = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return Trial(name, find_fault(name).clauses, False, why=why)


def main(name: str, suite: str) -> None:
    """One trial; its result is the last line that is printed."""
    trial = try_fault(find_fault(name), name, suite)
    sys.stdout.write(json.dumps(asdict(trial)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
