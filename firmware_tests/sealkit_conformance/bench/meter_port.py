"""The seal's own line to its meter, where the suite answers in the meter's place.

The seal asks whenever it likes, also while a rig lets time pass: a thread answers.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Thread
from typing import Final

from sealkit.errors import SealkitError, TimedOutError
from sealkit.transport import Deadline, open_transport
from sealkit_conformance.bench.backend import MeterAnswer
from sealkit_conformance.recording import RecordedLine, Recorder

NOISE: Final = b"\0"
"""What is said instead of nothing: part of no frame; a simulated seal waits for no more."""
_LOOK_S: Final = 0.2
_WRITE_S: Final = 1.0
_BYTES: Final = 1_024


class MeterPort:
    """answer: what to say to the seal; None: nothing is said."""

    def __init__(self, spec: str, recorder: Recorder) -> None:
        """Raises what opening a transport raises."""
        self.answer: MeterAnswer | None = None
        self._transport = open_transport(spec, line="meter port")
        self._recorder = recorder
        self._ended = Event()
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._transport.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            with suppress(SealkitError):
                self._answer_once()

    def _answer_once(self) -> None:
        try:
            asked = self._transport.read(_BYTES, Deadline.after(_LOOK_S))
        except TimedOutError:
            return
        if self.answer is None:
            return
        said = self.answer(asked)
        self._recorder.add(RecordedLine.METER, asked, to_device=True)
        self._recorder.add(RecordedLine.METER, said, to_device=False)
        self._transport.write(said or NOISE, Deadline.after(_WRITE_S))
