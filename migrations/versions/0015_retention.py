"""How long things are kept: since when a request rests, when its content went, whether it is held; and the indexes.

A request that is held is never emptied, what was emptied stays so, and only then may the words of its decision go: all
three are triggers. Of requests that rest already the trail says since when.

Plain ADD COLUMN, since rebuilding a table, as a batch does on SQLite, would lose its triggers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ENDS = {
    "closed": "request:closed",
    "withdrawn": "request:withdrawn",
    "identity_expired": "identity:expired",
}

_INDEXES = (
    ("ix_member_apart", "member", ["controller", "created_at"], "conversation_id IS NULL"),
    ("ix_conversation_kept", "conversation", ["last_at"], "deleted_at IS NULL"),
    ("ix_conversation_kept_test", "conversation", ["last_at"], "is_test AND deleted_at IS NULL"),
    (
        "ix_conversation_unwanted",
        "conversation",
        ["last_at"],
        "deletion_wanted_at IS NOT NULL AND deleted_at IS NULL",
    ),
    ("ix_conversation_gone", "conversation", ["controller", "deleted_at"], "deleted_at IS NOT NULL"),
    ("ix_inbox_emptied", "inbox", ["controller", "done_at"], "state IN ('deleted', 'noted')"),
    ("ix_outbox_over", "outbox", ["controller", "due_at"], "state NOT IN ('waiting', 'kept')"),
    ("ix_draft_unfiled", "draft", ["controller", "created_at"], "filed_at IS NULL"),
    (
        "ix_request_resting",
        "request",
        ["controller", "state", "rests_since", "id"],
        "rests_since IS NOT NULL AND purged_at IS NULL",
    ),
    ("ix_request_held", "request", ["controller", "received_at", "id"], "held_at IS NOT NULL"),
    ("ix_stored_file_there", "stored_file", ["controller", "purpose", "at"], "removed_at IS NULL"),
    ("ix_answer_release_file", "answer_release", ["file_id"], ""),
    ("ix_request_link_other", "request_link", ["other_id"], ""),
)

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
# Sealed anew with another key, as 0014 has it.
_IS_RESEALED = (
    "COALESCE(LENGTH(NEW.{0}) - LENGTH(OLD.{0}), -1) IN (0, 9) AND SUBSTR(NEW.{0}, 1, 9) <> SUBSTR(OLD.{0}, 1, 9)"
)
_IS_OTHER = f"NEW.{{0}} IS DISTINCT FROM OLD.{{0}} AND NOT ({_IS_RESEALED})"
_IS_OTHER = "NEW.{0} IS DISTINCT FROM OLD.{0}"
# As 0014 has it: a rotation passes.
_IS_RESEALED = (
    "COALESCE(LENGTH(NEW.{0}) - LENGTH(OLD.{0}), -1) IN (0, 9) AND SUBSTR(NEW.{0}, 1, 9) <> SUBSTR(OLD.{0}, 1, 9)"
)
_IS_EMPTIED = (
    "COALESCE(LENGTH(NEW.{0}), 1) = 0 AND EXISTS "
    "(SELECT 1 FROM request WHERE request.id = OLD.request_id AND request.purged_at IS NOT NULL)"
)
_IS_REWRITTEN = f"({_IS_OTHER} AND NOT ({_IS_RESEALED}))"
_IS_REWRITTEN_BUT_EMPTIED = f"({_IS_OTHER} AND NOT ({_IS_RESEALED}) AND NOT ({_IS_EMPTIED}))"

_HELD_STAYS = (
    "request_held_is_not_emptied",
    "NEW.purged_at IS NOT NULL AND OLD.purged_at IS NULL AND (OLD.held_at IS NOT NULL OR OLD.rests_since IS NULL)",
    "a request that is held, or not over, keeps its content",
)
_EMPTIED_STAYS = (
    "request_emptied_stays_so",
    "OLD.purged_at IS NOT NULL AND (NEW.purged_at IS DISTINCT FROM OLD.purged_at OR NEW.held_at IS NOT NULL)",
    "what was emptied stays so",
)


def upgrade() -> None:
    for name, kind in (
        ("rests_since", sa.DateTime(timezone=True)),
        ("purged_at", sa.DateTime(timezone=True)),
        ("held_at", sa.DateTime(timezone=True)),
        ("held_by", sa.String(length=64)),
        ("sealed_hold_reason", sa.LargeBinary()),
    ):
        op.add_column("request", sa.Column(name, kind, nullable=True))
    op.add_column("conversation", sa.Column("deletion_wanted_at", sa.DateTime(timezone=True), nullable=True))
    _note_what_rests()
    for name, table, columns, where in _INDEXES:
        condition = sa.text(where) if where else None
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
    for name, when, says in (_HELD_STAYS, _EMPTIED_STAYS):
        _refuse(name, "request", when, says)
    _fix_decision(_IS_REWRITTEN_BUT_EMPTIED)


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    _fix_decision(_IS_REWRITTEN)
    for name, _, _ in (_HELD_STAYS, _EMPTIED_STAYS):
        op.execute(f"DROP TRIGGER {name}{' ON request' if on_postgresql else ''}")
        if on_postgresql:
            op.execute(f"DROP FUNCTION refuse_{name}")
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_column("conversation", "deletion_wanted_at")
    for column in ("sealed_hold_reason", "held_by", "held_at", "purged_at", "rests_since"):
        op.drop_column("request", column)


def _note_what_rests() -> None:
    for state, action in _ENDS.items():
        op.execute(
            "UPDATE request SET rests_since = COALESCE((SELECT MAX(audit.at) FROM audit "  # noqa: S608 - constants
            f"WHERE audit.request_id = request.id AND audit.action = '{action}'), received_at) WHERE state = '{state}'"
        )


def _fix_decision(condition: str) -> None:
    # A subquery may not stand in the WHEN of a trigger on PostgreSQL, so that there the function looks.
    when = _FIXED.format(words=" OR ".join(condition.format(column) for column in _WORDS))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_decision_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {when} THEN RAISE EXCEPTION '{_SAYS}'; END IF; RETURN NEW; END $$"
        )
    else:
        op.execute("DROP TRIGGER decision_is_fixed")
        op.execute(
            f"CREATE TRIGGER decision_is_fixed BEFORE UPDATE ON decision "
            f"WHEN {when.replace('IS DISTINCT FROM', 'IS NOT')} BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
        )


def _refuse(name: str, table: str, when: str, says: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {when} THEN RAISE EXCEPTION '{says}'; END IF; RETURN NEW; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_{name}()")
    else:
        when = when.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )
