"""A terminal, or a pipe, that is not of UTF-8 loses nothing, and stops nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

FRAME = "55AA000B02000000201111111111112955AA"
ENCODINGS = ("ascii", "cp1252", "gbk", "utf-8")


def told(encoding: str, *arguments: str, status: int = 0) -> bytes:
    """What the real command writes, in Chinese, into a pipe of this encoding."""
    done = subprocess.run(
        [sys.executable, "-m", "sealkit_tools.main", "--lang", "zh", *arguments],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_people_see_what_the_encoding_has_and_escapes_for_the_rest(encoding: str) -> None:
    assert "帧".encode(encoding, "backslashreplace") in told(encoding, "meter", "decode", FRAME)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_programs_get_the_same_json(encoding: str) -> None:
    refusal = json.loads(told(encoding, "meter", "decode", "--json", "no", status=2))
    assert "十六进制" in refusal["error"]["message"]
