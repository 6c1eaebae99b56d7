"""Nothing that was written is changed or deleted: the database itself refuses it."""

from __future__ import annotations

from alembic import op

from sealkit.station.storage.migrations.guards import guard, is_sqlite

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Each table with its keys: what names a row, and so may not be taken by another.
_TABLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "ledger": (("id",),),
    "trust_bundles": (("id",),),
    "revocations": (("id",),),
    "seals": (("id",), ("maker", "serial")),
    "credentials": (("digest",),),
    "evidence": (("id",), ("digest",)),
    "control_records": (("seal", "sequence", "digest"),),
    "journal_records": (("seal", "sequence", "digest"),),
    "orders": (("seal", "sequence", "digest"),),
    "parameter_groups": (("seal", "digest"),),
    "verdicts": (("id",),),
    "acknowledgements": (("id",),),
    "leaves": (("id",),),
    "tree_nodes": (("level", "place"),),
    "tree_heads": (("id",),),
}


def upgrade() -> None:
    """Makes the triggers."""
    if not is_sqlite():
        op.execute(
            "CREATE FUNCTION sealkit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$"
        )
    for table, keys in _TABLES.items():
        guard(table, *keys)
