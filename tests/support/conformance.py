"""`sealkit conformance` as a process of its own, as everybody runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

RUN_S = 600


def conformance(*arguments: str, passphrase: str = "simulated") -> tuple[int, Any]:
    """Exit status, and what the command says with --json: a report, rows, or an error."""
    environment = {**os.environ, "SEALKIT_PASSPHRASE": passphrase}
    environment.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(
        [sys.executable, "-m", "sealkit_tools.main", "conformance", *arguments, "--json"],
        capture_output=True,
        timeout=RUN_S,
        env=environment,
        cwd=Path(__file__).parent,
        check=False,
    )
    lines = done.stdout.decode().splitlines()
    assert lines, done.stderr.decode()[-2_000:]
    return done.returncode, json.loads(lines[-1])


def failed(report: dict[str, Any]) -> list[tuple[str, str]]:
    """The cases that failed, each with its reason."""
    return [(c["case"], c["reason"]) for c in report["cases"] if c["outcome"] == "failed"]
