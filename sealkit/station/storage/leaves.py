"""The leaves of the tree, as the rows tell them: each evidence and each verdict has one.

Kept of a leaf is its hash, in its row; its bytes follow from what the row says. So a row that was
altered, by whatever means, no longer fits the tree.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, select, union_all

from sealkit.appraisal.verdict import Conclusion
from sealkit.crypto.suite import Suite
from sealkit.errors import IntegrityError
from sealkit.station.history.entry import entry_leaf
from sealkit.station.history.visits import Place
from sealkit.station.storage import schema
from sealkit.station.tree.merkle import leaf_hash
from sealkit.wire.evidence import EVIDENCE
from sealkit.wire.registry import RecordedConclusion

RECORDED: Final = {
    Conclusion.INTACT: RecordedConclusion.INTACT,
    Conclusion.BROKEN: RecordedConclusion.BROKEN,
    Conclusion.UNDETERMINED: RecordedConclusion.UNDETERMINED,
}
"""A conclusion as a leaf tells it."""
_NOT_JUDGED: Final = RecordedConclusion.NOT_JUDGED

_TABLES: Final = (schema.evidence, schema.verdicts)


def count_leaves(connection: Connection) -> int:
    """How many leaves the tree has."""
    highest = (connection.execute(select(func.max(table.c.id))).scalar() for table in _TABLES)
    return max(-1 if last is None else int(last) for last in highest) + 1


def read_hashes(connection: Connection, level: int, begin: int, end: int) -> list[bytes]:
    """The hashes of a kept level of the tree, as `merkle.HashReader` says.

    Errors: `LookupError` if one is not there.
    """
    if level == 0:
        rows = union_all(
            *(
                select(table.c.id, table.c.leaf_hash).where(table.c.id >= begin, table.c.id < end)
                for table in _TABLES
            )
        )
        hashes = [value for _, value in connection.execute(rows.order_by("id"))]
    else:
        nodes = schema.tree_nodes
        query = select(nodes.c.hash).where(
            nodes.c.level == level, nodes.c.place >= begin, nodes.c.place < end
        )
        hashes = list(connection.execute(query.order_by(nodes.c.place)).scalars())
    if len(hashes) != end - begin:
        raise LookupError(f"the tree has no such hashes: {level}, {begin} to {end}")
    return hashes


def read_leaf_hash(connection: Connection, index: int) -> bytes:
    """The hash of a leaf, which is the receipt of its evidence. Errors: as `read_hashes`."""
    return read_hashes(connection, 0, index, index + 1)[0]


def read_leaf(connection: Connection, suite: Suite, secret: bytes, index: int) -> bytes | None:
    """The bytes of a leaf (SPEC.md G-2); None if there is none.

    Errors: `IntegrityError` LEDGER_ALTERED if what the rows say is not what the tree holds.
    """
    table, verdicts = schema.evidence, schema.verdicts
    judged = connection.execute(select(verdicts).where(verdicts.c.id == index)).one_or_none()
    taken_as = index if judged is None else judged.evidence
    taken = connection.execute(select(table).where(table.c.id == taken_as)).one_or_none()
    if taken is None:
        return None
    evidence = EVIDENCE.parse(taken.content)
    leaf = entry_leaf(
        suite,
        secret,
        evidence,
        suite.digest(evidence.raw),
        taken.received,
        None if taken.latitude is None else Place(taken.latitude, taken.longitude),
        _NOT_JUDGED if judged is None else RECORDED[Conclusion(judged.conclusion)],
        None if judged is None else judged.content,
    )
    if leaf_hash(suite.digest, leaf) != (judged or taken).leaf_hash:
        raise IntegrityError(
            "LEDGER_ALTERED",
            f"What the ledger says of entry {index} is not what was entered there.",
            "Keep the database as it is, compare it with a backup, and find out who had access.",
        )
    return leaf
