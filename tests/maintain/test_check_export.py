"""The second opinion on exports: hashlib and openssl alone, nothing of the library's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from appraisal.builder import World, flip, sealed

from sealkit.crypto import get_suite
from sealkit.wire.registry import Cause

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "maintain" / "check_export.py"


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("suite", ["p256", "sm2"])
def test_an_export_holds_by_openssl_too_and_an_altered_one_does_not(
    tmp_path: Path, suite: str
) -> None:
    log = sealed(World(get_suite(suite)))
    log.tamper(Cause.CASE_OPENED)
    log.clear()
    whole = log.export()
    path = tmp_path / "taxi.seal"
    path.write_bytes(whole)
    done = checked(path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all hold" in done.stdout
    for place in (30, len(whole) // 3, len(whole) // 2, len(whole) - 1):
        path.write_bytes(flip(whole, place))
        assert checked(path).returncode == 7
