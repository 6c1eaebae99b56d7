"""Gathers what became of the cases, in whatever process they ran, and writes the reports."""

from __future__ import annotations

from dataclasses import asdict
from time import time
from typing import Any

import pytest

from sealkit_conformance.expect import NotConformingError
from sealkit_conformance.explain import explain
from sealkit_conformance.recording import Packet
from sealkit_conformance.report.page import page
from sealkit_conformance.report.report import Report, TestedDevice, as_bytes
from sealkit_conformance.report.results import CaseResult, Outcome
from sealkit_conformance.settings import Settings

_PACKETS_SHOWN = 60


def told_of(
    report: pytest.TestReport,
    error: BaseException | None,
    clauses: list[str],
    packets: list[Packet],
    device: TestedDevice | None,
) -> dict[str, Any]:
    """What one phase of a case says for the report, in JSON values: it may cross processes."""
    result = CaseResult(_name(report.nodeid), clauses, seconds=report.duration)
    if report.skipped:
        result.outcome = Outcome.SKIPPED
        result.reason = _skip_reason(report)
    elif report.failed:
        result.outcome = Outcome.FAILED
        result.exchange = list(explain(packets[-_PACKETS_SHOWN:]))
        result.clause = clauses[0]
        result.reason = _reason(report, error)
        if isinstance(error, NotConformingError):
            result.clause = error.clause
            result.differences = [(d.name, d.expected, d.received) for d in error.differences]
    told: dict[str, Any] = {"result": result.as_json()}
    if device is not None:
        told["device"] = asdict(device)
    return told


class Collector:
    """The cases' phases, put together."""

    def __init__(self) -> None:
        self._results: dict[str, CaseResult] = {}
        self._device: TestedDevice | None = None
        self._started = time()

    def take(self, told: dict[str, Any]) -> None:
        """One phase of a case: the worst decides, times add up."""
        new = CaseResult.from_json(told["result"])
        if "device" in told and self._device is None:
            self._device = TestedDevice(**told["device"])
        old = self._results.get(new.name)
        if old is None:
            self._results[new.name] = new
            return
        places = list(Outcome)
        worst = min(old, new, key=lambda result: places.index(result.outcome))
        worst.seconds = old.seconds + new.seconds
        self._results[new.name] = worst

    def report(self, stopped: str) -> Report:
        """All so far."""
        cases = tuple(self._results.values())
        return Report(self._device, self._started, time() - self._started, stopped, cases)

    def write(self, settings: Settings, stopped: str) -> None:
        """Writes the files that were asked for."""
        report = self.report(stopped)
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
    return f"{type(error).__name__}: {error}"
