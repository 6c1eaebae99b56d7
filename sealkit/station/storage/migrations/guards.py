"""The triggers by which the database itself refuses to change or delete what was written.

For the steps; PostgreSQL's function `sealkit_append_only` is made by step 0002.
"""

from __future__ import annotations

from alembic import op

_CHANGES = ("UPDATE", "DELETE")


def is_sqlite() -> bool:
    """Whether the step runs on SQLite; else on PostgreSQL."""
    return op.get_bind().dialect.name == "sqlite"


def guard(table: str, *keys: tuple[str, ...]) -> None:
    """Makes a table append-only. keys: the columns that name a row, and so may not be taken by
    another; each set of them."""
    if not is_sqlite():
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION sealkit_append_only()"
        )
        return
    for change in _CHANGES:
        _refuse(f"{table}_no_{change.lower()}", change, table)
    # INSERT OR REPLACE deletes without asking the triggers of DELETE.
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE "
        + " AND ".join(f"{column} = NEW.{column}" for column in key)
        + ")"
        for key in keys
    )
    _refuse(f"{table}_no_replace", "INSERT", table, f"WHEN {taken} ")


def unguard(table: str) -> None:
    """Lets a table be changed again, until it is guarded anew."""
    if not is_sqlite():
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        return
    for change in ("update", "delete", "replace"):
        # Somebody may have dropped it by force.
        op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{change}")


def _refuse(name: str, change: str, table: str, when: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {change} ON {table} {when}"
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    )
