"""One request to several companies: what was filed together, which every company reads that was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_OWN = "current_setting('madoguchi.controller', true)"
_IS_SEEN = f"position(' ' || (SELECT {_OWN}) || ' ' IN companies) > 0 OR (SELECT spans_controllers())"


def upgrade() -> None:
    op.create_table(
        "request_group",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("companies", sa.Text(), nullable=False),
        sa.Column("children", sa.JSON(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draft_id", name="uq_request_group_draft"),
    )
    op.add_column("draft", sa.Column("group_id", sa.String(length=32), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE request_group ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_rows ON request_group USING ({_IS_SEEN}) WITH CHECK ({_IS_SEEN})")


def downgrade() -> None:
    op.drop_column("draft", "group_id")
    op.drop_table("request_group")
