"""A ledger that an older program wrote is brought up to date, and keeps what it holds."""

from __future__ import annotations

from sqlalchemy import Connection, text
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
