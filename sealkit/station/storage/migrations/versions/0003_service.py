"""Tokens and nonces of the service, append-only as the rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sealkit.station.storage.migrations.guards import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBERED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEYS: dict[str, tuple[str, ...]] = {
    "tokens": ("id", "digest"),
    "token_withdrawals": ("token",),
    "nonces": ("nonce",),
    "nonce_answers": ("nonce",),
}


def upgrade() -> None:
    """Makes the tables and their triggers."""
    op.create_table(
        "tokens",
        sa.Column("id", _NUMBERED, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("digest", name="tokens_digest"),
    )
    op.create_table(
        "token_withdrawals",
        sa.Column(
            "token", _NUMBERED, sa.ForeignKey("tokens.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "nonces",
        sa.Column("nonce", sa.LargeBinary, primary_key=True),
        sa.Column("token", _NUMBERED, sa.ForeignKey("tokens.id"), nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "nonce_answers",
        sa.Column("nonce", sa.LargeBinary, sa.ForeignKey("nonces.nonce"), primary_key=True),
        sa.Column("evidence", sa.LargeBinary, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
    for table, keys in _KEYS.items():
        guard(table, *((key,) for key in keys))
