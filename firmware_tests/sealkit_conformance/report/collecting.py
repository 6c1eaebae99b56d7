"""Gathers what became of the cases, in whatever process they ran, and writes the reports."""

from __future__ import annotations

from dataclasses import asdict
from time import time
from typing import Any

import pytest

from sealkit.errors import DeviceNotFoundError, SealkitError
from sealkit_conformance.expect import NotConformingError
from sealkit_conformance.explain import explain
from sealkit_conformance.report.page import page
from sealkit_conformance.report.report import Report, Stopped, TestedDevice, as_bytes
from sealkit_conformance.report.results import CaseResult, Outcome
from sealkit_conformance.run import Run
from sealkit_conformance.settings import Settings

_PACKETS_SHOWN = 60


def told_of(
    report: pytest.TestReport, error: BaseException | None, clauses: list[str], run: Run | None
) -> dict[str, Any]:
    """What one phase of a case says for the report, in JSON values: it may cross processes."""
    result = CaseResult(_name(report.nodeid), clauses, seconds=report.duration)
    if report.skipped:
        result.outcome = Outcome.SKIPPED
        result.reason = _skip_reason(report)
    elif run is None and isinstance(error, SealkitError):
        result.outcome = Outcome.SKIPPED
        result.reason = f"the bench could not be opened: {error.message}"
    elif report.failed:
        result.outcome = Outcome.FAILED
        lost = isinstance(error, DeviceNotFoundError)
        result.clause = None if lost else clauses[0]  # a cable that is out breaks no rule
        result.reason = _reason(report, error)
        if run is not None:
            result.exchange = list(explain(run.recorder.packets[-_PACKETS_SHOWN:]))
        if isinstance(error, NotConformingError):
            result.clause = error.clause
            result.differences = [(d.name, d.expected, d.received) for d in error.differences]
    told: dict[str, Any] = {"result": result.as_json()}
    if run is not None and run.device is not None:
        told["device"] = asdict(run.device)
    stopped = run.stopped if run is not None else None
    if stopped is None and run is None and isinstance(error, SealkitError):
        stopped = Stopped.by(error)  # the bench could not even be opened
    if stopped is not None:
        told["stopped"] = asdict(stopped)
    return told


class Collector:
    """The cases' phases, put together."""

    def __init__(self) -> None:
        self._results: dict[str, CaseResult] = {}
        self._device: TestedDevice | None = None
        self._started = time()
        self._awaited: set[str] = set()
        self.stopped: Stopped | None = None

    def await_case(self, nodeid: str, clauses: list[str]) -> None:
        """A case that is to come: if the run ends before it, the report says so."""
        name = _name(nodeid)
        self._awaited.add(name)
        self._results[name] = CaseResult(
            name, clauses, Outcome.SKIPPED, reason="the run ended before it"
        )

    def take(self, told: dict[str, Any]) -> None:
        """One phase of a case: the worst decides, times add up."""
        new = CaseResult.from_json(told["result"])
        stopped = told.get("stopped")
        if stopped is not None and self.stopped is None:
            self.stopped = Stopped(**stopped)
        if "device" in told and self._device is None:
            self._device = TestedDevice(**told["device"])
        old = self._results.get(new.name)
        if old is None or new.name in self._awaited:
            self._awaited.discard(new.name)
            self._results[new.name] = new
            return
        places = list(Outcome)
        worst = min(old, new, key=lambda result: places.index(result.outcome))
        worst.seconds = old.seconds + new.seconds
        self._results[new.name] = worst

    def report(self) -> Report:
        """All so far."""
        cases = tuple(self._results.values())
        return Report(self._device, self._started, time() - self._started, self.stopped, cases)

    def write(self, settings: Settings) -> None:
        """Writes the files that were asked for."""
        report = self.report()
        if settings.report_json is not None:
            settings.report_json.write_bytes(as_bytes(report))
        if settings.report_html is not None:
            settings.report_html.write_text(page(report), encoding="utf-8")


def _name(nodeid: str) -> str:
    """The case by its file and name, wherever the suite is installed."""
    return nodeid.rsplit("/", 1)[-1]


def _skip_reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)


def _reason(report: pytest.TestReport, error: BaseException | None) -> str:
    if isinstance(error, NotConformingError):
        return error.what
    if error is None:
        return report.longreprtext.splitlines()[-1] if report.longreprtext else "it failed"
    return error.message if isinstance(error, SealkitError) else f"{type(error).__name__}: {error}"
