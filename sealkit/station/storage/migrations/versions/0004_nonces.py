"""Nonces may go when they have expired; what answered one stays, with who asked for it and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sealkit.station.storage.migrations.guards import guard, unguard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBERED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Frees the nonces, and writes the answers anew so that they need them no more."""
    unguard("nonces")
    op.create_index("nonces_by_end", "nonces", ["expires"])
    op.rename_table("nonce_answers", "nonce_answers_before")
    op.create_table(
        "nonce_answers",
        sa.Column("nonce", sa.LargeBinary, primary_key=True),
        sa.Column("token", _NUMBERED, sa.ForeignKey("tokens.id"), nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("evidence", sa.LargeBinary, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
    op.execute(
        "INSERT INTO nonce_answers (nonce, token, asked, evidence, time) "
        "SELECT given.nonce, given.token, given.asked, answer.evidence, answer.time "
        "FROM nonce_answers_before AS answer JOIN nonces AS given ON given.nonce = answer.nonce"
    )
    op.drop_table("nonce_answers_before")
    guard("nonce_answers", ("nonce",))
