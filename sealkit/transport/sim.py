"""The lines of a running simulator, found by its directory.

A simulator holds a lock on a file in its directory while it runs. One that was killed leaves the
names of its lines behind, and these may be somebody else's terminals by now: so whoever looks for
a line first looks whether the lock is held.
"""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Final

from sealkit.errors import AccessError, DeviceNotFoundError, MalformedError, UsageError
from sealkit.transport.spec import SimSpec

ENDPOINTS_FILE: Final = "endpoints.json"
LOCK_FILE: Final = "lock"
_ENDPOINTS_MAX: Final = 65_536  # bytes


def find_line(parsed: SimSpec, line: str) -> str:
    """The spec string of the line that `parsed` names, or else of `line`.

    Raises DeviceNotFoundError SIM_NOT_FOUND, SIM_NOT_RUNNING; AccessError SIM_PERMISSION;
    MalformedError ENDPOINTS_MALFORMED; UsageError LINE_UNKNOWN.
    """
    directory = Path(parsed.directory)
    path = directory / ENDPOINTS_FILE
    content = _read(path, parsed.directory)
    if not _is_locked(directory / LOCK_FILE):
        raise DeviceNotFoundError(
            "SIM_NOT_RUNNING",
            f"The simulator in {directory} runs no more; the lines that it left are nobody's.",
            f"Start it again: `sealkit sim start --dir {directory}`.",
        )
    endpoints = _endpoints(path, content)
    name = parsed.line or line
    if name not in endpoints:
        raise UsageError(
            "LINE_UNKNOWN",
            f"The simulator in {parsed.directory} has no line {name!r}.",
            f"Its lines: {', '.join(sorted(endpoints)) or 'none'}.",
        )
    return endpoints[name]


def _is_locked(path: Path) -> bool:
    """Whether somebody holds the lock."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _not_allowed(path) from error
    return False


def _read(path: Path, directory: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_ENDPOINTS_MAX + 1)
    except PermissionError as error:
        raise _not_allowed(path) from error
    except OSError as error:
        raise DeviceNotFoundError(
            "SIM_NOT_FOUND",
            f"No simulator runs in {directory}.",
            f"Start one: `sealkit sim start --dir {directory}`.",
        ) from error


def _not_allowed(path: Path) -> AccessError:
    return AccessError(
        "SIM_PERMISSION", f"You may not read {path}.", "Run as the user who runs the simulator."
    )


def _endpoints(path: Path, content: bytes) -> dict[str, str]:
    try:
        endpoints = json.loads(content) if len(content) <= _ENDPOINTS_MAX else None
    except (ValueError, RecursionError):
        endpoints = None
    # A line that is a simulator again could lead in a circle.
    if not isinstance(endpoints, dict) or not all(
        isinstance(spec, str) and not spec.startswith("sim:") for spec in endpoints.values()
    ):
        raise MalformedError(
            "ENDPOINTS_MALFORMED",
            f"{path} does not list a simulator's lines.",
            "Start the simulator again.",
        )
    return endpoints
