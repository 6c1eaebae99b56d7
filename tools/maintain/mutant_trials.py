"""Tries mutants of the simulated seal: the cases are collected once, then each mutant is a fork.

In a fork the changed module is loaded from its new source, and with it afresh whatever the
simulated seal consists of; the working tree stays as it is. What the cases themselves stand on
(wire, keys, the suite) is the one that was there before: a judge does not change with the judged.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryFile
from types import CodeType, FrameType
from typing import IO, Any, Final

import pytest

SEAL: Final = "sealkit_simulator"
RULES: Final = "sealkit.rules"
BENCH: Final = "sealkit_conformance.bench.simulated"
CASE_S: Final = 30.0
CPU_S: Final = 600
"""Computing time, not time on the clock: other work on this computer makes no mutant noticed."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """line: where it begins. source: the whole module, changed."""

    module: str
    line: int
    operator: str
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """noticed_by: the case that failed, or why there was no end; empty for a survivor.
    cases: how many come to its place."""

    mutant: Mutant
    noticed_by: str
    cases: int


def try_mutants(
    mutants: Sequence[Mutant],
    suite: str,
    told: Callable[[Outcome], None] = lambda outcome: None,
    *,
    workers: int | None = None,
    select: str = "",
) -> list[Outcome]:
    """The outcomes, in the order in which they came; told: takes each at once.

    workers: how many are tried at a time; else one per core. select: only such cases (as -k).
    Raises SystemExit if the seal fails before it is changed.
    """
    from sealkit_conformance.runner import run_cases
    from sealkit_conformance.settings import Settings

    trials = _Trials(mutants, told, workers or os.cpu_count() or 1)
    run_cases(Settings(suite=suite, case_s=CASE_S), select=select, plugins=[trials])
    if trials.broken:
        raise SystemExit(f"The simulated seal fails before it is changed: {trials.broken}.")
    return trials.outcomes


def path_of(module: str) -> Path:
    """Where a module's source stands. Raises SystemExit."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise SystemExit(f"There is no module {module}.")
    return Path(spec.origin)


class _Trials:
    """Takes the place of pytest's loop over the cases."""

    def __init__(
        self, mutants: Sequence[Mutant], told: Callable[[Outcome], None], workers: int
    ) -> None:
        self.broken = ""
        self.outcomes: list[Outcome] = []
        self._mutants = mutants
        self._told = told
        self._workers = workers
        self._noticed: defaultdict[str, Counter[str]] = defaultdict(Counter)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        # What forks write in one captured file would run together.
        session.config.pluginmanager.unregister(name="capturemanager")
        gc.freeze()  # what is there before stays shared with the forks
        seen = _Fork(lambda: _run_untouched(session)).result()
        self.broken = seen if isinstance(seen, str) else seen["failed"]
        if not self.broken:
            self._reached = _Reached(seen["calls"], seen["seconds"])
            self._try_all(session)
        return True

    def _try_all(self, session: pytest.Session) -> None:
        waiting = list(reversed(self._mutants))
        running: dict[int, tuple[_Fork, Mutant, int]] = {}
        while waiting or running:
            while waiting and len(running) < self._workers:
                mutant = waiting.pop()
                cases = self._cases(session, mutant)
                fork = _Fork(partial(_try, session, mutant, cases))
                running[fork.pid] = fork, mutant, len(cases)
            pid, status = os.wait()
            fork, mutant, number = running.pop(pid)
            outcome = Outcome(mutant, fork.result(status), number)
            self._noticed[mutant.module][outcome.noticed_by] += 1
            self.outcomes.append(outcome)
            self._told(outcome)

    def _cases(self, session: pytest.Session, mutant: Mutant) -> list[pytest.Item]:
        """Those that come to its place; first what noticed others of its module, and is quick."""
        before = self._noticed[mutant.module]
        cases = self._reached.cases(session.items, mutant)
        cases.sort(key=lambda item: (-before[item.nodeid], self._reached.seconds[item.nodeid]))
        return cases


def _try(session: pytest.Session, mutant: Mutant, cases: Sequence[pytest.Item]) -> str:
    """The case that notices it, or that there is no seal any more."""
    try:
        _load(mutant)
    except Exception as error:
        return f"the seal does not start ({type(error).__name__})"
    return _run_cases(session, cases)


class _Reached:
    """Which cases come to a place in the seal's code, and how long each case takes."""

    def __init__(self, calls: dict[str, list[str]], seconds: dict[str, float]) -> None:
        self.seconds = seconds
        self._by_function = {
            (path, int(first), int(last)): set(cases)
            for function, cases in calls.items()
            for path, first, last in [function.rsplit(":", 2)]
        }

    def cases(self, items: Sequence[pytest.Item], mutant: Mutant) -> list[pytest.Item]:
        """Those in which a function ran that has the place in it; all, if it is in none."""
        path = str(path_of(mutant.module))
        if not _in_a_function(path, mutant.line):
            return list(items)
        reached: set[str] = set()
        for (place, first, last), cases in self._by_function.items():
            if place == path and first <= mutant.line <= last:
                reached |= cases
        return [item for item in items if item.nodeid in reached]


def _in_a_function(path: str, line: int) -> bool:
    """Whether what stands there runs when a function is called, not when its module is loaded."""
    code = compile(Path(path).read_text(encoding="utf-8"), path, "exec")
    return any(first <= line <= last for first, last in _functions(code))


def _functions(code: CodeType) -> Iterator[tuple[int, int]]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & _OPTIMIZED:
                yield _lines(inner)
            yield from _functions(inner)


_OPTIMIZED: Final = 0x1  # inspect.CO_OPTIMIZED: a function's body; a class's body lacks it


def _lines(code: CodeType) -> tuple[int, int]:
    lines = [line for _, _, line in code.co_lines() if line]
    return code.co_firstlineno, max(lines, default=code.co_firstlineno)


def _run_untouched(session: pytest.Session) -> dict[str, Any]:
    """All cases against the seal as it is, loaded as a mutant is: who calls what, and how long."""
    _load(None)
    calls: defaultdict[str, set[str]] = defaultdict(set)
    seconds: dict[str, float] = {}
    roots = tuple(str(path_of(name).parent) + os.sep for name in (SEAL, RULES))
    called: set[CodeType] = set()

    def trace(frame: FrameType, event: str, _: Any) -> None:
        called.add(frame.f_code)

    for item, following in _with_next(session.items):
        called.clear()
        begun = time.monotonic()
        sys.settrace(trace)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        sys.settrace(None)
        seconds[item.nodeid] = time.monotonic() - begun
        if session.testsfailed:
            return {"failed": item.nodeid}
        for code in called:
            if code.co_filename.startswith(roots):
                first, last = _lines(code)
                calls[f"{code.co_filename}:{first}:{last}"].add(item.nodeid)
    told = {function: sorted(cases) for function, cases in calls.items()}
    return {"failed": "", "calls": told, "seconds": seconds}


def _run_cases(session: pytest.Session, cases: Sequence[pytest.Item]) -> str:
    """The first case that fails; empty if none does."""
    for item, following in _with_next(cases):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return item.nodeid
    return ""


def _with_next(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=False)  # of none there is no next


class _Fork:
    """Does something in a fork of this process; its result comes back as JSON."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115  (closed with the result)
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            with _last_words():
                told = json.dumps(work()).encode()
                self._file.write(told)
                self._file.flush()

    def result(self, status: int | None = None) -> Any:
        """What the work gave; words, if it came to no end. status: of `os.wait`, if it is over."""
        if status is None:
            _, status = os.waitpid(self.pid, 0)
        with self._file as file:
            file.seek(0)
            told = file.read()
        if os.WIFSIGNALED(status):
            return f"no end within {CPU_S} s of computing"
        return json.loads(told) if told else "no case could begin"


@contextmanager
def _last_words() -> Iterator[None]:
    """A fork is silent, computes for so long at most, and goes no further than this."""
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        yield
    finally:
        os._exit(0)


def _load(mutant: Mutant | None) -> None:
    """Loads the simulated seal afresh, with one module changed."""
    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))
    for name in list(sys.modules):
        if name == BENCH or name.split(".")[0] == SEAL or f"{name}.".startswith(f"{RULES}."):
            del sys.modules[name]
    fresh = importlib.import_module(BENCH)
    importlib.import_module("sealkit_conformance.run").SimulatedBackend = (  # type: ignore[attr-defined]
        fresh.SimulatedBackend
    )


class _Changed(MetaPathFinder):
    """Has one module loaded from other source."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._path = str(path_of(mutant.module))

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != self._mutant.module:
            return None
        loader = _SourceLoader(name, self._path)
        loader.source = self._mutant.source
        return spec_from_file_location(name, self._path, loader=loader)


class _SourceLoader(SourceFileLoader):
    source = ""

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec")
