"""Keeps a library's native messages off the user's terminal."""

from __future__ import annotations

import os
import sys


def silence_native_noise() -> None:
    """Sends descriptor 2 to nowhere and keeps `sys.stderr` where it was.

    The SM2 library writes lines of its own source's places to descriptor 2 for every signature
    that does not verify, and has no switch for it. To the whole process this may be done only by
    the program, never by the library.
    """
    try:
        kept = os.dup(2)
    except OSError:
        return  # no standard error at all: nothing to keep apart
    sys.stderr = os.fdopen(kept, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
