"""The lives of all seals, read in one go for what is compared across the fleet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from sealkit.crypto.suite import Suite
from sealkit.station.history.biography import biography_of
from sealkit.station.history.comparing import Chain, Link
from sealkit.station.history.leads import Life
from sealkit.station.storage import schema
from sealkit.wire.evidence import EVIDENCE, Evidence
from sealkit.wire.numbers import SealNumber


def read_lives(connection: Connection, suite: Suite) -> Iterator[Life]:
    """A life for each seal, up to the furthest head that it signed."""
    heads, records = _furthest(connection), schema.control_records
    seals = schema.seals
    numbers = {
        seal: SealNumber(maker, serial) for seal, maker, serial in connection.execute(select(seals))
    }
    query = select(
        records.c.seal, records.c.sequence, records.c.digest, records.c.previous, records.c.content
    ).order_by(records.c.seal)
    rows = connection.execution_options(yield_per=10_000).execute(query)
    for seal, of_seal in groupby(rows, key=lambda row: row.seal):
        yield _life(suite, numbers[seal], of_seal, heads[seal])


def _furthest(connection: Connection) -> dict[int, Evidence]:
    """By seal, the evidence that signs the furthest control record, the last of them by its
    clock."""
    table, furthest = schema.evidence, dict[int, Evidence]()
    query = select(table.c.seal, table.c.content).execution_options(yield_per=10_000)
    for seal, content in connection.execute(query):
        evidence = EVIDENCE.parse(content)
        if seal not in furthest or _reach(evidence) >= _reach(furthest[seal]):
            furthest[seal] = evidence
    return furthest


def _reach(evidence: Evidence) -> tuple[int, int]:
    return evidence.control_sequence, evidence.clock


def _life(suite: Suite, number: SealNumber, rows: Iterable[Any], furthest: Evidence) -> Life:
    contents: dict[bytes, bytes] = {}
    links = []
    for _, sequence, digest, previous, content in rows:
        links.append(Link(sequence, digest, previous))
        contents[digest] = content
    reached, _ = Chain(links).back_from(furthest.control_digest)
    life = biography_of(suite, (contents[link.digest] for link in reached))
    return Life(number, life.region, tuple(life.sealings), furthest.clock)
