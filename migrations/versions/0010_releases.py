"""What staff publish: candidates and releases.

A release never changes and the history is only added to: triggers refuse every other statement.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_FIXED = ("policy_release", "policy_release_event")

_ON_SQLITE = """
CREATE TRIGGER {table}_{event}_is_refused BEFORE {event} ON {table}
BEGIN SELECT RAISE(ABORT, 'what was published, and its history, never change'); END
"""
_FUNCTION_ON_POSTGRESQL = """
CREATE FUNCTION refuse_release_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what was published, and its history, never change'; END $$
"""
_ON_POSTGRESQL = """
CREATE TRIGGER {table}_change_is_refused BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW
EXECUTE FUNCTION refuse_release_change();
CREATE TRIGGER {table}_truncate_is_refused BEFORE TRUNCATE ON {table}
EXECUTE FUNCTION refuse_release_change()
"""


def upgrade() -> None:
    _create_release()
    _create_candidate()
    _create_pointer()
    _create_event()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION_ON_POSTGRESQL)
        for table in _FIXED:
            op.execute(_ON_POSTGRESQL.format(table=table))
    else:
        for table in _FIXED:
            for event in ("UPDATE", "DELETE"):
                op.execute(_ON_SQLITE.format(table=table, event=event))


def downgrade() -> None:
    for table in ("policy_release_event", "policy_release_pointer", "policy_candidate", "policy_release"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_release_change")


def _create_release() -> None:
    op.create_table(
        "policy_release",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("policy", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("packed_files", sa.LargeBinary(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.Column("override_reason", sa.String(length=400), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("controller", "policy", "number", name="uq_policy_release_number"),
    )


def _create_candidate() -> None:
    op.create_table(
        "policy_candidate",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("policy", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("packed_files", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("controller", "policy", name="uq_policy_candidate_policy"),
    )


def _create_pointer() -> None:
    op.create_table(
        "policy_release_pointer",
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("policy", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("controller", "policy"),
    )


def _create_event() -> None:
    op.create_table(
        "policy_release_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("policy", sa.String(length=128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("controller", "policy", "position", name="uq_policy_release_event_position"),
    )
    op.create_index("ix_policy_release_event_candidate", "policy_release_event", ["candidate_id", "position"])
