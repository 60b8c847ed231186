"""Marks drafts and requests that the law wants answered without delay; what is there already is not marked.

Plain ADD COLUMN: rebuilding the table, as a batch does on SQLite, would lose the triggers that fix a request's arrival.
The default stays in the database, so that code from before this revision can go on writing rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = ("draft", "request")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("without_delay", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_column(table, "without_delay")
