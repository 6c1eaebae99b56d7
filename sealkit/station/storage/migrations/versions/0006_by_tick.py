"""An evidence is found by its seal and the seal's tick, which only rises: so what comes next stands
beside what came last, however large the ledger. Digests come in no order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sealkit.station.storage.migrations.guards import guard, unguard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TICK = slice(41, 49)
"""Where an evidence tells it, big-endian."""
_LARGEST = (1 << 63) - 1


def upgrade() -> None:
    """Writes the ticks beside the evidences, and changes what names one."""
    unguard("evidence")
    tick = sa.Column("tick_ms", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("evidence", tick)
    _fill()
    op.drop_index("evidence_of_seal", "evidence")
    with op.batch_alter_table("evidence") as table:
        table.alter_column("tick_ms", server_default=None)
        table.drop_constraint("evidence_digest", type_="unique")
        table.create_unique_constraint("evidence_once", ["seal", "tick_ms", "digest"])
    guard("evidence", ("id",), ("seal", "tick_ms", "digest"))


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
