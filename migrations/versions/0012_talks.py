"""What lists of conversations are sorted by and narrowed to, the figures of each day, and questions nothing answers.

Whatever was said before is sealed, and a migration has no key: of earlier conversations it fills in what stands in
plain columns elsewhere (turns that were given up, verdicts of members, requests). How many answers of which kind there
were stays 0, and the kind of an earlier answer unknown, until retention has taken them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_LISTED = "NOT is_test AND deleted_at IS NULL AND turns > 0"
_BY_LAST = ["controller", "last_at", "id"]
_INDEXES = (
    ("ix_conversation_started", "conversation", ["controller", "started_at"], ""),
    ("ix_conversation_uncounted", "conversation", ["controller", "started_at"], "NOT is_counted"),
    ("ix_conversation_listed", "conversation", _BY_LAST, _LISTED),
    ("ix_conversation_channel", "conversation", ["controller", "channel", "last_at", "id"], _LISTED),
    ("ix_conversation_review", "conversation", ["controller", "review", "last_at", "id"], _LISTED),
    (
        "ix_conversation_missed",
        "conversation",
        _BY_LAST,
        f"{_LISTED} AND not_in_policy + out_of_scope + clarify + errors > 0",
    ),
    ("ix_conversation_low", "conversation", _BY_LAST, f"{_LISTED} AND lowest_stated < 0.5"),
    ("ix_conversation_disliked", "conversation", _BY_LAST, f"{_LISTED} AND unhelpful > 0"),
    ("ix_conversation_receipt", "conversation", _BY_LAST, f"{_LISTED} AND receipts > 0"),
    (
        "ix_transcript_unanswered",
        "transcript",
        ["controller", "at", "id"],
        "kind IN ('not_in_policy', 'out_of_scope', 'clarify')",
    ),
    ("ix_feedback_unhelpful", "feedback", ["controller", "at", "entry_id"], "NOT helpful"),
)
_COUNTS = (
    "answers",
    "not_in_policy",
    "out_of_scope",
    "clarify",
    "handovers",
    "errors",
    "receipts",
    "helpful",
    "unhelpful",
)
_FILLED = {
    "errors": "SELECT count(*) FROM inbox WHERE inbox.conversation_id = conversation.id AND state = 'failed'",
    "helpful": "SELECT count(*) FROM feedback WHERE feedback.conversation_id = conversation.id AND helpful",
    "unhelpful": "SELECT count(*) FROM feedback WHERE feedback.conversation_id = conversation.id AND NOT helpful",
    "receipts": "SELECT count(*) FROM request WHERE request.conversation_id = conversation.id",
}


def upgrade() -> None:
    _upgrade_conversation()
    with op.batch_alter_table("transcript") as transcript:
        transcript.add_column(sa.Column("kind", sa.String(length=16), nullable=True))
    op.execute("UPDATE transcript SET kind = role WHERE role IN ('member', 'notice')")
    _create_talk_day()
    _create_questions()
    for name, table, columns, condition in _INDEXES:
        where = sa.text(condition) if condition else None
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, *_ in reversed(_INDEXES):
        op.drop_index(name, table)
    for table in ("open_question", "question_group", "talk_day"):
        op.drop_table(table)
    with op.batch_alter_table("transcript") as transcript:
        transcript.drop_column("kind")
    with op.batch_alter_table("conversation") as conversation:
        conversation.drop_constraint("ck_conversation_review", type_="check")
        for name in ("sealed_review_note", "reviewed_at", "reviewed_by", "review", "is_counted", "lowest_stated"):
            conversation.drop_column(name)
        for name in reversed(_COUNTS):
            conversation.drop_column(name)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _upgrade_conversation() -> None:
    with op.batch_alter_table("conversation") as conversation:
        for name in _COUNTS:
            conversation.add_column(_count(name))
        conversation.add_column(sa.Column("lowest_stated", sa.Float(), nullable=True))
        conversation.add_column(sa.Column("is_counted", sa.Boolean(), server_default=sa.false(), nullable=False))
        conversation.add_column(sa.Column("review", sa.String(length=16), server_default="open", nullable=False))
        conversation.add_column(sa.Column("reviewed_by", sa.String(length=64), nullable=True))
        conversation.add_column(sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True))
        conversation.add_column(sa.Column("sealed_review_note", sa.LargeBinary(), nullable=True))
        conversation.create_check_constraint("ck_conversation_review", "review IN ('open', 'checked', 'improve')")
    for column, query in _FILLED.items():
        # Of a conversation that was deleted nothing shall tell any more.
        op.execute(f"UPDATE conversation SET {column} = ({query}) WHERE deleted_at IS NULL")  # noqa: S608 - our own


def _create_talk_day() -> None:
    op.create_table(
        "talk_day",
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("of_deleted", sa.Boolean(), nullable=False),
        *map(_count, ("talks", "turns", *_COUNTS)),
        sa.PrimaryKeyConstraint("controller", "day", "channel", "of_deleted"),
    )


def _create_questions() -> None:
    op.create_table(
        "question_group",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nearest", sa.String(length=100), nullable=True),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "open_question",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("inbox_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("sealed_vector", sa.LargeBinary(), nullable=False),
        sa.Column("group_id", sa.String(length=32), nullable=True),
        sa.Column("typicality", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_open_question_group", "open_question", ["group_id"])
    op.create_index("ix_open_question_conversation", "open_question", ["conversation_id"])
    op.create_index("ix_open_question_turn", "open_question", ["inbox_id"])
    op.create_index("ix_open_question_at", "open_question", ["controller", "at"])
