"""The real command as a process, and simulated devices as another, as a user has them."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE_S = 30.0
COMMAND = (sys.executable, "-m", "sealkit_tools.main")
PASSPHRASE = "correct horse"  # noqa: S105  (of keys that live as long as a test)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        answer: dict[str, Any] = json.loads(self.out)
        return answer


class Command:
    """`sealkit` as it is typed in one directory."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str, **options: Any) -> Done:
        """Runs the command; whatever happens, nobody sees a traceback.

        environment: variables of its own; None takes one away. Other options are those of
        `subprocess.run`.
        """
        environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH")},
            "LANG": "C.UTF-8",
            "SEALKIT_PASSPHRASE": PASSPHRASE,
            **options.pop("environment", {}),
        }
        process = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.home,
            env={name: value for name, value in environment.items() if value is not None},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_S,
            **options,
        )
        done = Done(process.returncode, process.stdout, process.stderr)
        assert "Traceback" not in done.out + done.err, done
        return done

    def told(self, *arguments: str, status: int = 0, **options: Any) -> dict[str, Any]:
        """What the command says with --json, exiting with `status`."""
        done = self.run(*arguments, "--json", **options)
        assert done.status == status, done
        assert done.told["schema"].startswith("sealkit."), done
        return done.told

    def refused(self, *arguments: str, status: int, code: str, **options: Any) -> dict[str, str]:
        """The error that the command ends with: code, message and remedy, on stdout."""
        told = self.told(*arguments, status=status, **options)
        assert list(told) == ["schema", "error"], told
        assert told["schema"] == "sealkit.error/1"
        error: dict[str, str] = told["error"]
        assert list(error) == ["code", "message", "remedy"]
        assert error["code"] == code, error
        assert error["message"], error
        assert error["remedy"], error
        return error


@dataclass(frozen=True, slots=True)
class Simulation:
    """A running `sealkit sim start`."""

    process: subprocess.Popen[bytes]
    started: dict[str, str]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


@contextmanager
def simulation(command: Command, *options: str) -> Iterator[Simulation]:
    """Starts it and waits for its line; ends it with the block, unless it has ended."""
    process = subprocess.Popen(
        [*COMMAND, "sim", "start", *options], cwd=command.home, stdout=subprocess.PIPE
    )
    try:
        yield Simulation(process, json.loads(first_line(process)))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)
        assert process.stdout is not None
        process.stdout.close()


def first_line(process: subprocess.Popen[bytes]) -> bytes:
    """The line with which a process says that it has started."""
    assert process.stdout is not None
    line, ends = b"", time.monotonic() + PATIENCE_S
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            assert selector.select(max(0.0, ends - time.monotonic())), "it did not start in time"
            part = os.read(process.stdout.fileno(), 4096)
            assert part, "it ended before it said where its lines are"
            line += part
    return line


def until(holds: Callable[[], bool]) -> None:
    """Asks until it holds."""
    ends = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends, "it never came to be"


def make_people(command: Command, suite: str) -> None:
    """Everybody's keys and credentials, and the trust file, made as README and --help say."""
    for words in (
        f"keys new authority auth --name Shanghai --suite {suite}",
        f"keys new manufacturer maker --name Maker --maker 500 --suite {suite}",
        "keys new station pudong --name Pudong --issuer auth",
        "keys new registry registry --name Registry --issuer auth",
        f"keys generate zhang --suite {suite}",
        "keys issue technician zhang --public zhang.pub --issuer registry --name Zhang",
        "keys endorse auth endorsed.cred --manufacturer maker",
        "keys trust trust.json --authority auth --manufacturer maker",
    ):
        command.told(*words.split())
