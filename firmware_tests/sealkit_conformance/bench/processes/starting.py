"""Starts the three processes of a simulated bench, and ends them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Final

from sealkit.errors import DeviceNotFoundError
from sealkit.transport import Deadline
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import TEST_SERIAL_MIN

FIRST_NUMBER: Final = SealNumber(500, TEST_SERIAL_MIN)
_START_S: Final = 20.0
_END_S: Final = 10.0
_LINES: Final = {
    "seal": "seal.tty",
    "meter": "meter.tty",
    "rig": "rig.tty",
    "meter_port": "meter-port.tty",
}
_PROCESSES: Final = "sealkit_conformance.bench.processes"


@contextmanager
def simulated_bench(
    directory: Path, suite: str, number: SealNumber = FIRST_NUMBER
) -> Iterator[dict[str, str]]:
    """The spec strings of seal, meter, rig and the port beside the meter, while the processes run.

    The maker's key is in `directory`, under the passphrase `simulated`.
    Raises DeviceNotFoundError BENCH_NOT_STARTED.
    """
    directory.mkdir(parents=True, exist_ok=True)
    place = directory.absolute()
    with ExitStack() as stack:
        for name, line, arguments in (
            ("meter_side", "meter-rig.tty", ()),
            ("seal_side", "seal-rig.tty", (suite, str(number))),
            ("rig_side", "rig.tty", ()),
        ):
            (place / line).unlink(missing_ok=True)  # of a bench that was killed
            command = [sys.executable, "-m", f"{_PROCESSES}.{name}", str(place), *arguments]
            process = subprocess.Popen(command)
            stack.callback(_end, process)
            _await(process, place / line, name)
        yield {name: f"serial:{place / file}" for name, file in _LINES.items()}


def _await(process: subprocess.Popen[bytes], line: Path, name: str) -> None:
    deadline = Deadline.after(_START_S)
    while not line.exists():
        if process.poll() is not None or deadline.expired:
            raise DeviceNotFoundError(
                "BENCH_NOT_STARTED",
                f"The process {name} of the simulated bench did not start.",
                "See what it says above.",
            )
        Event().wait(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
