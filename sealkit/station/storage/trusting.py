"""Whom the ledger believes, from when on, and what was revoked when."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from sealkit.appraisal.trust import TrustBundle
from sealkit.errors import UsageError
from sealkit.station.storage import schema


def last_trust(connection: Connection, known: int | None) -> tuple[int, TrustBundle] | None:
    """The trust in use and its row; None if that is the `known` row, or there is none."""
    table = schema.trust_bundles
    query = select(table.c.id, table.c.content).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None or row.id == known:
        return None
    return row.id, TrustBundle.from_json(row.content)


def take_trust(connection: Connection, trust: TrustBundle, now: int) -> None:
    """Believes these from now on. Errors: `UsageError` LEDGER_OTHER_AUTHORITY,
    LEDGER_TRUST_OLDER."""
    before = last_trust(connection, None)
    content = trust.to_json()
    if before is not None:
        if before[1].authority.public_key != trust.authority.public_key:
            raise UsageError(
                "LEDGER_OTHER_AUTHORITY",
                "The trust file is of another authority than the ledger's.",
                "Keep a ledger for each authority.",
            )
        if before[1].version > trust.version:
            raise UsageError(
                "LEDGER_TRUST_OLDER",
                f"The ledger uses trust of version {before[1].version}, and this is of version "
                f"{trust.version}.",
                "Get the newest trust file from the authority, or leave out --trust.",
            )
        if before[1].to_json() == content:
            return
    row = {"version": trust.version, "content": content, "since": now}
    connection.execute(insert(schema.trust_bundles).values(**row))
    _take_revocations(connection, trust)


def _take_revocations(connection: Connection, trust: TrustBundle) -> None:
    """Notes what this statement is the first to revoke, as of when it was issued."""
    statement = trust.statement
    if statement is None:
        return
    table = schema.revocations
    columns = (table.c.issuer, table.c.serial, table.c.below_generation)
    known = {tuple(row) for row in connection.execute(select(*columns))}
    told: list[tuple[bytes, int | None, int | None]] = [
        *((entry.issuer, entry.serial, None) for entry in statement.revoked),
        *((minimum.issuer, None, minimum.generation) for minimum in statement.minimums),
    ]
    for issuer, serial, generation in dict.fromkeys(told):
        if (issuer, serial, generation) not in known:
            connection.execute(
                insert(table).values(
                    issuer=issuer,
                    serial=serial,
                    below_generation=generation,
                    version=statement.version,
                    since=statement.issued_at,
                )
            )
