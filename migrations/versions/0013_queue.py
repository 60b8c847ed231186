"""What the queue of requests is sorted and filtered by.

The earlier of a request's two last days is always the one counted from its arrival, so that the time of arrival is the
order of the queue, and no date is stored beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_RUNS = "state NOT IN ('notified', 'closed', 'withdrawn')"
_INDEXES = (
    ("ix_request_state", "request", ["controller", "state", "received_at", "id"], ""),
    ("ix_request_running", "request", ["controller", "received_at", "id"], _RUNS),
    ("ix_request_assignee", "request", ["controller", "assignee", "received_at", "id"], _RUNS),
    (
        "ix_request_unchecked",
        "request",
        ["controller", "entered_at"],
        "entered_by IS NOT NULL AND arrival_checked_by IS NULL",
    ),
    (
        "ix_decision_waiting",
        "decision",
        ["controller", "request_id"],
        "effective_at IS NULL AND rejected_at IS NULL",
    ),
    ("ix_answer_release_waiting", "answer_release", ["controller", "request_id"], "released_at IS NULL"),
    ("ix_alert_standing", "alert", ["controller", "sort", "request_id"], "acknowledged_at IS NULL"),
)


def upgrade() -> None:
    for name, table, columns, condition in _INDEXES:
        where = sa.text(condition) if condition else None
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, *_ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
