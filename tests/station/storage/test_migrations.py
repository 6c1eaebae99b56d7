"""A ledger that an older program wrote is brought up to date, and keeps what it holds."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from station.fleet import filled

from sealkit.errors import IntegrityError, UsageError
from sealkit.station.storage import schema
from sealkit.station.storage.database import Database, directory_url

ONE, OTHER, EVIDENCE = (bytes([n]) * 32 for n in (1, 2, 3))
TICKS = (0, 6_000, 1 << 63)
VERDICT = (
    "INSERT INTO verdicts (id, seal, evidence, judged, basis, trust, policy, conclusion, findings,"
    " state, evidence_time, content, leaf_hash)"
)
JUDGED = "8, 0, 1, '{}', 'intact', '[]', 2, 6, digest, digest FROM evidence WHERE id = 0"


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


def of_0005(new_url: str) -> Database:
    """A ledger of that step with an evidence for each tick, and a verdict of the first."""
    old = Database(new_url)
    old.migrate("0005")

    def fill(connection: Connection) -> None:
        connection.execute(text("INSERT INTO seals (id, maker, serial) VALUES (1, 500, 23)"))
        for leaf, tick in enumerate(TICKS):
            values = {
                "leaf": leaf,
                "digest": bytes([leaf]) * 32,
                "content": bytes([255]) * 41 + tick.to_bytes(8, "big") + bytes([255]) * 100,
                "no": False,
                "any": ONE,
            }
            connection.execute(
                text(
                    "INSERT INTO evidence (id, seal, digest, content, received, submitter, fresh,"
                    " credential, leaf_hash)"
                    " VALUES (:leaf, 1, :digest, :content, 7, 'Li', :no, :any, :any)"
                ),
                values,
            )
        connection.execute(text(f"{VERDICT} SELECT 9, 1, 0, {JUDGED}"))

    old.write(fill)
    return old


def test_evidences_are_found_by_their_ticks(new_url: str) -> None:
    database = of_0005(new_url)
    database.migrate()
    table = schema.evidence
    query = select(table.c.id, table.c.tick_ms, table.c.digest).order_by(table.c.id)
    held = database.read(lambda connection: connection.execute(query).all())
    assert [tuple(row) for row in held] == [
        (leaf, min(tick, (1 << 63) - 1), bytes([leaf]) * 32) for leaf, tick in enumerate(TICKS)
    ]
    names = ", ".join(column.name for column in table.columns if column.name != "id")
    again = f"INTO evidence (id, {names}) SELECT {{}}, {names} FROM evidence"
    changes = ["UPDATE evidence SET seal = 1", "DELETE FROM evidence"]
    for how in ("INSERT", "INSERT OR REPLACE") if database.is_sqlite else ("INSERT",):
        changes += [f"{how} {again.format(leaf)}" for leaf in ("id", "id + 12")]
    # Rows that refer to others are looked at again.
    changes.append(f"{VERDICT} SELECT 12, 1, 11, {JUDGED}")
    for change in changes:
        with (
            pytest.raises(DBAPIError, match=r"append-only|unique|(?i:foreign key)"),
            database._engine.begin() as connection,
        ):
            connection.execute(text(change))
    database.close()


def test_a_ledger_with_rows_that_refer_to_nothing_stays_as_it_is(tmp_path: Path) -> None:
    database = of_0005(directory_url(tmp_path))
    with sqlite3.connect(str(database.url.database)) as connection:
        connection.execute("DROP TRIGGER evidence_no_delete")
        connection.execute("DELETE FROM evidence WHERE id = 0")
    connection.close()
    with pytest.raises(IntegrityError, match=r"LEDGER_ALTERED.*1 rows refer"):
        database.migrate()
    with pytest.raises(UsageError, match="DATABASE_TOO_OLD"):
        database.prepare()
    database.close()
