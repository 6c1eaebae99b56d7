"""An evidence is found by its seal and the seal's tick, which only rises: so what comes next stands
beside what came last, however large the ledger. Digests come in no order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TICK = slice(41, 49)
"""Where an evidence tells it, big-endian."""
_LARGEST = (1 << 63) - 1


def upgrade() -> None:
    """Writes the ticks beside the evidences, and changes what names one."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(
        "DROP TRIGGER evidence_no_update"
        if is_sqlite
        else "DROP TRIGGER evidence_append_only ON evidence"
    )
    tick = sa.Column("tick_ms", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("evidence", tick)
    _fill()
    op.drop_index("evidence_of_seal", "evidence")
    with op.batch_alter_table("evidence") as table:
        table.alter_column("tick_ms", server_default=None)
        table.drop_constraint("evidence_digest", type_="unique")
        table.create_unique_constraint("evidence_once", ["seal", "tick_ms", "digest"])
    if is_sqlite:
        _guard_sqlite()
    else:
        op.execute(
            "CREATE TRIGGER evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence "
            "FOR EACH STATEMENT EXECUTE FUNCTION sealkit_append_only()"
        )


def _fill() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, content FROM evidence ORDER BY id"))
    while some := rows.fetchmany(10_000):
        connection.execute(
            sa.text("UPDATE evidence SET tick_ms = :tick WHERE id = :id"),
            [
                {"id": leaf, "tick": min(int.from_bytes(content[_TICK], "big"), _LARGEST)}
                for leaf, content in some
            ],
        )


def _guard_sqlite() -> None:
    """The triggers of the table, which is a new one."""
    # INSERT OR REPLACE deletes without asking the triggers of DELETE.
    taken = (
        "WHEN EXISTS (SELECT 1 FROM evidence WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM evidence "
        "WHERE seal = NEW.seal AND tick_ms = NEW.tick_ms AND digest = NEW.digest)"
    )
    for change, event, when in (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        ("replace", "INSERT", taken),
    ):
        op.execute(
            f"CREATE TRIGGER evidence_no_{change} BEFORE {event} ON evidence {when} "
            "BEGIN SELECT RAISE(ABORT, 'append-only: evidence'); END"
        )
