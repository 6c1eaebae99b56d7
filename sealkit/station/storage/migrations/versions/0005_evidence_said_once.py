"""What an evidence says stands in its bytes alone, not in columns beside them as well."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SAID_TWICE = (
    "state",
    "clock",
    "control_sequence",
    "control_digest",
    "journal_sequence",
    "journal_digest",
)


def upgrade() -> None:
    """Drops the columns."""
    for column in _SAID_TWICE:
        op.drop_column("evidence", column)
