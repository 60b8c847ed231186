"""The register's tables, and the two rules the database itself keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    "draft",
    "request",
    "contact",
    "request_page",
    "audit",
)

# Two promises that no code of ours shall be able to break: when a request arrived and under which number, and what
# its trail says. Each is a trigger that refuses the statement.
_FIXED_ON_SQLITE = """
CREATE TRIGGER request_arrival_is_fixed BEFORE UPDATE OF received_at, number, kind, draft_id ON request
WHEN NEW.received_at IS NOT OLD.received_at OR NEW.number IS NOT OLD.number
    OR NEW.kind IS NOT OLD.kind OR NEW.draft_id IS NOT OLD.draft_id
BEGIN SELECT RAISE(ABORT, 'arrival, number, kind and draft of a request never change'); END
"""
_APPEND_ONLY_ON_SQLITE = """
CREATE TRIGGER audit_{event}_is_refused BEFORE {event} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END
"""
_FIXED_ON_POSTGRESQL = """
CREATE FUNCTION refuse_arrival_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'arrival, number, kind and draft of a request never change'; END $$;
CREATE TRIGGER request_arrival_is_fixed BEFORE UPDATE ON request FOR EACH ROW
WHEN ((NEW.received_at, NEW.number, NEW.kind, NEW.draft_id)
    IS DISTINCT FROM (OLD.received_at, OLD.number, OLD.kind, OLD.draft_id))
EXECUTE FUNCTION refuse_arrival_change()
"""
_APPEND_ONLY_ON_POSTGRESQL = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END $$;
CREATE TRIGGER audit_change_is_refused BEFORE UPDATE OR DELETE ON audit FOR EACH ROW
EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_truncate_is_refused BEFORE TRUNCATE ON audit
EXECUTE FUNCTION refuse_audit_change()
"""


def upgrade() -> None:
    _create_draft()
    _create_request()
    _create_contact()
    _create_request_page()
    _create_audit()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FIXED_ON_POSTGRESQL)
        op.execute(_APPEND_ONLY_ON_POSTGRESQL)
    else:
        op.execute(_FIXED_ON_SQLITE)
        for event in ("UPDATE", "DELETE"):
            op.execute(_APPEND_ONLY_ON_SQLITE.format(event=event))


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change")
        op.execute("DROP FUNCTION refuse_arrival_change")


def _create_draft() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=True),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("filed_at IS NULL OR dropped_at IS NULL", name="ck_draft_one_end"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_draft_conversation", "draft", ["conversation_id"])


def _create_request() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('purpose_notice', 'disclosure', 'correction', 'addition', 'deletion', 'use_stop', 'erasure', "
            "'third_party_stop', 'third_party_record', 'complaint', 'inquiry')",
            name="ck_request_kind",
        ),
        sa.CheckConstraint("state IN ('received', 'identity_pending', 'withdrawn')", name="ck_request_state"),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draft_id", "kind", name="uq_request_draft_kind"),
        sa.UniqueConstraint("number", name="uq_request_number"),
    )
    op.create_index("ix_request_conversation", "request", ["conversation_id"])
    op.create_index("ix_request_received", "request", ["controller", "received_at"])


def _create_contact() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_email", sa.LargeBinary(), nullable=False),
        sa.Column("email_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_remarks", sa.LargeBinary(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('self', 'legal_representative', 'appointed_agent')", name="ck_contact_role"),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draft_id", name="uq_contact_draft"),
    )
    op.create_index("ix_contact_email", "contact", ["controller", "email_hash"])


def _create_request_page() -> None:
    op.create_table(
        "request_page",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash", name="uq_request_page_token"),
    )
    op.create_index("ix_request_page_draft", "request_page", ["draft_id"])


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id", "position", name="uq_audit_position"),
    )
