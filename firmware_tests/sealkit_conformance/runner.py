"""Runs the cases by pytest in this process, apart from whatever pytest is configured for here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sealkit.errors import SealkitError
from sealkit_conformance.report.junit import add_rules
from sealkit_conformance.report.report import Report
from sealkit_conformance.settings import Settings

_PYTEST_VARIABLES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


def run_cases(
    settings: Settings,
    *,
    junit: Path | None = None,
    select: str = "",
    first_only: bool = False,
    plugins: Sequence[object] = (),
) -> Report:
    """The report of a run. pytest's own progress goes to stderr.

    select: pytest's -k. first_only: ends at the first case that fails. plugins: further
    ones of pytest, for this run.
    Raises SealkitError CONFORMANCE_BROKEN if pytest itself could not run.
    """
    with TemporaryDirectory() as directory:
        told = replace(settings, report_json=settings.report_json or Path(directory) / "report")
        arguments = [*_options(told)]
        if junit is not None:
            arguments.append(f"--junit-xml={junit.absolute()}")
        if select:
            arguments += ["-k", select]
        if first_only:
            arguments.append("-x")
        status = _pytest(arguments, plugins)
        if told.report_json is None or not told.report_json.exists():
            raise SealkitError(
                "CONFORMANCE_BROKEN",
                f"The cases could not be run; pytest ended with status {int(status)}.",
                "See what it says above; `--select` may fit no case.",
            )
        report = Report.from_json(told.report_json.read_bytes())
        if junit is not None:
            add_rules(junit, report)
        return report


def list_cases(select: str = "") -> list[tuple[str, list[str], str]]:
    """All cases: name, clauses, first line of what they say."""
    seen = _Seen()
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        _pytest(["--collect-only", *(["-k", select] if select else [])], (seen,))
    return seen.cases


class _Seen:
    """Sees what pytest collects."""

    def __init__(self) -> None:
        self.cases: list[tuple[str, list[str], str]] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        from sealkit_conformance.plugin import clauses_of, is_case

        for item in filter(is_case, session.items):
            function = getattr(item, "function", None)
            about = (function.__doc__ or "").strip().partition("\n")[0] if function else ""
            self.cases.append((item.nodeid.rsplit("/", 1)[-1], clauses_of(item), about))


def _pytest(arguments: Sequence[str], plugins: Sequence[object]) -> int:
    with as_file(files("sealkit_conformance")) as package, _without_settings():
        fixed = ["-c", str(package / "pytest.ini"), "--rootdir", str(package)]
        own = ["-p", "sealkit_conformance"]
        with redirect_stdout(sys.stderr if sys.stdout is sys.__stdout__ else sys.stdout):
            return int(
                pytest.main([*fixed, *own, *arguments, str(package / "cases")], plugins=[*plugins])
            )


def _options(settings: Settings) -> Iterator[str]:
    """The plugin's options for these settings."""
    yield f"--suite={settings.suite}"
    for name, value in (
        ("seal", settings.seal),
        ("seal-number", settings.seal_number),
        ("meter", settings.meter),
        ("meter-port", settings.meter_port),
        ("rig", settings.rig),
        ("fault", settings.fault),
    ):
        if value is not None:
            yield f"--{name}={value}"
    for name, path in (
        ("keys", settings.keys),
        ("trust", settings.trust),
        ("record", settings.record),
        ("report-json", settings.report_json),
        ("report-html", settings.report_html),
    ):
        if path is not None:
            yield f"--{name}={path.absolute()}"
    if settings.strict:
        yield "--strict-bench"
    yield f"--case-seconds={settings.case_s}"
    yield f"--explore-steps={settings.explore_steps}"
    if settings.explore_seed is not None:
        yield f"--explore-seed={settings.explore_seed}"


@contextmanager
def _without_settings() -> Iterator[None]:
    """Without what the environment would tell pytest."""
    kept = {name: os.environ.pop(name) for name in _PYTEST_VARIABLES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
