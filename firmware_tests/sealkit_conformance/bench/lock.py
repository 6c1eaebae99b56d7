"""One bench for each port: a lock that ends with the process."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path
from typing import IO

from sealkit.errors import AccessError


def lock_port(spec: str) -> IO[bytes]:
    """Held until it is closed. Raises AccessError BENCH_BUSY."""
    scheme, _, place = spec.partition("?")[0].partition(":")
    name = f"{scheme}:{os.path.realpath(place) if scheme != 'tcp' else place}"
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"sealkit-bench-{digest}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        file = os.fdopen(descriptor, "r+b")
    except OSError as error:
        raise _busy(spec) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise _busy(spec) from error
    return file


def _busy(spec: str) -> AccessError:
    return AccessError(
        "BENCH_BUSY",
        f"Another run is testing the seal on {spec}.",
        "Wait for it to end: one seal takes one run at a time.",
    )
