"""The whole life of a request: more states and the ways between them, what staff enter, more ways to be answered.

Three tables are rebuilt on SQLite, which loses their triggers: those of `request` are made anew here. Since a table is
rebuilt by dropping it, the environment switches foreign keys off while it migrates; they are checked afterwards.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATES = (
    "received",
    "identity_pending",
    "identity_expired",
    "verified",
    "scope_pending",
    "in_review",
    "decided",
    "notified",
    "closed",
    "withdrawn",
)
_STATES_BEFORE = ("received", "identity_pending", "withdrawn")

# What an earlier version of the project made; also what a way down goes back to.
_FIXED_BEFORE = {
    "sqlite": """
CREATE TRIGGER request_arrival_is_fixed BEFORE UPDATE OF received_at, number, kind, draft_id ON request
WHEN NEW.received_at IS NOT OLD.received_at OR NEW.number IS NOT OLD.number
    OR NEW.kind IS NOT OLD.kind OR NEW.draft_id IS NOT OLD.draft_id
BEGIN SELECT RAISE(ABORT, 'arrival, number, kind and draft of a request never change'); END
""",
    "postgresql": """
CREATE TRIGGER request_arrival_is_fixed BEFORE UPDATE ON request FOR EACH ROW
WHEN ((NEW.received_at, NEW.number, NEW.kind, NEW.draft_id)
    IS DISTINCT FROM (OLD.received_at, OLD.number, OLD.kind, OLD.draft_id))
EXECUTE FUNCTION refuse_arrival_change()
""",
}

# The arrival of what staff entered may be corrected until a second person has checked it.
_IS_OTHER = "NEW.{0} IS DISTINCT FROM OLD.{0}"
_FIXED_COLUMNS = ("number", "kind", "draft_id", "entered_by", "is_test")
_FIXED_ONCE_SET = ("arrival_checked_by", "verified_at")
_ARRIVAL_MAY_CHANGE = "OLD.entered_by IS NOT NULL AND OLD.arrival_checked_by IS NULL"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.execute(f"DROP TRIGGER request_arrival_is_fixed{' ON request' if dialect == 'postgresql' else ''}")
    with op.batch_alter_table("draft") as draft:
        draft.alter_column("conversation_id", existing_type=sa.String(32), nullable=True)
        draft.add_column(sa.Column("original_hash", sa.String(64), nullable=True))
        draft.add_column(sa.Column("stops_advertising", sa.Boolean(), server_default=sa.false(), nullable=False))
        draft.create_unique_constraint("uq_draft_original", ["controller", "original_hash"])
    _rebuild_request()
    _rebuild_contact()
    with op.batch_alter_table("request_page") as page:
        page.add_column(sa.Column("opens", sa.String(32), server_default="link", nullable=False))
        page.create_check_constraint("ck_request_page_opens", "opens IN ('link', 'resume_code')")
    _fix_arrival(dialect)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.execute(f"DROP TRIGGER request_arrival_is_fixed{' ON request' if dialect == 'postgresql' else ''}")
    with op.batch_alter_table("request_page") as page:
        page.drop_constraint("ck_request_page_opens", type_="check")
        page.drop_column("opens")
    _restore_contact()
    _restore_request()
    op.execute("UPDATE draft SET conversation_id = '' WHERE conversation_id IS NULL")
    with op.batch_alter_table("draft") as draft:
        draft.drop_constraint("uq_draft_original", type_="unique")
        draft.drop_column("stops_advertising")
        draft.drop_column("original_hash")
        draft.alter_column("conversation_id", existing_type=sa.String(32), nullable=False)
    op.execute(_FIXED_BEFORE[dialect])


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(map(repr, values))})"


def _rebuild_request() -> None:
    with op.batch_alter_table("request") as request:
        request.alter_column("conversation_id", existing_type=sa.String(32), nullable=True)
        request.add_column(sa.Column("sealed_particulars", sa.LargeBinary(), nullable=True))
        request.add_column(sa.Column("is_urgent", sa.Boolean(), server_default=sa.false(), nullable=False))
        request.add_column(sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
        request.add_column(sa.Column("assignee", sa.String(64), nullable=True))
        request.add_column(sa.Column("entered_by", sa.String(64), nullable=True))
        request.add_column(sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
        request.add_column(sa.Column("arrival_checked_by", sa.String(64), nullable=True))
        request.add_column(sa.Column("arrival_checked_at", sa.DateTime(timezone=True), nullable=True))
        request.drop_constraint("ck_request_state", type_="check")
        request.create_check_constraint("ck_request_state", _one_of("state", _STATES))
        request.create_check_constraint(
            "ck_request_arrival_two_people",
            "arrival_checked_by IS NULL OR (entered_by IS NOT NULL AND arrival_checked_by <> entered_by)",
        )
        request.create_check_constraint(
            "ck_request_verified_after_arrival", "verified_at IS NULL OR verified_at >= received_at"
        )
        request.create_unique_constraint("uq_request_id_kind", ["id", "kind"])


def _restore_request() -> None:
    # What was further on than an earlier version knows waits there for who asks, and stays in the ledger.
    known = _one_of("state", _STATES_BEFORE)
    op.execute(f"UPDATE request SET state = 'identity_pending' WHERE NOT {known}")  # noqa: S608 - constants of this file
    op.execute("UPDATE request SET conversation_id = '' WHERE conversation_id IS NULL")
    with op.batch_alter_table("request") as request:
        request.drop_constraint("uq_request_id_kind", type_="unique")
        for name in ("ck_request_verified_after_arrival", "ck_request_arrival_two_people", "ck_request_state"):
            request.drop_constraint(name, type_="check")
        request.create_check_constraint("ck_request_state", _one_of("state", _STATES_BEFORE))
        for name in (
            "arrival_checked_at",
            "arrival_checked_by",
            "entered_at",
            "entered_by",
            "assignee",
            "verified_at",
            "is_urgent",
            "sealed_particulars",
        ):
            request.drop_column(name)
        request.alter_column("conversation_id", existing_type=sa.String(32), nullable=False)


def _rebuild_contact() -> None:
    with op.batch_alter_table("contact") as contact:
        contact.add_column(sa.Column("reply_by", sa.String(32), server_default="email", nullable=False))
        contact.add_column(sa.Column("sealed_subject", sa.LargeBinary(), nullable=True))
        contact.add_column(sa.Column("sealed_phone", sa.LargeBinary(), nullable=True))
        contact.add_column(sa.Column("sealed_address", sa.LargeBinary(), nullable=True))
        contact.add_column(sa.Column("consent_version", sa.String(32), nullable=True))
        contact.alter_column("sealed_email", existing_type=sa.LargeBinary(), nullable=True)
        contact.alter_column("email_hash", existing_type=sa.String(64), nullable=True)
        contact.drop_constraint("ck_contact_role", type_="check")
        contact.create_check_constraint(
            "ck_contact_role", "role IN ('self', 'legal_representative', 'appointed_agent', 'bereaved')"
        )
        contact.create_check_constraint("ck_contact_reply_by", "reply_by IN ('email', 'post', 'phone')")
        contact.create_check_constraint(
            "ck_contact_can_be_reached",
            "(reply_by <> 'email' OR sealed_email IS NOT NULL) AND (reply_by <> 'post' OR sealed_address IS NOT NULL)"
            " AND (reply_by <> 'phone' OR sealed_phone IS NOT NULL)",
        )


def _restore_contact() -> None:
    # An earlier version reaches people by mail only, and for themselves or the two kinds of agents only.
    op.execute("DELETE FROM contact WHERE sealed_email IS NULL OR email_hash IS NULL OR role = 'bereaved'")
    with op.batch_alter_table("contact") as contact:
        for name in ("ck_contact_can_be_reached", "ck_contact_reply_by", "ck_contact_role"):
            contact.drop_constraint(name, type_="check")
        contact.create_check_constraint(
            "ck_contact_role", "role IN ('self', 'legal_representative', 'appointed_agent')"
        )
        contact.alter_column("email_hash", existing_type=sa.String(64), nullable=False)
        contact.alter_column("sealed_email", existing_type=sa.LargeBinary(), nullable=False)
        for name in ("consent_version", "sealed_address", "sealed_phone", "sealed_subject", "reply_by"):
            contact.drop_column(name)


def _fix_arrival(dialect: str) -> None:
    changes = [
        *(_IS_OTHER.format(column) for column in _FIXED_COLUMNS),
        *(f"(OLD.{column} IS NOT NULL AND {_IS_OTHER.format(column)})" for column in _FIXED_ONCE_SET),
        f"({_IS_OTHER.format('received_at')} AND NOT ({_ARRIVAL_MAY_CHANGE}))",
    ]
    condition = " OR ".join(changes)
    if dialect == "postgresql":
        op.execute(
            f"CREATE TRIGGER request_arrival_is_fixed BEFORE UPDATE ON request FOR EACH ROW WHEN ({condition}) "
            "EXECUTE FUNCTION refuse_arrival_change()"
        )
    else:
        condition = condition.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"CREATE TRIGGER request_arrival_is_fixed BEFORE UPDATE ON request WHEN {condition} "
            "BEGIN SELECT RAISE(ABORT, 'arrival, number, kind and draft of a request never change'); END"
        )
