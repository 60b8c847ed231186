"""What three doors need: the platforms' own order, events that are no turns, consent, feedback.

An event that asks for no turn (a sticker, an event in a group, a block) is a row too, without conversation, so that it
is known again when it is delivered twice.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _upgrade_inbox()
    with op.batch_alter_table("member") as member:
        member.add_column(sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True))
        member.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("choice") as choice:
        choice.add_column(sa.Column("turn_id", sa.String(length=32), nullable=True))
    _create_feedback()
    _create_rate_count()


def downgrade() -> None:
    op.drop_table("rate_count")
    op.drop_table("feedback")
    with op.batch_alter_table("choice") as choice:
        choice.drop_column("turn_id")
    with op.batch_alter_table("member") as member:
        member.drop_column("left_at")
        member.drop_column("consented_at")
    op.execute("DELETE FROM inbox WHERE conversation_id IS NULL")
    with op.batch_alter_table("inbox") as inbox:
        inbox.drop_index("ix_inbox_message")
        inbox.drop_column("message_id")
        inbox.drop_column("occurred_at")
        inbox.alter_column("conversation_id", existing_type=sa.String(length=32), nullable=False)


def _upgrade_inbox() -> None:
    with op.batch_alter_table("inbox") as inbox:
        inbox.add_column(sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True))
        inbox.add_column(sa.Column("message_id", sa.String(length=100), nullable=True))
        inbox.alter_column("conversation_id", existing_type=sa.String(length=32), nullable=True)
        inbox.create_index("ix_inbox_message", ["channel", "message_id"])
    # Of events that came before, the platform's moment was not kept; they came in the order they were stored.
    op.execute("UPDATE inbox SET occurred_at = received_at")
    with op.batch_alter_table("inbox") as inbox:
        inbox.alter_column("occurred_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("entry_id", name="uq_feedback_entry"),
    )
    op.create_index("ix_feedback_conversation", "feedback", ["conversation_id"])


def _create_rate_count() -> None:
    op.create_table(
        "rate_count",
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("controller", "name", "key", "ends_at", "seconds"),
    )
    op.create_index("ix_rate_count_ends", "rate_count", ["ends_at"])
