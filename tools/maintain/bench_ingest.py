"""Evidence into a ledger, and bare signature checks, each on all cores, in turn.

    python tools/maintain/bench_ingest.py DIRECTORY ROUNDS

Prints the rates as JSON. A program of its own, so that its memory can be told, and so light that
its workers start as those of `sealkit station import` do.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benches.bare import bare_seconds

TRUST: Final = "trust.json"
EXPORTS: Final = "exports.txt"
"""One in a line, in hexadecimal digits."""


def prepare(directory: Path, count: int) -> None:
    """Writes so many evidences of one seal, each with its credential, and the trust file."""
    from benches.world import World

    from sealkit.appraisal import TrustBundle
    from sealkit.wire.export import build_export

    world = World("p256")
    cast, suite = world.cast, world.cast.suite
    credential = world.material().seal_credential
    exports = []
    for place in range(count):
        world.time.advance(1_000)  # No seal tells all that at one moment.
        evidence = world.client.evidence(place.to_bytes(32, "big")).raw
        exports.append(
            build_export(suite.id, suite.digest, evidence=evidence, seal_credential=credential)
        )
    trust = TrustBundle(
        cast.suite, cast.authority.credential, (cast.manufacturer.credential,), None
    )
    (directory / TRUST).write_bytes(trust.to_json())
    (directory / EXPORTS).write_text("\n".join(data.hex() for data in exports))


def ingest_rate(directory: Path) -> float:
    """Evidences a second, from bytes to the disk; the workers' start included."""
    from sealkit.appraisal import TrustBundle
    from sealkit.station.bulk.importing import import_all
    from sealkit.station.bulk.intake import Source
    from sealkit.station.history.visits import Visit
    from sealkit.station.ledger import Ledger

    trust = TrustBundle.from_json((directory / TRUST).read_bytes())
    now = int(time.time())
    visit = Visit(now, "bench")  # One for all, as `station import` has for a directory.
    with (directory / EXPORTS).open() as lines:
        sources = [
            Source(str(place), bytes.fromhex(line), visit) for place, line in enumerate(lines)
        ]
    with tempfile.TemporaryDirectory() as place, Ledger.in_directory(place) as ledger:
        ledger.use_trust(trust, now)
        started = time.perf_counter()
        report = import_all(ledger, sources)
        taken = time.perf_counter() - started
    assert report.new == len(sources), report
    return len(sources) / taken


def main() -> None:
    directory, rounds = Path(sys.argv[1]), int(sys.argv[2])
    with (directory / EXPORTS).open() as lines:
        count = sum(1 for _ in lines)
    rates = [(ingest_rate(directory), count / bare_seconds(count)) for _ in range(rounds)]
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
