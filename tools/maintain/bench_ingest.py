"""Evidence into a ledger, and bare signature checks, each on all cores."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from typing import Final

from bench_world import NOW, World

from sealkit.appraisal import TrustBundle
from sealkit.station.bulk import Source, import_all
from sealkit.station.ledger import Ledger
from sealkit.station.visits import Visit
from sealkit.wire.evidence import EVIDENCE
from sealkit.wire.export import build_export

_MESSAGE: Final = bytes(400)


def exports(count: int) -> tuple[list[Source], World]:
    """So many evidences of one seal, each with its credential."""
    world = World("p256")
    suite = world.cast.suite
    credential = world.material().seal_credential
    sources = []
    for place in range(count):
        signed = world.client.evidence(place.to_bytes(32, "big"))
        data = build_export(
            suite.id,
            suite.digest,
            evidence=EVIDENCE.parse(signed.raw).raw,
            seal_credential=credential,
        )
        sources.append(Source(str(place), data, Visit(NOW, "bench")))
    return sources, world


def ingest_rate(sources: list[Source], world: World) -> float:
    """Evidences a second, from bytes to the disk; the workers' start included."""
    cast = world.cast
    trust = TrustBundle(
        cast.suite, cast.authority.credential, (cast.manufacturer.credential,), None
    )
    with tempfile.TemporaryDirectory() as directory, Ledger.in_directory(directory) as ledger:
        ledger.use_trust(trust, NOW)
        started = time.perf_counter()
        report = import_all(ledger, sources)
        taken = time.perf_counter() - started
    assert report.new == len(sources), report
    return len(sources) / taken


def bare_rate(count: int) -> float:
    """Signature checks a second by the library alone, on all cores at once."""
    cores = os.cpu_count() or 1
    with multiprocessing.Pool(cores) as pool:
        return sum(pool.map(_check, [count // cores] * cores, chunksize=1))


def _check(count: int) -> float:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key, algorithm = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
    signature, public = key.sign(_MESSAGE, algorithm), key.public_key()
    started = time.perf_counter()
    for _ in range(count):
        public.verify(signature, _MESSAGE, algorithm)
    return count / (time.perf_counter() - started)
