"""A simulated city judged, and the same bytes hashed and signatures checked, each on all cores.

    python tools/maintain/bench_city.py DIRECTORY ROUNDS

Prints its figures as JSON. A program of its own, so that its memory can be told.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benches.bare import bare_seconds

if TYPE_CHECKING:
    from sealkit.station.ledger import Ledger

_SEED: Final = 1
_NO_SIGNER: Final = bytes(16)
_A_DAY_S: Final = 86_400


def prepare(directory: Path, seals: int) -> None:
    """Makes a city of so many seals."""
    from sealkit_simulator.city.plan import CityPlan
    from sealkit_tools.sim.city_command import make

    make(directory, CityPlan(seals, _SEED, int(time.time())))


def audit(directory: Path, rounds: int) -> dict[str, object]:
    """The city's size, and seconds of each round: `station verify --all`, and the bare work."""
    from sealkit.appraisal import TrustBundle
    from sealkit.station.bulk.importing import import_all
    from sealkit.station.bulk.submissions import sources_in
    from sealkit.station.bulk.verifying import verify_all
    from sealkit.station.ledger import Ledger

    now = int(time.time())
    trust = TrustBundle.from_json((directory / "trust.json").read_bytes())
    with tempfile.TemporaryDirectory() as place, Ledger.in_directory(place) as ledger:
        ledger.use_trust(trust, now)
        import_all(ledger, sources_in(directory, received=now, submitter="bench"))
        signatures, records, record_bytes = ledger_work(ledger)
        times = []
        for number in range(rounds):
            started = time.perf_counter()
            # Later each time, so that all verdicts are due again.
            seals = sum(1 for _ in verify_all(ledger, ledger.bench(), now + 2 * number * _A_DAY_S))
            taken = time.perf_counter() - started
            times.append((taken, bare_seconds(signatures, records, record_bytes)))
    return {"seals": seals, "signatures": signatures, "records": records, "times": times}


def ledger_work(ledger: Ledger) -> tuple[int, int, int]:
    """What judging all seals cannot do without: how many signatures (the last evidence and the
    checkpoint of each seal, each order's one or two, each credential's once), how many records to
    hash, and how many bytes each has on average."""
    from sqlalchemy import Connection, func, select, union_all

    from sealkit.station.storage import schema

    def count(connection: Connection) -> tuple[int, int, int]:
        signers = select(schema.orders.c.second_signer)
        orders = [1 + (second != _NO_SIGNER) for (second,) in connection.execute(signers)]
        seals, credentials = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (schema.seals, schema.credentials)
        )
        contents = union_all(
            select(schema.control_records.c.content), select(schema.journal_records.c.content)
        ).subquery()
        sizes = select(func.count(), func.avg(func.length(contents.c.content)))
        records, size = connection.execute(sizes).one()
        return sum(orders) + 2 * seals + credentials, records, round(size)

    return ledger.database.read(count)


if __name__ == "__main__":
    print(json.dumps(audit(Path(sys.argv[1]), int(sys.argv[2]))))
