"""`--rig ask`: a person at a terminal, who does what is asked, or says that it cannot be done."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from sealkit_conformance.bench.processes.starting import FIRST_NUMBER, simulated_bench
from sealkit_conformance.bench.rig import _FOR_PEOPLE, RigLine

RUN_S = 120
REQUESTS = {asked: request for request, asked in _FOR_PEOPLE.items()}
PROMPT = re.compile(r"\r\n([^\r\n]+), then press Enter; n leaves the case out: $")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    directory = tmp_path_factory.mktemp("operated")
    with simulated_bench(directory, "p256") as specs:
        yield directory, specs


class Person:
    """Reads what stands on the screen; does it by way of the simulated bench's rig."""

    def __init__(self, rig: str, *, willing: bool) -> None:
        self._rig = RigLine(rig)
        self._willing = willing
        self.asked: list[str] = []

    def answer(self, screen: str) -> bytes:
        """What is typed now that this is on the screen: nothing while no question is."""
        found = PROMPT.search(screen)
        if found is None:
            return b""
        self.asked.append(REQUESTS[found[1]])
        if self._willing:
            self._rig.do(self.asked[-1])
            return b"\n"
        return b"n\n"

    def close(self) -> None:
        self._rig.close()


def run_at_terminal(person: Person, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The command with a terminal of its own, its JSON on a pipe."""
    ours, theirs = pty.openpty()

    def take_terminal() -> None:
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-m", "sealkit_tools.main", "conformance", *arguments, "--json"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=take_terminal,
        env={**os.environ, "SEALKIT_PASSPHRASE": "simulated"},
    )
    os.close(theirs)
    try:
        talk(ours, person, process)
        told, _ = process.communicate(timeout=RUN_S)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        person.close()
    return process.returncode, json.loads(told.decode().splitlines()[-1])


def talk(terminal: int, person: Person, process: subprocess.Popen[bytes]) -> None:
    """Until the command closes its terminal."""
    screen = ""
    deadline = monotonic() + RUN_S
    while monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if ready:
            try:
                screen += os.read(terminal, 4_096).decode(errors="replace")
            except OSError:  # the other end is closed
                return
            typed = person.answer(screen)
            if typed:
                os.write(terminal, typed)
                screen = ""
        elif process.poll() is not None:
            return
    pytest.fail(f"the command does not end; on the screen: {screen[-500:]!r}")


def operated(directory: Path, specs: dict[str, str], case: str) -> list[str]:
    return [
        "run",
        f"--seal={specs['seal']}",
        f"--meter={specs['meter']}",
        "--rig=ask",
        f"--keys={directory}",
        f"--seal-number={FIRST_NUMBER}",
        f"--select={case}",
    ]


@pytest.mark.parametrize(
    ("case", "request_"),
    [
        ("an_opened_case_latches_at_once", "CASE OPEN"),
        ("after_a_reset_the_cause_is_reset", "RESET"),
    ],
)
def test_a_person_does_what_is_asked(
    bench: tuple[Path, dict[str, str]], case: str, request_: str
) -> None:
    directory, specs = bench
    person = Person(specs["rig"], willing=True)
    status, report = run_at_terminal(person, *operated(directory, specs, case))
    assert [c["outcome"] for c in report["cases"]] == ["passed"], report["cases"]
    assert status == 0
    assert request_ in person.asked


def test_what_a_person_does_not_do_is_no_fault_of_the_seal(
    bench: tuple[Path, dict[str, str]],
) -> None:
    directory, specs = bench
    person = Person(specs["rig"], willing=False)
    options = operated(directory, specs, "an_opened_case_latches_at_once")
    status, report = run_at_terminal(person, *options)
    (case,) = report["cases"]
    assert (case["outcome"], status) == ("skipped", 9)
    assert case["reason"] == "The operator did not do 'CASE OPEN'"
    status, report = run_at_terminal(Person(specs["rig"], willing=False), *options, "--strict")
    assert status == 8


def test_without_a_terminal_nobody_can_be_asked(bench: tuple[Path, dict[str, str]]) -> None:
    directory, specs = bench
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sealkit_tools.main", "conformance"),
            *operated(directory, specs, "an_opened_case_latches_at_once"),
            "--json",
        ],
        capture_output=True,
        start_new_session=True,
        env={**os.environ, "SEALKIT_PASSPHRASE": "simulated"},
        timeout=RUN_S,
        check=False,
    )
    report = json.loads(done.stdout.decode().splitlines()[-1])
    assert (done.returncode, report["stopped"]["code"]) == (2, "RIG_NO_TERMINAL")
