"""The bare library calls that a station's work cannot do without, on all cores at once."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from typing import Final

_MESSAGE: Final = bytes(400)


def bare_seconds(signatures: int, records: int = 0, record_bytes: int = 0) -> float:
    """How long so many signature checks and digests of records take, shared among all cores; the
    start of the processes is left out."""
    cores = os.cpu_count() or 1
    share = signatures // cores, records // cores, record_bytes
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        return max(pool.starmap(_work, [share] * cores, chunksize=1))


def _work(signatures: int, records: int, record_bytes: int) -> float:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key, algorithm = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
    signature, public = key.sign(_MESSAGE, algorithm), key.public_key()
    record = bytes(record_bytes)
    started = time.perf_counter()
    for _ in range(signatures):
        public.verify(signature, _MESSAGE, algorithm)
    for _ in range(records):
        hashlib.sha256(record).digest()
    return time.perf_counter() - started
