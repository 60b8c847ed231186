"""What passes between members and staff: proofs of who asks, one-time codes, visits, messages and files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = ("proof", "code", "code_day", "visit", "thread_message", "stored_file")


def upgrade() -> None:
    _create_proof()
    _create_code()
    _create_code_day()
    _create_visit()
    _create_thread_message()
    _create_stored_file()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_proof() -> None:
    op.create_table(
        "proof",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("sort", sa.String(length=32), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("suffices", sa.Boolean(), nullable=False),
        sa.Column("binds_address", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sort <> 'mailbox_code' OR NOT binds_address", name="ck_proof_mailbox_is_no_person"),
        sa.CheckConstraint("sort IN ('mailbox_code', 'collation', 'document', 'member_token')", name="ck_proof_sort"),
        sa.CheckConstraint("agrees OR NOT (suffices OR binds_address)", name="ck_proof_only_agreement_proves"),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_proof_request", "proof", ["request_id"])


def _create_code() -> None:
    op.create_table(
        "code",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("handle_hash", sa.String(length=64), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=True),
        sa.Column("sealed_number", sa.LargeBinary(), nullable=True),
        sa.Column("draft_id", sa.String(length=32), nullable=True),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("identity_hash", sa.String(length=64), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('prove', 'open', 'download')", name="ck_code_purpose"),
        sa.CheckConstraint("tries BETWEEN 0 AND 3", name="ck_code_tries"),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["draft.id"],
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("handle_hash", name="uq_code_handle"),
    )
    op.create_index("ix_code_draft", "code", ["draft_id"])
    op.create_index("ix_code_unmade", "code", ["made_at", "asked_at"])


def _create_code_day() -> None:
    op.create_table(
        "code_day",
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("identity_hash", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint("sends BETWEEN 0 AND 5", name="ck_code_day_sends"),
        sa.CheckConstraint("tries BETWEEN 0 AND 10", name="ck_code_day_tries"),
        sa.PrimaryKeyConstraint("controller", "identity_hash", "day"),
    )


def _create_visit() -> None:
    op.create_table(
        "visit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("opened_by", sa.String(length=32), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["draft.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash", name="uq_visit_token"),
    )
    op.create_index("ix_visit_draft", "visit", ["draft_id"])


def _create_thread_message() -> None:
    op.create_table(
        "thread_message",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("direction", sa.String(length=32), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("NOT asks OR direction = 'to_member'", name="ck_thread_message_only_staff_ask"),
        sa.CheckConstraint("direction IN ('from_member', 'to_member', 'note')", name="ck_thread_message_direction"),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_thread_message_request", "thread_message", ["request_id", "at"])


def _create_stored_file() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('identity', 'evidence', 'answer', 'original')", name="ck_stored_file_purpose"),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (sealed_content IS NOT NULL)", name="ck_stored_file_is_there_or_removed"
        ),
        sa.CheckConstraint("size BETWEEN 1 AND 10485760", name="ck_stored_file_size"),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["draft.id"],
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_stored_file_draft", "stored_file", ["draft_id"])
