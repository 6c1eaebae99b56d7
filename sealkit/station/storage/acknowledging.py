"""What the ledger promises to hold, so that a seal may prune its journal (SPEC.md O-32, J-2)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from sealkit.crypto.suite import Suite
from sealkit.errors import IntegrityError, UndeterminedError
from sealkit.station.storage import schema
from sealkit.station.storage.dossiers import read_dossier
from sealkit.station.storage.leaves import read_leaf_hash
from sealkit.wire.numbers import SealNumber


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What an ACKNOWLEDGE order carries: the journal record up to which the ledger holds all, its
    digest, and the receipt, which is the hash of the evidence's leaf; 32 bytes each. evidence: that
    leaf."""

    number: SealNumber
    evidence: int
    sequence: int
    digest: bytes
    receipt: bytes


def draft_acknowledgement(
    connection: Connection, suite: Suite, number: SealNumber
) -> Acknowledgement:
    """What can be acknowledged: the journal up to the seal's latest evidence.

    Errors: `UsageError` SEAL_UNKNOWN; `UndeterminedError` JOURNAL_INCOMPLETE; `IntegrityError`
    HISTORY_FORKED.
    """
    dossier = read_dossier(connection, suite, number)
    latest = dossier.latest
    if dossier.forks:
        raise IntegrityError(
            "HISTORY_FORKED",
            f"Seal {number} has two histories; nothing of either may be pruned.",
            "Keep the seal as it is: it is evidence.",
        )
    if dossier.whole_journal(latest) is None:
        raise UndeterminedError(
            "JOURNAL_INCOMPLETE",
            f"The ledger does not hold the journal of seal {number} up to its latest evidence.",
            "Import an export with the journal first.",
        )
    evidence = latest.evidence
    receipt = read_leaf_hash(connection, latest.leaf)
    return Acknowledgement(
        number, latest.leaf, evidence.journal_sequence, evidence.journal_digest, receipt
    )


def keep_acknowledgement(
    connection: Connection, told: Acknowledgement, now: int, submitter: str
) -> None:
    """Notes in the ledger that an acknowledgement is given."""
    evidence = schema.evidence
    seal = select(evidence.c.seal).where(evidence.c.id == told.evidence).scalar_subquery()
    connection.execute(
        insert(schema.acknowledgements).values(
            seal=seal,
            evidence=told.evidence,
            sequence=told.sequence,
            digest=told.digest,
            receipt=told.receipt,
            time=now,
            submitter=submitter,
        )
    )


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """That an acknowledgement was given: when (seconds since 1970), to whom, up to which record."""

    time: int
    submitter: str
    sequence: int
    evidence: int


def read_acknowledgements(connection: Connection, number: SealNumber) -> list[Acknowledged]:
    """All that were given for a seal, the first first."""
    table, seals = schema.acknowledgements, schema.seals
    query = (
        select(table)
        .join(seals, seals.c.id == table.c.seal)
        .where(seals.c.maker == number.maker, seals.c.serial == number.serial)
        .order_by(table.c.id)
    )
    return [
        Acknowledged(row.time, row.submitter, row.sequence, row.evidence)
        for row in connection.execute(query)
    ]
