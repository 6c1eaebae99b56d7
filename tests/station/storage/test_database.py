"""Rows go in and come out whole, however many, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from sealkit.station.storage import schema
from sealkit.station.storage.database import Database

TABLE = schema.revocations


@pytest.fixture
def database(new_url: str) -> Iterator[Database]:
    opened = Database(new_url)
    opened.prepare()
    yield opened
    opened.close()


def rows(count: int) -> list[tuple[object, ...]]:
    """With a value that is not there in some of them, and last in all of them."""
    return [
        (n + 1, n.to_bytes(16, "big"), None if n % 3 else n, None, n % 7, n) for n in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 149])
def test_as_many_come_out_as_went_in(database: Database, count: int) -> None:
    database.write(lambda connection: database.insert(connection, TABLE, rows(count)))
    query = select(TABLE).order_by(TABLE.c.id)
    held = database.read(lambda connection: connection.execute(query).all())
    assert [tuple(row) for row in held] == rows(count)


def test_rows_are_found_by_several_keys_at_once(database: Database) -> None:
    database.write(lambda connection: database.insert(connection, TABLE, rows(1200)))
    keys = TABLE.c.version, TABLE.c.issuer
    wanted = [(n % 7, n.to_bytes(16, "big")) for n in range(0, 1200, 2)]
    strangers = [((n + 1) % 7, n.to_bytes(16, "big")) for n in range(1, 1200, 2)]

    def found(values: list[tuple[int, bytes]]) -> list[int]:
        return database.read(
            lambda connection: [
                row.id for row in database.rows_with(connection, keys, values, TABLE.c.id)
            ]
        )

    assert sorted(found(wanted + strangers)) == list(range(1, 1201, 2))
    assert found([]) == found(strangers) == []
