"""Rows of several companies in every table that holds any, made from the tables themselves: none is forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    text,
)

import bot.evaluation.runs.models
import bot.incidents.models
import bot.policy.releases.models
import bot.register.tables
import bot.staff.models
import bot.storage.models
import bot.storage.rate_counts
import bot.storage.retiring  # noqa: F401 - all are imported for the tables they hang on Base.metadata
from bot.storage.engine import Base

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)

# What constraints ask for; everything else follows from a column's type.
_GIVEN: Mapping[str, Any] = {
    "request.kind": "disclosure",
    "request.state": "received",
    "request.entered_by": None,
    "request.arrival_checked_by": None,
    "draft.kinds": ["disclosure"],
    "draft.dropped_at": None,
    "draft.filed_at": NOW,
    "contact.role": "self",
    "contact.reply_by": "email",
    "request_page.opens": "link",
    "conversation.review": "open",
    "conversation.deleted_at": None,
    "conversation.deletion_wanted_at": None,
    "inbox.state": "waiting",
    "outbox.state": "waiting",
    "outbox.body": {},
    "staff_account.role": "admin",
    "staff_account.disabled_at": None,
    "incident.since": NOW - timedelta(days=2),
    "incident.judged_by": None,
    "incident.judged_at": None,
    "alert.sort": "arrival",
    "alert.acknowledged_at": None,
    "alert.acknowledged_by": None,
    "code.purpose": "open",
    "code.tries": 0,
    "code_day.sends": 1,
    "code_day.tries": 1,
    "proof.sort": "collation",
    "proof.agrees": True,
    "decision.kind": "disclosure",
    "decision.outcome": "granted",
    "decision.decided_by": "staff:ken",
    "decision.approved_by": None,
    "decision.effective_at": None,
    "decision.executed_at": None,
    "decision.rejected_at": None,
    "answer_release.delivery": "page",
    "answer_release.prepared_by": "staff:ken",
    "answer_release.released_by": None,
    "answer_release.released_at": None,
    "answer_release.posted_at": None,
    "request_link.sort": "follows",
    "thread_message.direction": "to_member",
    "stored_file.purpose": "answer",
    "stored_file.removed_at": None,
}


def owned_tables() -> list[Table]:
    """Every table whose rows belong to companies, parents before children."""
    return [table for table in Base.metadata.sorted_tables if "controller" in table.columns]


def key_of(company: str, table: str, number: int) -> str:
    """The id of a company's row, as other ids look."""
    return hashlib.sha256(f"{company}/{table}/{number}".encode()).hexdigest()[:32]


def row_of(company: str, table: Table, number: int) -> dict[str, Any]:
    """One row, which refers to the rows of the same company and number."""
    return {column.name: _value(company, table, column, number) for column in table.columns}


def group_of(company: str, number: int) -> dict[str, Any]:
    """What a company was asked together with a company that has no other row here."""
    child = {"controller": company, "company": company, "draft_id": key_of(company, "draft", number)}
    return {
        "id": key_of(company, "request_group", number),
        "draft_id": key_of(company, "draft", number),
        "companies": f" {company} sister ",
        "children": [child | {"numbers": [key_of(company, "request.number", number)]}],
        "is_test": False,
        "filed_at": NOW,
    }


def fill(engine: Engine, companies: Mapping[str, int]) -> None:
    """Writes as many rows of each company, an even number, into every table; on PostgreSQL as a superuser."""
    with engine.begin() as connection, _without_triggers(connection):
        for table in owned_tables():
            only_one = [column.name for column in table.primary_key] == ["controller"]
            for company, count in companies.items():
                rows = [row_of(company, table, number) for number in range(1 if only_one else count)]
                connection.execute(insert(table), [_fitting(connection, table, row) for row in rows])
        for company, count in companies.items():
            groups = [group_of(company, number) for number in range(count)]
            connection.execute(insert(Base.metadata.tables["request_group"]), groups)


def _fitting(connection: Connection, table: Table, row: dict[str, Any]) -> dict[str, Any]:
    # SQLite has no arrays; there these columns hold bytes, and nobody writes any.
    arrays = [column.name for column in table.columns if isinstance(column.type, ARRAY)]
    return row if connection.dialect.name == "postgresql" else row | dict.fromkeys(arrays, b"")


@contextmanager
def _without_triggers(connection: Connection) -> Iterator[None]:
    # Triggers tell how rows may come to be; here they are, as they might have been.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        return
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in triggers:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, sql in triggers:
        connection.exec_driver_sql(sql)


def _value(company: str, table: Table, column: Column[Any], number: int) -> Any:  # noqa: ANN401 - whatever the column holds
    place = f"{table.name}.{column.name}"
    if place in _GIVEN:
        return _GIVEN[place]
    if column.name == "controller":
        return company
    if place in _ODD:
        parent, other = _ODD[place]
        return key_of(company, parent, number ^ other)
    for reference in column.foreign_keys:
        return key_of(company, reference.column.table.name, number)[: getattr(column.type, "length", None) or 32]
    linked = _LINKED.get(column.name)
    if linked is not None and column.name in (f"{linked}_id", *_LINKED):
        return key_of(company, linked, number)
    return _plain(company, table.name, column, number)


# A parent that no foreign key names, or another one than the row's own number would give.
_ODD: Mapping[str, tuple[str, int]] = {"draft.group_id": ("request_group", 0), "request_link.other_id": ("request", 1)}

_LINKED: Mapping[str, str] = {
    "conversation_id": "conversation",
    "member_id": "member",
    "turn_id": "inbox",
    "inbox_id": "inbox",
    "entry_id": "transcript",
    "group_id": "question_group",
    "candidate_id": "policy_candidate",
}


def _plain(company: str, table: str, column: Column[Any], number: int) -> Any:  # noqa: ANN401 - as above
    kind = column.type
    if isinstance(kind, String):
        name = key_of(company, table if column.primary_key else f"{table}.{column.name}", number)
        return name[: kind.length or 32]
    simple: tuple[tuple[type[Any], Any], ...] = (
        (Boolean, False),
        (Integer, number + 1),
        (Float, 0.5),
        (LargeBinary, company.encode() + bytes([number])),
        (JSON, []),
        (ARRAY, [0.5]),
        (Date, date(2026, 11, 1 + number % 28)),
    )
    return next((value for type_, value in simple if isinstance(kind, type_)), NOW)
