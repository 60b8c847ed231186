"""Incidents: what was noticed when, what may be affected in numbers, what people judged, and when it was reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_RUNS = sa.text("closed_at IS NULL")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        _moment("since"),
        _moment("before"),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        _moment("noticed_at"),
        _moment("opened_at"),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("first_by", sa.Date(), nullable=False),
        sa.Column("final_by", sa.Date(), nullable=False),
        sa.Column("grounds", sa.JSON(), nullable=True),
        sa.Column("judged_by", sa.String(length=64), nullable=True),
        _moment("judged_at", nullable=True),
        _moment("first_reported_at", nullable=True),
        _moment("final_reported_at", nullable=True),
        _moment("closed_at", nullable=True),
        sa.CheckConstraint("before > since", name="ck_incident_time"),
        sa.CheckConstraint("(judged_by IS NULL) = (judged_at IS NULL)", name="ck_incident_judged"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_incident_noticed", "incident", ["controller", "noticed_at"])
    op.create_index(
        "ix_incident_running", "incident", ["controller", "final_by"], sqlite_where=_RUNS, postgresql_where=_RUNS
    )


def downgrade() -> None:
    op.drop_index("ix_incident_running", "incident")
    op.drop_index("ix_incident_noticed", "incident")
    op.drop_table("incident")
