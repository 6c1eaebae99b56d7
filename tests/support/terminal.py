"""A command with a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import select
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from support.command import COMMAND, PATIENCE_S

ENVIRONMENT = {"LANG": "C.UTF-8", "TERM": "dumb"}
KEPT = ("PATH", "PYTHONPATH")


class Terminal:
    """A command with a terminal of its own, and the person in front of it."""

    def __init__(
        self, home: Path, arguments: Sequence[str], stdout: int | None = None, **environment: str
    ) -> None:
        self._person, terminal = os.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=home,
            env={
                **{name: os.environ[name] for name in KEPT if name in os.environ},
                **ENVIRONMENT,
                **environment,
            },
            stdin=terminal,
            stdout=terminal if stdout is None else stdout,
            stderr=terminal,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(terminal)
        self.seen = ""

    def sees(self, words: str) -> None:
        """Waits until the words are on the screen."""
        ends = time.monotonic() + PATIENCE_S
        while words not in self.seen:
            assert time.monotonic() < ends, self.seen
            if select.select([self._person], [], [], 0.1)[0]:
                self.seen += self._read()

    def types(self, line: str) -> None:
        os.write(self._person, line.encode() + b"\n")

    def end(self) -> int:
        """The exit status, when all that was said has been seen."""
        while part := self._read():
            self.seen += part
        os.close(self._person)
        return self.process.wait(PATIENCE_S)

    def _read(self) -> str:
        try:
            return os.read(self._person, 65536).decode(errors="replace")
        except OSError:  # the command has ended
            return ""
