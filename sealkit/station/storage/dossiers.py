"""Reads all that the ledger holds about one seal."""

from __future__ import annotations

from sqlalchemy import Connection, Table, select

from sealkit.crypto.suite import Suite
from sealkit.errors import UsageError
from sealkit.station.history.comparing import Chain, Link
from sealkit.station.history.dossier import Dossier, HeldEvidence
from sealkit.station.history.visits import Place
from sealkit.station.storage import schema
from sealkit.wire.evidence import EVIDENCE
from sealkit.wire.numbers import SealNumber


def read_dossier(connection: Connection, suite: Suite, number: SealNumber) -> Dossier:
    """Reads it. Errors: `UsageError` SEAL_UNKNOWN."""
    table = schema.seals
    query = select(table.c.id).where(table.c.maker == number.maker, table.c.serial == number.serial)
    seal = connection.execute(query).scalar()
    if seal is None:
        raise unknown_seal(number)
    control, contents = _records(connection, schema.control_records, seal)
    journal, of_journal = _records(connection, schema.journal_records, seal)
    groups = schema.parameter_groups
    shown = connection.execute(
        select(groups.c.number, groups.c.content)
        .where(groups.c.seal == seal)
        .order_by(groups.c.evidence)
    )
    return Dossier(
        suite,
        number,
        seal,
        _evidences(connection, seal),
        control,
        journal,
        contents | of_journal,
        _first_leaves(connection, seal),
        tuple((told, content) for told, content in shown),
    )


def unknown_seal(number: SealNumber) -> UsageError:
    """The error for a seal that never came."""
    return UsageError(
        "SEAL_UNKNOWN",
        f"The ledger holds nothing of seal {number}.",
        "Check the number, or import an export of the seal.",
    )


def _records(connection: Connection, table: Table, seal: int) -> tuple[Chain, dict[bytes, bytes]]:
    """A chain, and the bytes of its records by their digests."""
    columns = table.c.sequence, table.c.digest, table.c.previous, table.c.content
    rows = connection.execute(select(*columns).where(table.c.seal == seal)).all()
    return (
        Chain([Link(sequence, digest, previous) for sequence, digest, previous, _ in rows]),
        {digest: content for _, digest, _, content in rows},
    )


def _first_leaves(connection: Connection, seal: int) -> dict[bytes, int]:
    """By the digest of each control record, the leaf of the evidence that brought it."""
    table = schema.control_records
    rows = connection.execute(select(table.c.digest, table.c.evidence).where(table.c.seal == seal))
    return {row.digest: row.evidence for row in rows}


def _evidences(connection: Connection, seal: int) -> tuple[HeldEvidence, ...]:
    table, credentials = schema.evidence, schema.credentials
    query = (
        select(table, credentials.c.content.label("credential_content"))
        .join(credentials, credentials.c.digest == table.c.credential)
        .where(table.c.seal == seal)
        .order_by(table.c.id)
    )
    return tuple(
        HeldEvidence(
            leaf=row.id,
            evidence=EVIDENCE.parse(row.content),
            received=row.received,
            submitter=row.submitter,
            place=None if row.latitude is None else Place(row.latitude, row.longitude),
            plate_seen=row.plate_seen,
            fresh=row.fresh,
            credential=row.credential_content,
            checkpoint=row.checkpoint,
        )
        for row in connection.execute(query)
    )
