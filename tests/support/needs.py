"""What a test needs beside Python: a program that is on this machine, or not.

`make test` is promised on a machine with little on it, so a test that needs more is skipped there,
with the reason. Where SEALKIT_TEST_EVERYTHING is set, as .ci/run does, nothing may be skipped for
such a reason: the file of the test fails when it is collected.
"""

from __future__ import annotations

import os
import shutil

import pytest

EVERYTHING = "SEALKIT_TEST_EVERYTHING"


def program(name: str, *, package: str) -> pytest.MarkDecorator:
    """A mark for tests that need a program: by its name on the PATH, or by its absolute path.

    package: Debian's package that holds it. Use it as `@needs.program(...)` on a test or class, or
    as `pytestmark = needs.program(...)` for a file.
    """
    present = shutil.which(name) is not None
    reason = f"{name} is not on this machine; install it: apt-get install {package}"
    if not present and os.environ.get(EVERYTHING):
        pytest.fail(f"{reason} (nothing is skipped: {EVERYTHING} is set)", pytrace=False)
    return pytest.mark.skipif(not present, reason=reason)
