"""The most memory that a program and all that it starts hold at once."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_EVERY_S: Final = 0.25
_SESSION_FIELD: Final = 3
"""In /proc/PID/stat, counted behind the name in brackets."""


def run_measured(command: Sequence[str]) -> tuple[str, float]:
    """What the command printed, and the most memory in MB. Shared pages are counted once."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        most = 0
        while True:
            most = max(most, _held(process.pid))
            try:
                printed, _ = process.communicate(timeout=_EVERY_S)
            except subprocess.TimeoutExpired:
                continue
            break
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return printed, most / 1_000


def _held(session: int) -> int:
    """The proportional set sizes of a session's processes, in kB."""
    return sum(_size(place) for place in Path("/proc").glob("[0-9]*") if _is_in(place, session))


def _is_in(place: Path, session: int) -> bool:
    try:
        told = (place / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False  # It has ended.
    return int(told[_SESSION_FIELD]) == session


def _size(place: Path) -> int:
    try:
        lines = (place / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
