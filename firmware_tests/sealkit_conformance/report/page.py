"""The report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from html import escape
from typing import Final

from sealkit_conformance import SUITE_VERSION
from sealkit_conformance.clauses import CLAUSES
from sealkit_conformance.report.report import Report, worst_first
from sealkit_conformance.report.results import CaseResult, Judged, Outcome
from sealkit_conformance.requirements import REQUIREMENTS

_STYLE: Final = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem;
  color: #222; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .25rem .6rem; border-top: 1px solid #ddd; }
th { white-space: nowrap; } td:first-child { white-space: nowrap; }
code, pre { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: #f5f5f2; padding: .6rem; white-space: pre-wrap; }
details { margin: .3rem 0 .3rem .6rem; } summary { cursor: pointer; }
.rule { color: #555; max-width: 60rem; margin: 0 0 .4rem; }
.passed { color: #1a6b2c; } .failed { color: #a8201a; font-weight: 600; }
.skipped { color: #8a6100; } .no { color: #666; } .outcome { white-space: nowrap; }
em { color: #666; }
"""


def page(report: Report) -> str:
    """The whole page."""
    counts = ", ".join(f"{number} {outcome}" for outcome, number in report.counts.items())
    device = "no seal answered" if report.device is None else f"seal {report.device.number}"
    parts = [
        "<!doctype html>\n<html lang=en><meta charset=utf-8>",
        f"<title>Conformance of {escape(device)}</title><style>{_STYLE}</style>",
        f"<h1>Conformance of {escape(device)}</h1>",
        f"<p class={'failed' if report.counts['failed'] or report.stopped else 'passed'}>",
        f"{counts}.{escape(' Stopped: ' + report.stopped.message) if report.stopped else ''}</p>",
        _facts(report),
        _failed(report.cases),
        _table("Rules of SPEC.md", report.clauses),
        _table("Requirements of legal metrology", report.requirements),
        _cases(report.cases),
    ]
    return "\n".join(parts) + "\n"


def _facts(report: Report) -> str:
    started = datetime.fromtimestamp(report.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    facts = {"suite version": SUITE_VERSION, "started": started, "seconds": f"{report.seconds:.0f}"}
    if report.device is not None:
        told = asdict(report.device)
        facts |= {name.replace("_", " "): str(value) for name, value in told.items()}
    rows = "".join(
        f"<tr><th>{escape(name)}<td><code>{escape(value)}</code>" for name, value in facts.items()
    )
    return f"<table>{rows}</table>"


def _failed(cases: Iterable[CaseResult]) -> str:
    """What failed, by the rule that is broken; the first case of each in full."""
    by_rule: dict[str, list[CaseResult]] = {}
    for case in cases:
        if case.outcome is Outcome.FAILED:
            by_rule.setdefault(case.clause or "", []).append(case)
    if not by_rule:
        return ""
    parts = ["<h2>Failed</h2>"]
    for rule, failed in by_rule.items():
        text = CLAUSES[rule].text if rule in CLAUSES else REQUIREMENTS.get(rule, "")
        heading = rule or "No rule, but the bench"
        parts.append(f"<h3 class=failed>{escape(heading)}</h3><p class=rule>{escape(text)}</p>")
        parts += [_failure(case, is_open=case is failed[0]) for case in failed]
    return "".join(parts)


def _failure(case: CaseResult, *, is_open: bool) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}<td><code>{escape(expected)}</code><td><code>{escape(received)}</code>"
        for name, expected, received in case.differences
    )
    table = f"<table><tr><th>field<th>expected<th>received{rows}</table>" if rows else ""
    lines = escape("\n".join(case.exchange))
    return (
        f"<details{' open' if is_open else ''}><summary><code>{escape(case.name)}</code>:"
        f" {escape(case.reason)}</summary>{table}"
        + (f"<details><summary>exchange</summary><pre>{lines}</pre></details>" if lines else "")
        + "</details>"
    )


def _table(title: str, judged: Iterable[Judged]) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.id)}"
        f"<td class='outcome {one.outcome.value.split()[0]}'>{one.outcome.value}"
        f"<td>{len(one.cases) or ''}<td>{escape(one.text)}"
        + (f"<br><em>{escape(one.reason)}</em>" if one.reason else "")
        for one in judged
    )
    return f"<h2>{escape(title)}</h2><table><tr><th>id<th>outcome<th>cases<th>text{rows}</table>"


def _cases(cases: Iterable[CaseResult]) -> str:
    rows = "".join(
        f"<tr><td class={case.outcome.value}>{case.outcome.value}<td>{escape(case.name)}"
        f"<td>{escape(' '.join(case.clauses))}<td>{escape(case.reason)}"
        for case in worst_first(list(cases))
    )
    head = "<tr><th>outcome<th>case<th>clauses<th>reason"
    return f"<h2>Cases</h2><details><summary>all</summary><table>{head}{rows}</table></details>"
