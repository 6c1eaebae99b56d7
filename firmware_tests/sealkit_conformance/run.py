"""One run: the bench, the seal on it, the people, and what is recorded."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

import pytest

from sealkit.errors import SealkitError, TimedOutError
from sealkit_conformance.bench.backend import Backend
from sealkit_conformance.bench.simulated import SimulatedBackend
from sealkit_conformance.faults.table import find_fault
from sealkit_conformance.recording import Recorder
from sealkit_conformance.report.report import Stopped, TestedDevice
from sealkit_conformance.settings import Settings
from sealkit_conformance.subject.line import SealLine
from sealkit_conformance.subject.people import People
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

SILENT_CASES_MAX: Final = 3


class Run:
    """What all cases of a run share. Raises what opening the bench raises."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        with ExitStack() as stack:
            if settings.fault is not None:
                patch = stack.enter_context(pytest.MonkeyPatch.context())
                find_fault(settings.fault).plant(patch)
            self.recorder = Recorder(settings.record)
            stack.callback(self.recorder.close)
            self.backend: Backend = _open(settings, self.recorder)
            stack.callback(self.backend.close)
            self._resources = stack.pop_all()
        self.people = People(
            self.backend.suite, self.backend.maker, self.backend.now(), self.backend.authority
        )
        self.line = SealLine(self.backend, self.recorder)
        self.seal = SealUnderTest(self.backend, self.line, self.people)
        self.stages = Stages(self.backend)
        self.device: TestedDevice | None = None
        self.stopped: Stopped | None = None
        self._silent_cases = 0

    def begin_case(self, name: str) -> None:
        self.recorder.begin_case(name)
        self.line.begin_case()

    def greet(self) -> None:
        """Asks the seal who it is, for the report."""
        if self.device is None:
            info = self.seal.info()
            self.device = TestedDevice.of(info, self.backend.suite.name, self.backend.name)

    def end_case(self) -> None:
        """Puts the bench back; after some cases without any answer, the run is to stop."""
        if self.line.answered:
            self._silent_cases = 0
        elif self.line.asked:
            self._silent_cases += 1
        if self._silent_cases >= SILENT_CASES_MAX:
            self.stop(
                TimedOutError(
                    "SEAL_SILENT",
                    f"The seal answered nothing in time during {SILENT_CASES_MAX} cases.",
                    "Check its power and line, and what it sends there; then run again.",
                )
            )
        self.backend.settle()

    def stop(self, error: SealkitError) -> None:
        """No further case makes sense."""
        self.stopped = self.stopped or Stopped.by(error)

    def close(self) -> None:
        self._resources.close()


def _open(settings: Settings, recorder: Recorder) -> Backend:
    if settings.seal is None:
        return SimulatedBackend(settings.suite, recorder)
    from sealkit_conformance.bench.hardware import HardwareBackend

    return HardwareBackend(settings, recorder)
