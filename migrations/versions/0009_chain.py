"""The trail of every request as a chain of hashes, with a head apart from it; the console's trail is closed, too.

What stands in the trail already gets the hashes that it would have got, so that the chain begins with the first event.
That says nothing about changes before this migration: it only makes later ones show.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BATCH = 5000
_FIRST_HASH = "0" * 64

_AUDIT = sa.table(
    "audit",
    sa.column("id", sa.String),
    sa.column("controller", sa.String),
    sa.column("request_id", sa.String),
    sa.column("position", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("actor", sa.String),
    sa.column("action", sa.String),
    sa.column("fields", sa.JSON),
    sa.column("prev_hash", sa.String),
    sa.column("hash", sa.String),
)
_HEAD = sa.table(
    "audit_head",
    sa.column("request_id", sa.String),
    sa.column("controller", sa.String),
    sa.column("position", sa.Integer),
    sa.column("hash", sa.String),
)

_INDEXES = (
    ("ix_audit_at", "audit", ["controller", "at"]),
    ("ix_audit_actor", "audit", ["controller", "actor", "at"]),
    ("ix_audit_action", "audit", ["controller", "action", "at", "actor"]),
    ("ix_staff_event_actor", "staff_event", ["controller", "actor", "at"]),
    ("ix_staff_event_action", "staff_event", ["controller", "action", "at", "actor"]),
    ("ix_staff_event_sort", "staff_event", ["controller", "sort", "at"]),
    ("ix_staff_event_object", "staff_event", ["controller", "object_id", "at"]),
    ("ix_audit_check_at", "audit_check", ["controller", "begun_at"]),
)

_SAYS = "the audit trail is only added to"
_HEAD_SAYS = "the head of a trail only goes forward"
# A test goes after a day, and its trail with it; nobody can turn a real request into a test (0004).
_IS_REAL = "NOT EXISTS (SELECT 1 FROM request WHERE request.id = OLD.request_id AND request.is_test)"
_STAYS = "NEW.position <> OLD.position + 1 OR NEW.{key} <> OLD.{key} OR NEW.controller <> OLD.controller"


def _sqlite_trigger(name: str, event: str, table: str, says: str, when: str = "") -> str:
    condition = f"WHEN {when} " if when else ""
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition}BEGIN SELECT RAISE(ABORT, '{says}'); END"


# As 0002 and 0006 made them: rebuilding the table on SQLite drops them.
_AUDIT_ON_SQLITE = (
    _sqlite_trigger("audit_UPDATE_is_refused", "UPDATE", "audit", _SAYS),
    _sqlite_trigger("audit_DELETE_is_refused", "DELETE", "audit", _SAYS, _IS_REAL),
)
_NEW_ON_SQLITE = (
    _sqlite_trigger("audit_head_goes_forward", "UPDATE", "audit_head", _HEAD_SAYS, _STAYS.format(key="request_id")),
    _sqlite_trigger("audit_head_stays", "DELETE", "audit_head", _HEAD_SAYS, _IS_REAL),
    _sqlite_trigger("staff_event_update_is_refused", "UPDATE", "staff_event", _SAYS),
    _sqlite_trigger("staff_event_delete_is_refused", "DELETE", "staff_event", _SAYS),
    _sqlite_trigger(
        "staff_trail_head_goes_forward", "UPDATE", "staff_trail_head", _HEAD_SAYS, _STAYS.format(key="controller")
    ),
    _sqlite_trigger("staff_trail_head_stays", "DELETE", "staff_trail_head", _HEAD_SAYS),
)
_SQLITE_NAMES = (
    "staff_event_update_is_refused",
    "staff_event_delete_is_refused",
    "staff_trail_head_goes_forward",
    "staff_trail_head_stays",
)

_NEW_ON_POSTGRESQL = (
    (
        "CREATE FUNCTION refuse_head_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{_HEAD_SAYS}'; END $$"
    ),
    (
        "CREATE FUNCTION refuse_head_removal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT ({_IS_REAL}) THEN RETURN OLD; END IF; RAISE EXCEPTION '{_HEAD_SAYS}'; END $$"
    ),
    (
        "CREATE FUNCTION refuse_staff_event_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{_SAYS}'; END $$"
    ),
    (
        "CREATE TRIGGER audit_head_goes_forward BEFORE UPDATE ON audit_head FOR EACH ROW "
        f"WHEN ({_STAYS.format(key='request_id')}) EXECUTE FUNCTION refuse_head_change()"
    ),
    ("CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION refuse_head_removal()"),
    "CREATE TRIGGER audit_head_is_not_emptied BEFORE TRUNCATE ON audit_head EXECUTE FUNCTION refuse_head_change()",
    (
        "CREATE TRIGGER staff_event_change_is_refused BEFORE UPDATE OR DELETE ON staff_event FOR EACH ROW "
        "EXECUTE FUNCTION refuse_staff_event_change()"
    ),
    (
        "CREATE TRIGGER staff_event_truncate_is_refused BEFORE TRUNCATE ON staff_event "
        "EXECUTE FUNCTION refuse_staff_event_change()"
    ),
    (
        "CREATE TRIGGER staff_trail_head_goes_forward BEFORE UPDATE ON staff_trail_head FOR EACH ROW "
        f"WHEN ({_STAYS.format(key='controller')}) EXECUTE FUNCTION refuse_head_change()"
    ),
    (
        "CREATE TRIGGER staff_trail_head_stays BEFORE DELETE OR TRUNCATE ON staff_trail_head "
        "EXECUTE FUNCTION refuse_head_change()"
    ),
)
_FUNCTIONS = ("refuse_head_change", "refuse_head_removal", "refuse_staff_event_change")


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _create_tables()
    with op.batch_alter_table("audit") as audit:
        audit.add_column(sa.Column("prev_hash", sa.String(length=64), nullable=True))
        audit.add_column(sa.Column("hash", sa.String(length=64), nullable=True))
    _let_the_trail_change(is_sqlite=is_sqlite)
    _chain_what_is_there()
    with op.batch_alter_table("audit") as audit:
        audit.alter_column("prev_hash", existing_type=sa.String(length=64), nullable=False)
        audit.alter_column("hash", existing_type=sa.String(length=64), nullable=False)
    if not is_sqlite:
        op.execute("ALTER TABLE audit ENABLE TRIGGER audit_change_is_refused")
    for statement in (*_AUDIT_ON_SQLITE, *_NEW_ON_SQLITE) if is_sqlite else _NEW_ON_POSTGRESQL:
        op.execute(statement)
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_table("audit_check")
    op.drop_table("audit_head")
    _open_the_consoles_trail(is_sqlite=is_sqlite)
    with op.batch_alter_table("audit", recreate="always" if is_sqlite else "auto") as audit:
        audit.drop_column("hash")
        audit.drop_column("prev_hash")
    if is_sqlite:
        for statement in _AUDIT_ON_SQLITE:
            op.execute(statement)


def _create_tables() -> None:
    op.create_table(
        "audit_head",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"]),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_table(
        "audit_check",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("broken", sa.Integer(), nullable=False),
        sa.Column("first_broken", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _let_the_trail_change(*, is_sqlite: bool) -> None:
    if is_sqlite:
        op.execute("DROP TRIGGER audit_UPDATE_is_refused")
    else:
        op.execute("ALTER TABLE audit DISABLE TRIGGER audit_change_is_refused")


def _open_the_consoles_trail(*, is_sqlite: bool) -> None:
    if is_sqlite:
        for name in _SQLITE_NAMES:
            op.execute(f"DROP TRIGGER {name}")
        return
    for table in ("staff_event", "staff_trail_head"):
        for name in ("change_is_refused", "truncate_is_refused", "goes_forward", "stays"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")
    for name in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")


def _chain_what_is_there() -> None:
    connection = op.get_bind()
    request_id, prev_hash = "", _FIRST_HASH
    for rows in _batches(connection):
        hashes, heads = [], {}
        for row in rows:
            prev_hash = prev_hash if row.request_id == request_id else _FIRST_HASH
            event_hash = _hash_of(row, prev_hash)
            hashes.append({"event_id": row.id, "before": prev_hash, "own": event_hash})
            request_id, prev_hash = row.request_id, event_hash
            heads[request_id] = {"controller": row.controller, "position": row.position, "hash": event_hash}
        connection.execute(
            sa.update(_AUDIT)
            .where(_AUDIT.c.id == sa.bindparam("event_id"))
            .values(prev_hash=sa.bindparam("before"), hash=sa.bindparam("own")),
            hashes,
        )
        # A trail that two batches share got a head by the first, which is not its end.
        connection.execute(sa.delete(_HEAD).where(_HEAD.c.request_id == rows[0].request_id))
        connection.execute(sa.insert(_HEAD), [{"request_id": key, **head} for key, head in heads.items()])


def _batches(connection: sa.Connection) -> Iterator[list[Any]]:
    place: tuple[str, int] = ("", 0)
    while True:
        rows = list(
            connection.execute(
                sa.select(_AUDIT)
                .where(sa.tuple_(_AUDIT.c.request_id, _AUDIT.c.position) > sa.tuple_(*place))
                .order_by(_AUDIT.c.request_id, _AUDIT.c.position)
                .limit(_BATCH)
            )
        )
        if not rows:
            return
        yield rows
        place = (rows[-1].request_id, rows[-1].position)


def _hash_of(row: Any, prev_hash: str) -> str:  # noqa: ANN401 - a row of a table that only this migration describes
    said = [
        row.id,
        row.controller,
        row.request_id,
        row.position,
        _spelled(row.at),
        row.actor,
        row.action,
        row.fields,
        prev_hash,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _spelled(moment: datetime) -> str:
    known = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return known.isoformat(timespec="microseconds")
