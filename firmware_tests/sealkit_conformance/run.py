"""One run: the bench, the seal on it, the people, and what is recorded."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from sealkit_conformance.bench.backend import Backend
from sealkit_conformance.bench.simulated import SimulatedBackend
from sealkit_conformance.faults.fault import find_fault
from sealkit_conformance.recording import Recorder
from sealkit_conformance.report.report import TestedDevice
from sealkit_conformance.settings import Settings
from sealkit_conformance.subject.line import SealLine
from sealkit_conformance.subject.people import People
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages


class Run:
    """What all cases of a run share. Raises what opening the bench raises."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        with ExitStack() as stack:
            if settings.fault is not None:
                patch = stack.enter_context(pytest.MonkeyPatch.context())
                find_fault(settings.fault).plant(patch)
            self.recorder = Recorder()
            self.backend: Backend = _open(settings, self.recorder)
            stack.callback(self.backend.close)
            self._resources = stack.pop_all()
        self.people = People(self.backend.suite, self.backend.maker, self.backend.now(), None)
        self.line = SealLine(self.backend, self.recorder)
        self.seal = SealUnderTest(self.backend, self.line, self.people)
        self.stages = Stages(self.backend)
        self.device: TestedDevice | None = None

    def begin_case(self) -> None:
        self.recorder.begin_case()
        self.line.forget()

    def greet(self) -> None:
        """Asks the seal who it is, for the report."""
        if self.device is None:
            info = self.seal.info()
            self.device = TestedDevice.of(info, self.backend.suite.name, self.backend.name)

    def close(self) -> None:
        self._resources.close()


def _open(settings: Settings, recorder: Recorder) -> Backend:
    return SimulatedBackend(settings.suite, recorder)
