"""Two services on one database that get the same stream at once are as good as one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
from sqlalchemy import Connection
from station.fleet import FAR, HERE, NOW, cloned, handed_in, people, taxi
from station.service.test_serve import Serving, started
from support.databases import Databases

from sealkit.station.ledger import Ledger
from sealkit.station.service.tokens import AccessRole, make_token
from sealkit.station.storage import schema
from sealkit.wire.registry import Cause

VISITS = 60
SERVICE = """
import json, sys
from sealkit.station.ledger import Ledger
from sealkit.station.service.context import Service
from sealkit.station.service.serving import open_port, serve

url, now = sys.argv[1], int(sys.argv[2])
with Ledger(url) as ledger, open_port("127.0.0.1", 0) as listening:
    address = "http://127.0.0.1:%d/" % listening.getsockname()[1]
    told = json.dumps({"address": address})
    serve(Service(ledger, now=lambda: now), listening, lambda: print(told, flush=True))
"""
"""The service as it is, but for its clock, which is given and stands still: when something came is
in its leaf, and no two services take it in the same second by chance."""


def stream() -> list[bytes]:
    """Visits of five seals, one of which is cloned on the way."""
    logs = [taxi(serial) for serial in range(1, 6)]
    exports = []
    for place in range(VISITS):
        if place == VISITS // 2:
            logs.append(cloned(logs[0]))
            logs[0].tamper(Cause.CASE_OPENED)
            logs[-1].tamper(Cause.CASE_OPENED)
        log = logs[place % len(logs)]
        exports.append(handed_in(log, NOW + place, pulses=place))
    return exports


def send(
    service: Serving, token: str, exports: Sequence[bytes], together: Barrier
) -> list[dict[str, Any]]:
    """What the service answers to the stream, each visit from one of two places, and sent at the
    same moment as by everybody else."""
    headers = {"Authorization": f"Bearer {token}"}
    answers = []
    with httpx.Client(base_url=service.address, headers=headers, trust_env=False) as client:
        for number, data in enumerate(exports):
            together.wait(60)
            place = (HERE, FAR)[number % 2]
            query = {"latitude": place.latitude, "longitude": place.longitude}
            answers.append(client.post("api/v1/evidence", content=data, params=query, timeout=60))
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json() for answer in answers]


def rows(connection: Connection) -> dict[str, list[Any]]:
    """All that a database holds."""
    return {
        table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
        for table in schema.metadata.sorted_tables
    }


def test_the_ledger_and_the_tree_are_those_of_one_service(
    databases: Databases, url: str, tmp_path: Path
) -> None:
    with Ledger(url) as ledger:
        ledger.use_trust(people().trust, NOW)
        role = AccessRole.TECHNICIAN
        _, token = make_token(ledger.database, "Li", role, now=NOW, valid_s=60)
    exports, script = stream(), tmp_path / "service.py"
    script.write_text(SERVICE)

    @contextmanager
    def service(database: str) -> Iterator[Serving]:
        with started(tmp_path, sys.executable, str(script), database, str(NOW)) as one:
            yield one
            assert one.end() == 0

    with databases.copy(url) as other_url:
        with service(url) as one, service(url) as other, ThreadPoolExecutor(2) as pool:
            together = Barrier(2)
            both = list(pool.map(lambda s: send(s, token, exports, together), (one, other)))
        with service(other_url) as alone:
            single = send(alone, token, exports, Barrier(1))
        # Each visit was taken once, by whichever service came first.
        known = [[answer.pop("known") for answer in answers] for answers in (*both, single)]
        assert all(mine != theirs for mine, theirs in zip(*known[:2], strict=True))
        assert not any(known[2])
        assert both[0] == both[1] == single
        with Ledger(url) as ledger, Ledger(other_url) as expected:
            size = ledger.tree_size()
            assert size == expected.tree_size() == 2 * VISITS
            assert [ledger.root(n) for n in range(size + 1)] == [
                expected.root(n) for n in range(size + 1)
            ]
            assert ledger.database.read(rows) == expected.database.read(rows)
