"""What staff decide: decisions, releases, links and alerts; and the rules of a request's whole life.

The rules that no code of ours shall be able to break are triggers, one a rule: a state follows another only where the
table of `bot.register.life` says so (a test compares the two); nobody is verified without a proof that suffices;
nothing is decided without a decision in effect; what only a verified person may be told needs one; what was decided
is not rewritten; data leave only when that was decided, only as the second person saw them, and only for an address
that a proof ties to the person.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = (
    "decision",
    "answer_release",
    "request_link",
    "alert",
)

_WAYS = {
    "received": ("identity_pending", "in_review", "withdrawn"),
    "identity_pending": ("identity_expired", "verified", "in_review", "withdrawn"),
    "identity_expired": ("identity_pending", "verified", "in_review", "withdrawn"),
    "verified": ("in_review", "scope_pending", "withdrawn"),
    "scope_pending": ("in_review", "withdrawn"),
    "in_review": ("scope_pending", "decided", "withdrawn"),
    "decided": ("notified",),
    "notified": ("decided", "closed"),
}
_PAIRS = ", ".join(f"'{source}>{target}'" for source, targets in _WAYS.items() for target in targets)

# A test goes after a day, and its trail with it; nobody can turn a real request into a test (0004).
_IS_REAL = "NOT EXISTS (SELECT 1 FROM request WHERE request.id = OLD.request_id AND request.is_test)"
_TRAIL_STAYS = {
    "sqlite": (
        "DROP TRIGGER audit_DELETE_is_refused",
        (
            f"CREATE TRIGGER audit_DELETE_is_refused BEFORE DELETE ON audit WHEN {_IS_REAL} "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' THEN IF NOT ({_IS_REAL}) THEN RETURN OLD; END IF; END IF; "
            "RAISE EXCEPTION 'the audit trail is only added to'; END $$"
        ),
    ),
}
_TRAIL_STAYED_BEFORE = {
    "sqlite": (
        "DROP TRIGGER audit_DELETE_is_refused",
        (
            "CREATE TRIGGER audit_DELETE_is_refused BEFORE DELETE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END $$"
        ),
    ),
}


class _Rule(NamedTuple):
    """A trigger: a statement `on` the table is refused `when` the condition holds."""

    name: str
    event: str
    table: str
    when: str
    says: str


_RULES = (
    _Rule(
        "request_begins_as_received",
        "INSERT",
        "request",
        "NEW.state <> 'received'",
        "a request begins as received",
    ),
    _Rule(
        "request_state_follows_its_life",
        "UPDATE",
        "request",
        f"NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN ({_PAIRS})",
        "this state does not follow that one",
    ),
    _Rule(
        "request_verified_needs_proof",
        "UPDATE",
        "request",
        "NEW.state <> OLD.state AND NEW.state = 'verified' AND (NEW.verified_at IS NULL OR NOT EXISTS "
        "(SELECT 1 FROM proof WHERE proof.request_id = NEW.id AND proof.suffices))",
        "nobody is verified without a proof that suffices",
    ),
    _Rule(
        "request_decided_needs_decision",
        "UPDATE",
        "request",
        "NEW.state <> OLD.state AND NEW.state = 'decided' AND NOT EXISTS "
        "(SELECT 1 FROM decision WHERE decision.request_id = NEW.id AND decision.effective_at IS NOT NULL)",
        "nothing is decided without a decision in effect",
    ),
    *(
        _Rule(
            f"decision_{event.lower()}_needs_verified_person",
            event,
            "decision",
            "NEW.effective_at IS NOT NULL "
            "AND NEW.outcome NOT IN ('routed', 'unidentified', 'already_published', 'answered') "
            "AND NEW.kind NOT IN ('complaint', 'inquiry') AND NOT EXISTS "
            "(SELECT 1 FROM request WHERE request.id = NEW.request_id AND request.verified_at IS NOT NULL)",
            "only a verified person may be told this",
        )
        for event in ("INSERT", "UPDATE")
    ),
    _Rule(
        "decision_is_fixed",
        "UPDATE",
        "decision",
        "NEW.request_id <> OLD.request_id OR NEW.outcome <> OLD.outcome OR NEW.decided_by <> OLD.decided_by "
        "OR NEW.ground IS DISTINCT FROM OLD.ground "
        "OR NEW.sealed_explanation IS DISTINCT FROM OLD.sealed_explanation "
        "OR NEW.sealed_detail IS DISTINCT FROM OLD.sealed_detail "
        "OR (OLD.effective_at IS NOT NULL AND (NEW.effective_at IS DISTINCT FROM OLD.effective_at "
        "OR NEW.approved_by IS DISTINCT FROM OLD.approved_by)) "
        "OR (OLD.rejected_at IS NOT NULL AND NEW.rejected_at IS DISTINCT FROM OLD.rejected_at) "
        "OR (OLD.executed_at IS NOT NULL AND NEW.executed_at IS DISTINCT FROM OLD.executed_at)",
        "what was proposed, decided or done is not rewritten",
    ),
    *(
        _Rule(
            f"answer_release_{event.lower()}_needs_bound_address",
            event,
            "answer_release",
            "NEW.released_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM proof "
            "WHERE proof.request_id = NEW.request_id AND proof.agrees AND proof.binds_address)",
            "data leave only for an address that a proof ties to the person",
        )
        for event in ("INSERT", "UPDATE")
    ),
    *(
        _Rule(
            f"answer_release_{event.lower()}_needs_grant",
            event,
            "answer_release",
            "NEW.released_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM decision "
            "WHERE decision.request_id = NEW.request_id AND decision.effective_at IS NOT NULL "
            "AND decision.outcome IN ('granted', 'partial', 'alternative_measure'))",
            "data leave only when that was decided",
        )
        for event in ("INSERT", "UPDATE")
    ),
    _Rule(
        "answer_release_has_file_of_its_own",
        "INSERT",
        "answer_release",
        "NEW.file_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stored_file WHERE stored_file.id = NEW.file_id "
        "AND stored_file.request_id = NEW.request_id AND stored_file.purpose = 'answer')",
        "only an answer to this very request is handed over",
    ),
    _Rule(
        "answer_release_is_fixed",
        "UPDATE",
        "answer_release",
        "NEW.request_id <> OLD.request_id OR NEW.delivery <> OLD.delivery "
        "OR NEW.file_id IS DISTINCT FROM OLD.file_id OR NEW.prepared_by <> OLD.prepared_by "
        "OR (OLD.released_at IS NOT NULL AND (NEW.released_at IS DISTINCT FROM OLD.released_at "
        "OR NEW.released_by IS DISTINCT FROM OLD.released_by))",
        "what a second person looks at is what is handed over",
    ),
)


def upgrade() -> None:
    for create in (
        _create_decision,
        _create_answer_release,
        _create_request_link,
        _create_alert,
    ):
        create()
    for rule in _RULES:
        _refuse(rule)
    for statement in _TRAIL_STAYS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _TRAIL_STAYED_BEFORE[op.get_bind().dialect.name]:
        op.execute(statement)
    for rule in _RULES:
        op.execute(f"DROP TRIGGER {rule.name}{f' ON {rule.table}' if on_postgresql else ''}")
        if on_postgresql:
            op.execute(f"DROP FUNCTION refuse_{rule.name}")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _refuse(rule: _Rule) -> None:
    # A subquery may not stand in the WHEN of a trigger on PostgreSQL, so that there the function looks.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION refuse_{rule.name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {rule.when} THEN RAISE EXCEPTION '{rule.says}'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} FOR EACH ROW "
            f"EXECUTE FUNCTION refuse_{rule.name}()"
        )
    else:
        when = rule.when.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{rule.says}'); END"
        )


def _create_decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=True),
        sa.Column("sealed_explanation", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_detail", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_by", sa.String(length=64), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("executed_by", sa.String(length=64), nullable=True),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "effective_at IS NULL OR approved_by IS NOT NULL OR outcome IN ('routed', 'answered')",
            name="ck_decision_needs_approval",
        ),
        sa.CheckConstraint(
            "ground IS NOT NULL OR outcome IN ('granted', 'answered', 'routed')", name="ck_decision_refusal_has_ground"
        ),
        sa.CheckConstraint(
            "outcome NOT IN ('granted', 'partial') OR kind NOT IN ('correction', 'addition', 'deletion') "
            "OR sealed_detail IS NOT NULL",
            name="ck_decision_correction_is_told",
        ),
        sa.CheckConstraint(
            "outcome = 'routed' OR (outcome = 'answered') = (kind IN ('complaint', 'inquiry'))",
            name="ck_decision_only_the_desk_answers",
        ),
        sa.CheckConstraint(
            "substr(decided_by, 1, 6) = 'staff:' AND (approved_by IS NULL OR substr(approved_by, 1, 6) = 'staff:')",
            name="ck_decision_by_staff",
        ),
        sa.CheckConstraint(
            "outcome IN ('granted', 'partial', 'denied', 'no_data', 'not_held_by_us', 'already_published', "
            "'alternative_measure', 'routed', 'unidentified', 'answered')",
            name="ck_decision_outcome",
        ),
        sa.CheckConstraint("sealed_explanation IS NOT NULL OR outcome IN ('granted')", name="ck_decision_is_explained"),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> decided_by", name="ck_decision_two_people"),
        sa.CheckConstraint(
            "executed_at IS NULL OR effective_at IS NOT NULL", name="ck_decision_executed_when_effective"
        ),
        sa.CheckConstraint("rejected_at IS NULL OR effective_at IS NULL", name="ck_decision_one_end"),
        sa.ForeignKeyConstraint(
            ["request_id", "kind"], ["request.id", "request.kind"], name="fk_decision_request_kind"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decision_request", "decision", ["request_id"])
    op.create_index(
        "uq_decision_open",
        "decision",
        ["request_id"],
        unique=True,
        sqlite_where=sa.text("rejected_at IS NULL"),
        postgresql_where=sa.text("rejected_at IS NULL"),
    )


def _create_answer_release() -> None:
    op.create_table(
        "answer_release",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("delivery", sa.String(length=32), nullable=False),
        sa.Column("file_id", sa.String(length=32), nullable=True),
        sa.Column("prepared_by", sa.String(length=64), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("available_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_tracking", sa.LargeBinary(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "substr(prepared_by, 1, 6) = 'staff:' AND (released_by IS NULL OR substr(released_by, 1, 6) = 'staff:')",
            name="ck_answer_release_by_staff",
        ),
        sa.CheckConstraint("delivery <> 'page' OR file_id IS NOT NULL", name="ck_answer_release_page_has_file"),
        sa.CheckConstraint("delivery IN ('page', 'post')", name="ck_answer_release_delivery"),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_by IS NULL)", name="ck_answer_release_released_by_somebody"
        ),
        sa.CheckConstraint(
            "posted_at IS NULL OR released_at IS NOT NULL", name="ck_answer_release_posted_when_released"
        ),
        sa.CheckConstraint("released_by IS NULL OR released_by <> prepared_by", name="ck_answer_release_two_people"),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_answer_release_request", "answer_release", ["request_id"])


def _create_request_link() -> None:
    op.create_table(
        "request_link",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("other_id", sa.String(length=32), nullable=False),
        sa.Column("sort", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sort IN ('duplicate', 'follows', 'complaint_about')", name="ck_request_link_sort"),
        sa.CheckConstraint("request_id <> other_id", name="ck_request_link_two_requests"),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["request.id"],
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id", "other_id", "sort", name="uq_request_link"),
    )


def _create_alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("sort", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.String(length=100), nullable=False),
        sa.Column("told", sa.String(length=64), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("climbs", sa.Integer(), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "sort IN ('arrival', 'due_soon', 'overdue', 'reply', 'bounce', 'closure', 'no_contact', 'second_person')",
            name="ck_alert_sort",
        ),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="ck_alert_acknowledged_by_somebody"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id", "sort", "occasion", name="uq_alert_occasion"),
    )
    op.create_index("ix_alert_open", "alert", ["controller", "acknowledged_at"])
