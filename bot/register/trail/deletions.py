"""What was deleted in a period: by the purge, files of requests, and conversations that members deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.audit import Action
from bot.register.models import AuditEvent, Request
from bot.register.trail.ledger import Period
from bot.staff.models import StaffEvent
from bot.staff.trail import StaffAction
from bot.storage.models import Conversation
from bot.storage.tokyo_day import tokyo_day

_AT_A_TIME = 1000


class Deleted(StrEnum):
    """What went.

    Attributes:
        TESTS: tests whose time was over, by the purge.
        DRAFTS: the words of drafts that nobody filed, by the purge.
        FILE: a file of a request, when it had served its purpose or staff removed it.
        CONVERSATIONS: conversations that their members deleted.
    """

    TESTS = "tests"
    DRAFTS = "drafts"
    FILE = "file"
    CONVERSATIONS = "conversations"


@dataclass(frozen=True)
class Deletion:
    """What went on one day: how many, of what, by whom; `number` where it belonged to one request."""

    on: date
    what: Deleted
    count: int
    by: str
    number: str = ""


def deletions(session: Session, controller: str, period: Period) -> Iterator[Deletion]:
    """All of them, one sort after the other, each by its time."""
    yield from _purged(session, controller, period)
    yield from _files(session, controller, period)
    yield from _conversations(session, controller, period)


def _purged(session: Session, controller: str, period: Period) -> Iterator[Deletion]:
    query = select(StaffEvent.at, StaffEvent.actor, StaffEvent.fields).where(
        StaffEvent.controller == controller,
        StaffEvent.action == StaffAction.DATA_PURGED,
        StaffEvent.at >= period.since,
        StaffEvent.at < period.before,
    )
    ordered = query.order_by(StaffEvent.at, StaffEvent.position).execution_options(yield_per=_AT_A_TIME)
    for at, actor, fields in session.execute(ordered):
        for field in fields:
            what, _, count = field.partition(":")
            yield Deletion(in_tokyo(at).date(), Deleted(what), int(count), actor)


def _files(session: Session, controller: str, period: Period) -> Iterator[Deletion]:
    query = (
        select(AuditEvent.at, AuditEvent.actor, Request.number)
        .join(Request, Request.id == AuditEvent.request_id)
        .where(
            AuditEvent.controller == controller,
            AuditEvent.action == Action.FILE_REMOVED,
            AuditEvent.at >= period.since,
            AuditEvent.at < period.before,
            Request.is_test.is_(False),
        )
        .order_by(AuditEvent.at, AuditEvent.id)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for at, actor, number in session.execute(query):
        yield Deletion(in_tokyo(at).date(), Deleted.FILE, 1, actor, number)


def _conversations(session: Session, controller: str, period: Period) -> Iterator[Deletion]:
    day = tokyo_day(Conversation.deleted_at)
    query = (
        select(day, func.count())
        .where(
            Conversation.controller == controller,
            Conversation.deleted_at >= period.since,
            Conversation.deleted_at < period.before,
            Conversation.is_test.is_(False),
        )
        .group_by(day)
        .order_by(day)
    )
    for on, count in session.execute(query):
        yield Deletion(on, Deleted.CONVERSATIONS, count, "member")
