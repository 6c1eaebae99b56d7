"""Nothing that was written is changed or deleted: the database itself refuses it."""

from __future__ import annotations

from alembic import op

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
    if op.get_bind().dialect.name == "sqlite":
        for table, keys in _TABLES.items():
            _guard_sqlite(table, keys)
    else:
        _guard_postgresql()


def _guard_sqlite(table: str, keys: tuple[tuple[str, ...], ...]) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
        )
    # INSERT OR REPLACE deletes without asking the triggers of DELETE.
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE "
        + " AND ".join(f"{column} = NEW.{column}" for column in key)
        + ")"
        for key in keys
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION sealkit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$"
    )
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION sealkit_append_only()"
        )
