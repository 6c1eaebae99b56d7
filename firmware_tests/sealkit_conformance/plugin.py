"""The pytest plugin: options, what a case needs, how long it may take, what becomes of it.

`pytest --pyargs sealkit_conformance` and `sealkit conformance run` both come here. It minds only
tests that name clauses; any other test of the same session does not notice it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from sealkit.errors import DeviceNotFoundError, SealkitError, UndeterminedError
from sealkit_conformance.settings import add_options, settings_of

if TYPE_CHECKING:
    from sealkit_conformance.report.collecting import Collector
    from sealkit_conformance.run import Run

_STATES: Final = ("factory", "opened", "sealed", "tampered", "retired")
"""The fixtures of the states, in the order of a seal's life: a single device goes through them."""
_RUN: Final = pytest.StashKey["Run"]()
_TOLD: Final = "sealkit_conformance"
"""The attribute of a test's report that carries what the conformance report needs of it."""
_ALARM_AGAIN_S: Final = 1.0


class CaseTimedOut(BaseException):
    """A case took longer than it may. No part of the seal or of a case may catch this."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    for line in (
        "clause(*ids): the rules of SPEC.md, and R-numbers, that a case judges",
        "needs(*capabilities): what the bench must be able to do",
        "destructive: the case uses up a device for good",
        "seconds(number): how long the case may take, instead of --case-seconds",
    ):
        config.addinivalue_line("markers", line)
    if not hasattr(config, "workerinput"):  # workers of xdist tell the process that they work for
        config.pluginmanager.register(_Reporter(config), "sealkit_conformance_reporter")


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(_RUN, None)
    if run is not None:
        run.close()


def current_run(config: pytest.Config) -> Run:
    """The run, opened by whoever asks first. Raises what opening the bench raises."""
    if _RUN not in config.stash:
        from sealkit_conformance.run import Run

        config.stash[_RUN] = Run(settings_of(config))
    return config.stash[_RUN]


def is_case(item: pytest.Item) -> bool:
    """Whether a test is a case of conformance."""
    return item.get_closest_marker("clause") is not None


def clauses_of(item: pytest.Item) -> list[str]:
    """The clauses of a case: those of its own marks before those of its parameters and module."""
    ids = [name for mark in item.iter_markers("clause") for name in mark.args]
    return list(dict.fromkeys(ids))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A seal goes through its states once: cases stand in the order of its life."""

    def place(item: pytest.Item) -> int:
        if not is_case(item):
            return len(_STATES) // 2
        if item.get_closest_marker("destructive") is not None:
            return len(_STATES)
        names = getattr(item, "fixturenames", ())
        used = [at for at, name in enumerate(_STATES) if name in names]
        return used[0] if used else len(_STATES) // 2

    items.sort(key=place)
    for item in filter(is_case, items):
        item.user_properties.append(("rules", " ".join(clauses_of(item))))  # for JUnit


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if not is_case(item):
        return (yield)
    mark = item.get_closest_marker("seconds")
    seconds = float(mark.args[0]) if mark else item.config.option.case_seconds
    with _alarm(seconds):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    if not is_case(item):
        return (yield)
    with _unable(item):
        run = current_run(item.config)
        run.begin_case(item.nodeid.rsplit("/", 1)[-1])
        _skip_what_cannot_be_done(item, run)
        run.greet()
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    if not is_case(item):
        return (yield)
    with _unable(item):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    yield
    if is_case(item) and _RUN in item.config.stash:
        run = item.config.stash[_RUN]
        with _unable(item):
            run.end_case()
        if run.stopped is not None:
            item.session.shouldstop = run.stopped.message


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if is_case(item):
        from sealkit_conformance.report.collecting import told_of

        error = call.excinfo.value if call.excinfo else None
        told = told_of(report, error, clauses_of(item), item.config.stash.get(_RUN, None))
        setattr(report, _TOLD, told)
        if report.failed and told["result"]["exchange"]:
            report.sections.append(("exchange", "\n".join(told["result"]["exchange"])))
    return report


def _skip_what_cannot_be_done(item: pytest.Item, run: Run) -> None:
    for mark in item.iter_markers("needs"):
        for capability in mark.args:
            if capability not in run.backend.capabilities:
                _cannot(item, f"this bench lacks {capability.value}")


class _Reporter:
    """Takes what the cases tell, wherever they run, and writes the reports at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._collector: Collector | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        cases = [item for item in session.items if is_case(item)]
        for item in cases:
            self._collecting().await_case(item.nodeid, clauses_of(item))
        option = self._config.option
        ending = sum(item.get_closest_marker("destructive") is not None for item in cases)
        if cases and option.seal is not None and not option.collectonly:
            self._warn(option.seal, option.seal_number, len(cases), ending)

    def _warn(self, spec: str, number: str, cases: int, ending: int) -> None:
        """Before anything is done to a seal that is real."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_sep("=", f"testing seal {number} on {spec}", yellow=True, bold=True)
            reporter.write_line(
                f"{cases} cases will give it orders, break it and fill it; {ending} of them use up"
                " a device for good: FACTORY and RETIRED cannot be undone."
            )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, _TOLD, None)
        if told is not None:
            self._collecting().take(told)

    def pytest_sessionfinish(self) -> None:
        if self._collector is not None and not self._config.option.collectonly:
            self._collector.write(settings_of(self._config))

    def _collecting(self) -> Collector:
        if self._collector is None:
            from sealkit_conformance.report.collecting import Collector

            self._collector = Collector()
        return self._collector


@contextmanager
def _unable(item: pytest.Item) -> Iterator[None]:
    """What the bench cannot do skips the case; a bench that is lost ends the run."""
    from sealkit_conformance.bench.backend import CannotDoError

    try:
        yield
    except CannotDoError as error:
        _cannot(item, f"this bench lacks {error.capability.value}")
    except UndeterminedError as error:
        _cannot(item, error.message.rstrip("."))
    except SealkitError as error:
        # Without a bench, or with one that has lost its seal, nothing that follows can go better.
        run = item.config.stash.get(_RUN, None)
        if run is None or isinstance(error, DeviceNotFoundError):
            item.session.shouldstop = error.message
            if run is not None:
                run.stop(error)
        raise


def _cannot(item: pytest.Item, reason: str) -> None:
    if item.config.option.strict_bench:
        pytest.fail(f"{reason}, and --strict asks for it", pytrace=False)
    pytest.skip(reason)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Ends what runs on the main thread after so long."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise CaseTimedOut(f"the case took longer than {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, _ALARM_AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
