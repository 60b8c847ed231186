"""Keys that change: which period keys are to be destroyed, and what a rotation may write to a decision.

What was decided is not rewritten (0006), but its words are sealed anew when keys change. A trigger cannot open them,
so that it cannot prove that they stayed the same. It lets pass what a rotation does, and nothing else: both values are
there, their header changes (nine bytes that name the key, from the first rotation on), and what is behind it is
exactly as long as before, which with AES-GCM is the length of the words.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SAYS = "what was proposed, decided or done is not rewritten"
_FIXED = (
    "NEW.request_id <> OLD.request_id OR NEW.outcome <> OLD.outcome OR NEW.decided_by <> OLD.decided_by "
    "OR NEW.ground IS DISTINCT FROM OLD.ground "
    "OR {words} "
    "OR (OLD.effective_at IS NOT NULL AND (NEW.effective_at IS DISTINCT FROM OLD.effective_at "
    "OR NEW.approved_by IS DISTINCT FROM OLD.approved_by)) "
    "OR (OLD.rejected_at IS NOT NULL AND NEW.rejected_at IS DISTINCT FROM OLD.rejected_at) "
    "OR (OLD.executed_at IS NOT NULL AND NEW.executed_at IS DISTINCT FROM OLD.executed_at)"
)
_WORDS = ("sealed_explanation", "sealed_detail")
_IS_OTHER = "NEW.{0} IS DISTINCT FROM OLD.{0}"
_IS_RESEALED = (
    "COALESCE(LENGTH(NEW.{0}) - LENGTH(OLD.{0}), -1) IN (0, 9) AND SUBSTR(NEW.{0}, 1, 9) <> SUBSTR(OLD.{0}, 1, 9)"
)
_IS_REWRITTEN = f"({_IS_OTHER} AND NOT ({_IS_RESEALED}))"


def upgrade() -> None:
    op.create_table(
        "retired_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("header", sa.String(length=18), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_retired_key_header", "retired_key", ["header"])
    _fix_decision(_IS_REWRITTEN)


def downgrade() -> None:
    _fix_decision(_IS_OTHER)
    op.drop_table("retired_key")


def _fix_decision(condition: str) -> None:
    # A trigger and its function keep their names, so that what comes later finds them.
    when = _FIXED.format(words=" OR ".join(condition.format(column) for column in _WORDS))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_decision_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {when} THEN RAISE EXCEPTION '{_SAYS}'; END IF; RETURN NEW; END $$"
        )
    else:
        when = when.replace("IS DISTINCT FROM", "IS NOT")
        op.execute("DROP TRIGGER decision_is_fixed")
        op.execute(
            f"CREATE TRIGGER decision_is_fixed BEFORE UPDATE ON decision WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
        )
