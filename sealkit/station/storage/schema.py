"""The ledger's tables (SPEC.md 17).

Everything but nonces is only ever added: what a seal signed, what was concluded from it, and when.
The migrations make these tables and the triggers that refuse any change; this file is what the rest
of the code reads and writes by. Times are seconds since 1970, digests and hashes 32 bytes.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata: Final = MetaData()
_NUMBERED: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts by itself only in a column of this very type."""


def _seal() -> Column[int]:
    return Column("seal", _NUMBERED, ForeignKey("seals.id"), nullable=False)


def _evidence(name: str = "evidence") -> Column[int]:
    return Column(name, _NUMBERED, ForeignKey("evidence.id"), nullable=False)


ledger: Final = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("suite", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("secret", LargeBinary, nullable=False),
)
"""One row: that this database is a ledger, and of which suite. secret: 32 random bytes, of which
the salts of places are made (SPEC.md G-3)."""

trust_bundles: Final = Table(
    "trust_bundles",
    metadata,
    Column("id", _NUMBERED, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("since", BigInteger, nullable=False),
)
"""Whom the ledger believed, from when on; the last row is in use."""

revocations: Final = Table(
    "revocations",
    metadata,
    Column("id", _NUMBERED, primary_key=True),
    Column("issuer", LargeBinary, nullable=False),
    Column("serial", BigInteger),
    Column("below_generation", Integer),
    Column("version", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
)
"""What a trust statement revoked first, and when it was issued: one credential, by its serial, or
all of an issuer below a generation."""

seals: Final = Table(
    "seals",
    metadata,
    Column("id", _NUMBERED, primary_key=True, autoincrement=False),
    Column("maker", BigInteger, nullable=False),
    Column("serial", BigInteger, nullable=False),
    UniqueConstraint("maker", "serial", name="seals_number"),
)

credentials: Final = Table(
    "credentials",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("key_id", LargeBinary, nullable=False),
    Column("issuer", LargeBinary, nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("role", Integer, nullable=False),
    Column("scope", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Credentials of seals, and of those who signed their orders."""

evidence: Final = Table(
    "evidence",
    metadata,
    Column("id", _NUMBERED, primary_key=True, autoincrement=False),
    _seal(),
    Column("tick_ms", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("submitter", Text, nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("plate_seen", Text),
    Column("fresh", Boolean, nullable=False),
    Column("credential", LargeBinary, nullable=False),
    Column("checkpoint", LargeBinary),
    UniqueConstraint("seal", "tick_ms", "digest", name="evidence_once"),
)
"""Every evidence that verified, and how it came; what it says stands in its content. id: its
leaf in the tree (SPEC.md G-2), by which it was taken; leaf_hash: the hash of that. Evidences and
verdicts together fill the tree from 0 on without gaps. tick_ms: the seal's own, which only rises
(N-4): found by it, what comes next stands beside what came last, however large the ledger. fresh:
it answered a nonce that was asked just then, so that it is of the time it was received."""


def _records(name: str, *more: Column[int]) -> Table:
    return Table(
        name,
        metadata,
        Column("seal", _NUMBERED, ForeignKey("seals.id"), primary_key=True, autoincrement=False),
        Column("sequence", BigInteger, primary_key=True, autoincrement=False),
        Column("digest", LargeBinary, primary_key=True),
        Column("previous", LargeBinary, nullable=False),
        *more,
        Column("content", LargeBinary, nullable=False),
        _evidence(),
        sqlite_with_rowid=False,
    )


control_records: Final = _records("control_records", Column("kind", Integer, nullable=False))
journal_records: Final = _records("journal_records")
"""Records that hang on a head that a seal signed; `evidence` brought them first. Two of one number
with two digests are a fork, and its proof."""

orders: Final = Table(
    "orders",
    metadata,
    Column("seal", _NUMBERED, ForeignKey("seals.id"), primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, primary_key=True),
    Column("kind", Integer, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("reason", Integer),
    Column("first_signer", LargeBinary, nullable=False),
    Column("second_signer", LargeBinary, nullable=False),
    Column("plate", Text),
    Column("vin", Text),
    Column("meter", Text),
    Column("k_pulses_per_km", BigInteger),
    Index("orders_by_plate", "plate"),
    Index("orders_by_vin", "vin"),
    Index("orders_by_meter", "meter"),
    Index("orders_by_signer", "first_signer"),
)
"""What the control records that hold an order say, to search by: vehicle, meter (device number in
hex) and K where the order brought them. time: by the seal's clock."""

parameter_groups: Final = Table(
    "parameter_groups",
    metadata,
    Column("seal", _NUMBERED, ForeignKey("seals.id"), primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    _evidence(),
)
"""Groups that were shown beside an evidence which signs them."""

verdicts: Final = Table(
    "verdicts",
    metadata,
    Column("id", _NUMBERED, primary_key=True, autoincrement=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    _seal(),
    _evidence(),
    Column("judged", BigInteger, nullable=False),
    Column("basis", BigInteger, nullable=False),
    Column("trust", BigInteger, nullable=False),
    Column("policy", Text, nullable=False),
    Column("conclusion", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("state", Integer, nullable=False),
    Column("evidence_time", BigInteger, nullable=False),
    Column("plate", Text),
    Column("meter", Text),
    Column("valid_until", BigInteger),
    Column("content", LargeBinary, nullable=False),
    Index("verdicts_of_seal", "seal", "id"),
)
"""Every judgement of a seal's whole history. id, leaf_hash: its leaf in the tree. basis: the last
evidence that the ledger held then. content: the verdict as a bundle carries it (SPEC.md B-4).
trust: the row of trust_bundles. plate, meter, valid_until: as sealed then, for lists."""

acknowledgements: Final = Table(
    "acknowledgements",
    metadata,
    Column("id", _NUMBERED, primary_key=True),
    _seal(),
    _evidence(),
    Column("sequence", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("submitter", Text, nullable=False),
    Index("acknowledgements_of_seal", "seal", "id"),
)
"""Journals that the ledger said it holds, so that they may be pruned (SPEC.md O-32)."""

tree_nodes: Final = Table(
    "tree_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The roots of the complete subtrees of every fourth level (`merkle.KEPT_LEVELS`)."""

tree_heads: Final = Table(
    "tree_heads",
    metadata,
    Column("id", _NUMBERED, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Signed tree heads, as they were given out."""

tokens: Final = Table(
    "tokens",
    metadata,
    Column("id", _NUMBERED, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    UniqueConstraint("digest", name="tokens_digest"),
)
"""Tokens of the service's callers: the SHA-256 of each, never the token itself."""

token_withdrawals: Final = Table(
    "token_withdrawals",
    metadata,
    Column("token", _NUMBERED, ForeignKey("tokens.id"), primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
)
"""Tokens that ended before they expired, and when."""

nonces: Final = Table(
    "nonces",
    metadata,
    Column("nonce", LargeBinary, primary_key=True),
    Column("token", _NUMBERED, ForeignKey("tokens.id"), nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("nonces_by_end", "expires"),
)
"""Nonces that the service gave out, to whom and when. They prove nothing, so they alone may be
deleted: when they have expired."""

nonce_answers: Final = Table(
    "nonce_answers",
    metadata,
    Column("nonce", LargeBinary, primary_key=True),
    Column("token", _NUMBERED, ForeignKey("tokens.id"), nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("evidence", LargeBinary, nullable=False),
    Column("time", BigInteger, nullable=False),
)
"""The one evidence, by its digest, that answered a nonce; who had asked for it, and when."""
