"""What does the physical things on a bench: a rig controller on its line, or a person.

The line protocol stands in protocol/RIG.md.
"""

from __future__ import annotations

import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from sealkit.errors import MalformedError, UndeterminedError, UsageError
from sealkit.transport import Deadline, open_transport
from sealkit_conformance.bench.backend import Capability

LINE_MAX: Final = 1_024
_ANSWER_S: Final = 30.0
_TERMINAL: Final = Path("/dev/tty")
_FOR_PEOPLE: Final = {
    "POWER OFF": "Take the power from the seal",
    "POWER ON": "Give the seal its power back",
    "RESET": "Reset the seal by its reset pin or button, and leave its power on",
    "CASE OPEN": "Open the seal's case",
    "CASE CLOSED": "Close the seal's case",
    "BATTERY LOW": "Put an empty battery in",
    "BATTERY GOOD": "Put a good battery in",
    "CLOCK LOSE": "Take power and battery from the seal for a minute, then give them back",
}


class Rig(Protocol):
    """Whoever does what a line asks for."""

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    def do(self, request: str) -> str:
        """The values of the answer. Raises UndeterminedError RIG_REFUSED; those of transports."""
        ...

    def close(self) -> None: ...


class RigLine:
    """A rig controller."""

    def __init__(self, spec: str) -> None:
        """Raises what opening a transport raises; MalformedError RIG_BABBLES."""
        self._spec = spec
        self._transport = open_transport(spec, line="rig")
        self._transport.discard_input()
        self._rest = b""
        names = self.do("CAPABILITIES").split()
        self.capabilities = frozenset(
            Capability[name] for name in names if name in Capability.__members__
        )

    def do(self, request: str) -> str:
        deadline = Deadline.after(_ANSWER_S)
        self._transport.write(request.encode("ascii") + b"\n", deadline)
        while b"\n" not in self._rest and len(self._rest) <= LINE_MAX:
            self._rest += self._transport.read(LINE_MAX, deadline)
        line, _, self._rest = self._rest.partition(b"\n")
        word, _, values = line.decode("ascii", "replace").strip().partition(" ")
        if word == "OK":
            return values
        if word != "ERR":
            raise MalformedError(
                "RIG_BABBLES",
                f"What answers at {self._spec} is no rig: {line[:60]!r}.",
                "See protocol/RIG.md for what a rig says.",
            )
        raise UndeterminedError(
            "RIG_REFUSED",
            f"The rig did not do {request!r}: {values}.",
            "See protocol/RIG.md; the case may be left out.",
        )

    def close(self) -> None:
        self._transport.close()


class Operator:
    """A person at the terminal, who is asked to do it and presses Enter."""

    capabilities = frozenset(
        {Capability.POWER, Capability.RESET, Capability.CASE, Capability.BATTERY}
    )

    def __init__(self) -> None:
        """Raises UsageError RIG_NO_TERMINAL."""
        try:
            self._terminal = _TERMINAL.open("r+b", buffering=0)
        except OSError:
            raise UsageError(
                "RIG_NO_TERMINAL",
                "There is no terminal at which an operator could be asked.",
                "Run at a terminal, or name a rig controller with --rig SPEC.",
            ) from None

    def do(self, request: str) -> str:
        if request == "REST":
            return ""
        asked = _FOR_PEOPLE.get(request, request)
        with _no_hurry():
            termios.tcflush(self._terminal, termios.TCIFLUSH)  # an answer is to this question
            prompt = f"\r\n{asked}, then press Enter; n leaves the case out: "
            self._terminal.write(prompt.encode())
            answer = self._terminal.readline()
        if answer.strip().lower() in (b"n", b"no") or not answer:  # none: the terminal is gone
            raise UndeterminedError(
                "RIG_REFUSED", f"The operator did not do {request!r}.", "Leave the case out."
            )
        return ""

    def close(self) -> None:
        self._terminal.close()


class NoRig:
    """Nobody does anything."""

    capabilities: frozenset[Capability] = frozenset()

    def do(self, request: str) -> str:
        return ""

    def close(self) -> None:
        """Nothing is held."""


@contextmanager
def _no_hurry() -> Iterator[None]:
    """What a person takes for it is not time of the case."""
    left, again = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, again)


def open_rig(spec: str | None) -> Rig:
    """The rig that was named: a spec string, `ask`, or none."""
    if spec is None:
        return NoRig()
    return Operator() if spec == "ask" else RigLine(spec)
