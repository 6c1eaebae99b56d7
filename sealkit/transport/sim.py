"""The lines of a running simulator, found by its directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from sealkit.errors import AccessError, DeviceNotFoundError, MalformedError, UsageError
from sealkit.transport.spec import SimSpec

ENDPOINTS_FILE: Final = "endpoints.json"
_ENDPOINTS_MAX: Final = 65_536  # bytes


def find_line(parsed: SimSpec, line: str) -> str:
    """The spec string of the line that `parsed` names, or else of `line`.

    Raises DeviceNotFoundError SIM_NOT_FOUND; AccessError SIM_PERMISSION; MalformedError
    ENDPOINTS_MALFORMED; UsageError LINE_UNKNOWN.
    """
    path = Path(parsed.directory) / ENDPOINTS_FILE
    endpoints = _endpoints(path, _read(path, parsed.directory))
    name = parsed.line or line
    if name not in endpoints:
        raise UsageError(
            "LINE_UNKNOWN",
            f"the simulator in {parsed.directory} has no line {name!r}",
            f"its lines: {', '.join(sorted(endpoints)) or 'none'}",
        )
    return endpoints[name]


def _read(path: Path, directory: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_ENDPOINTS_MAX + 1)
    except PermissionError as error:
        raise AccessError(
            "SIM_PERMISSION", f"you may not read {path}", "run as the user who runs the simulator"
        ) from error
    except OSError as error:
        raise DeviceNotFoundError(
            "SIM_NOT_FOUND",
            f"no simulator runs in {directory}",
            f"start one: sealkit sim start --dir {directory}",
        ) from error


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
            f"{path} does not list a simulator's lines",
            "start the simulator again",
        )
    return endpoints
