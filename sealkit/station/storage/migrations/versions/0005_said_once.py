"""What an evidence says stands in its bytes alone, and of a leaf its hash is kept: its bytes follow
from the evidence and the verdict."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

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
_WITH_LEAVES = ("evidence", "verdicts")
_DIGESTS = {"p256": "sha256", "sm2": "sm3"}


def upgrade() -> None:
    """Moves the hashes to the rows, and drops what was kept twice."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _WITH_LEAVES:
        _let_change(table, is_sqlite)
        nothing = sa.text("x''" if is_sqlite else r"'\x'::bytea")
        op.add_column(
            table, sa.Column("leaf_hash", sa.LargeBinary, nullable=False, server_default=nothing)
        )
    _fill()
    for table in _WITH_LEAVES:
        _guard(table, is_sqlite)
        if not is_sqlite:
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


def _let_change(table: str, is_sqlite: bool) -> None:
    if is_sqlite:
        op.execute(f"DROP TRIGGER {table}_no_update")
    else:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")


def _guard(table: str, is_sqlite: bool) -> None:
    if is_sqlite:
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION sealkit_append_only()"
        )
