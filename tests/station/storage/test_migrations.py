"""A ledger that an older program wrote is brought up to date, and keeps what it holds."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from station.fleet import filled

from sealkit.station.storage.database import Database

ONE, OTHER, EVIDENCE = (bytes([n]) * 32 for n in (1, 2, 3))


def test_nonces_and_their_answers_are_kept(new_url: str) -> None:
    old = Database(new_url)
    old.migrate("0003")

    def fill(connection: Connection) -> None:
        for statement, values in (
            ("tokens VALUES (1, :digest, 'Li', 'station', 5, 9)", {"digest": ONE}),
            ("nonces VALUES (:one, 1, 7, 607), (:other, 1, 8, 608)", {"one": ONE, "other": OTHER}),
            ("nonce_answers VALUES (:one, :evidence, 9)", {"one": ONE, "evidence": EVIDENCE}),
        ):
            connection.execute(text(f"INSERT INTO {statement}"), values)

    def held(connection: Connection) -> list[list[tuple[object, ...]]]:
        queries = (text(f"SELECT * FROM {table}") for table in ("nonces", "nonce_answers"))
        return [[tuple(row) for row in connection.execute(query)] for query in queries]

    old.write(fill)
    old.migrate()
    assert old.read(held) == [
        [(ONE, 1, 7, 607), (OTHER, 1, 8, 608)],
        [(ONE, 1, 7, EVIDENCE, 9)],
    ]
    old.close()
    filled(new_url, 1).close()


def test_leaves_stay_as_their_hashes_with_what_they_are_of(new_url: str) -> None:
    old = Database(new_url)
    old.migrate("0004")
    leaves = [b"of the evidence", b"of the verdict"]

    def fill(connection: Connection) -> None:
        for statement in (
            "ledger (id, suite, created, secret) VALUES (1, 'p256', 5, :any)",
            "seals (id, maker, serial) VALUES (1, 500, 23)",
            "evidence (id, seal, digest, content, received, submitter, fresh, credential, state,"
            " clock, control_sequence, control_digest, journal_sequence, journal_digest)"
            " VALUES (0, 1, :any, :evidence, 7, 'Li', :no, :any, 2, 6, 1, :any, 1, :any)",
            "verdicts (id, seal, evidence, judged, basis, trust, policy, conclusion, findings,"
            " state, evidence_time, content)"
            " VALUES (1, 1, 0, 8, 0, 1, '{}', 'intact', '[]', 2, 6, :any)",
            "leaves (id, content) VALUES (0, :leaf_0), (1, :leaf_1)",
        ):
            values = {
                "any": ONE,
                "evidence": EVIDENCE,
                "no": False,
                "leaf_0": leaves[0],
                "leaf_1": leaves[1],
            }
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(f"INSERT INTO {statement}"), named)

    def held(connection: Connection) -> list[tuple[object, ...]]:
        queries = (
            "SELECT id, leaf_hash, content, received FROM evidence",
            "SELECT id, leaf_hash, content, judged FROM verdicts",
        )
        return [tuple(connection.execute(text(query)).one()) for query in queries]

    old.write(fill)
    old.migrate()
    hashes = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    assert old.read(held) == [(0, hashes[0], EVIDENCE, 7), (1, hashes[1], ONE, 8)]
    for table in ("evidence", "verdicts"):
        with pytest.raises(DBAPIError, match="append-only"), old._engine.begin() as connection:
            connection.execute(text(f"UPDATE {table} SET seal = 1"))
    old.close()
