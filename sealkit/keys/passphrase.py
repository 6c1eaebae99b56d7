"""Where a passphrase comes from: the environment, a file that it names, or whoever is asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sealkit.errors import UsageError
from sealkit.keys.files import read_bounded

PASSPHRASE_VARIABLE: Final = "SEALKIT_PASSPHRASE"  # noqa: S105  (a name, no secret)
_FILE_VARIABLE: Final = PASSPHRASE_VARIABLE + "_FILE"
_PASSPHRASE_MAX: Final = 1_024


def find_passphrase(ask: Callable[[], str]) -> bytes:
    """The passphrase. ask: asks for it at the terminal, without echo; never from a command line.

    Raises UsageError PASSPHRASE_MISSING where there is nobody to ask, and what `read_bounded`
    raises.
    """
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        return given.encode()
    path = os.environ.get(_FILE_VARIABLE)
    if path is not None:
        return next(iter(read_bounded(Path(path), _PASSPHRASE_MAX).splitlines()), b"")
    if not sys.stdin.isatty():
        raise UsageError(
            "PASSPHRASE_MISSING",
            "A passphrase is needed and there is no terminal to ask for it.",
            f"Set {PASSPHRASE_VARIABLE} or {_FILE_VARIABLE}.",
        )
    return ask().encode()
