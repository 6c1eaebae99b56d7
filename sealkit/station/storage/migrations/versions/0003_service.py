"""Tokens and nonces of the service, append-only as the rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
        if op.get_bind().dialect.name == "sqlite":
            _guard_sqlite(table, keys)
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION sealkit_append_only()"
            )


def _guard_sqlite(table: str, keys: tuple[str, ...]) -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} {refuse}"
        )
    # INSERT OR REPLACE deletes without asking the triggers of DELETE.
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})" for key in keys)
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
