"""What an evidence says stands in its bytes alone, and of a leaf its hash is kept: its bytes follow
from the evidence and the verdict."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

from sealkit.station.storage.migrations.guards import guard, is_sqlite, unguard

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SAID_TWICE = (
    "state",
    "clock",
    "control_sequence",
    "control_digest",
    "journal_sequence",
    "journal_digest",
)
_WITH_LEAVES = {"evidence": (("id",), ("digest",)), "verdicts": (("id",),)}
_DIGESTS = {"p256": "sha256", "sm2": "sm3"}


def upgrade() -> None:
    """Moves the hashes to the rows, and drops what was kept twice."""
    for table in _WITH_LEAVES:
        unguard(table)
        nothing = sa.text("x''" if is_sqlite() else r"'\x'::bytea")
        op.add_column(
            table, sa.Column("leaf_hash", sa.LargeBinary, nullable=False, server_default=nothing)
        )
    _fill()
    for table, keys in _WITH_LEAVES.items():
        guard(table, *keys)
        if not is_sqlite():
            op.alter_column(table, "leaf_hash", server_default=None)
    op.drop_table("leaves")
    for column in _SAID_TWICE:
        op.drop_column("evidence", column)


def _fill() -> None:
    connection = op.get_bind()
    suite = connection.execute(sa.text("SELECT suite FROM ledger")).scalar()
    rows = connection.execute(sa.text("SELECT id, content FROM leaves ORDER BY id"))
    while some := rows.fetchmany(10_000):
        hashes = [
            {"leaf": leaf, "hash": hashlib.new(_DIGESTS[str(suite)], b"\0" + content).digest()}
            for leaf, content in some
        ]
        for table in _WITH_LEAVES:
            connection.execute(
                sa.text(f"UPDATE {table} SET leaf_hash = :hash WHERE id = :leaf"), hashes
            )
