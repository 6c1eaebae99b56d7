"""The tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBERED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _seal(*, key: bool = False) -> sa.Column[int]:
    return sa.Column(
        "seal",
        _NUMBERED,
        sa.ForeignKey("seals.id"),
        nullable=False,
        primary_key=key,
        autoincrement=False,
    )


def _evidence() -> sa.Column[int]:
    return sa.Column("evidence", _NUMBERED, sa.ForeignKey("evidence.id"), nullable=False)


def _id(*, counted: bool = True) -> sa.Column[int]:
    return sa.Column("id", _NUMBERED, primary_key=True, autoincrement=counted)


def _bytes(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable, primary_key=key)


def _number(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable, primary_key=key, autoincrement=False)


def _small(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=nullable, primary_key=key, autoincrement=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def upgrade() -> None:
    """Makes them."""
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, primary_key=True),
        _text("suite"),
        _number("created"),
        _bytes("secret"),
    )
    op.create_table("trust_bundles", _id(), _number("version"), _bytes("content"), _number("since"))
    op.create_table(
        "revocations",
        _id(),
        _bytes("issuer"),
        _number("serial", nullable=True),
        _small("below_generation", nullable=True),
        _number("version"),
        _number("since"),
    )
    op.create_table(
        "seals",
        _id(counted=False),
        _number("maker"),
        _number("serial"),
        sa.UniqueConstraint("maker", "serial", name="seals_number"),
    )
    op.create_table(
        "credentials",
        _bytes("digest", key=True),
        _bytes("key_id"),
        _bytes("issuer"),
        _number("serial"),
        _small("role"),
        _number("scope"),
        _text("name"),
        _bytes("content"),
    )
    _evidence_table()
    for name, more in (("control_records", [_small("kind")]), ("journal_records", [])):
        op.create_table(
            name,
            _seal(key=True),
            _number("sequence", key=True),
            _bytes("digest", key=True),
            _bytes("previous"),
            *more,
            _bytes("content"),
            _evidence(),
            sqlite_with_rowid=False,
        )
    _orders_table()
    op.create_table(
        "parameter_groups",
        _seal(key=True),
        _bytes("digest", key=True),
        _small("number"),
        _bytes("content"),
        _evidence(),
    )
    _verdicts_table()
    op.create_table(
        "acknowledgements",
        _id(),
        _seal(),
        _evidence(),
        _number("sequence"),
        _bytes("digest"),
        _bytes("receipt"),
        _number("time"),
        _text("submitter"),
    )
    op.create_index("acknowledgements_of_seal", "acknowledgements", ["seal", "id"])
    op.create_table("leaves", _id(counted=False), _bytes("content"))
    op.create_table(
        "tree_nodes",
        _small("level", key=True),
        _number("place", key=True),
        _bytes("hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tree_heads", _id(), _number("size"), _bytes("root"), _number("time"), _bytes("content")
    )


def _evidence_table() -> None:
    op.create_table(
        "evidence",
        _id(counted=False),
        _seal(),
        _bytes("digest"),
        _bytes("content"),
        _number("received"),
        _text("submitter"),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        _text("plate_seen", nullable=True),
        sa.Column("fresh", sa.Boolean, nullable=False),
        _bytes("credential"),
        _bytes("checkpoint", nullable=True),
        _small("state"),
        _number("clock"),
        _number("control_sequence"),
        _bytes("control_digest"),
        _number("journal_sequence"),
        _bytes("journal_digest"),
        sa.UniqueConstraint("digest", name="evidence_digest"),
    )
    op.create_index("evidence_of_seal", "evidence", ["seal", "id"])


def _orders_table() -> None:
    op.create_table(
        "orders",
        _seal(key=True),
        _number("sequence", key=True),
        _bytes("digest", key=True),
        _small("kind"),
        _number("time"),
        _small("reason", nullable=True),
        _bytes("first_signer"),
        _bytes("second_signer"),
        _text("plate", nullable=True),
        _text("vin", nullable=True),
        _text("meter", nullable=True),
        _number("k_pulses_per_km", nullable=True),
    )
    for name, column in (
        ("orders_by_plate", "plate"),
        ("orders_by_vin", "vin"),
        ("orders_by_meter", "meter"),
        ("orders_by_signer", "first_signer"),
    ):
        op.create_index(name, "orders", [column])


def _verdicts_table() -> None:
    op.create_table(
        "verdicts",
        _id(counted=False),
        _seal(),
        _evidence(),
        _number("judged"),
        _number("basis"),
        _number("trust"),
        _text("policy"),
        _text("conclusion"),
        _text("findings"),
        _small("state"),
        _number("evidence_time"),
        _text("plate", nullable=True),
        _text("meter", nullable=True),
        _number("valid_until", nullable=True),
        _bytes("content"),
    )
    op.create_index("verdicts_of_seal", "verdicts", ["seal", "id"])
