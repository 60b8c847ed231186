"""What goes by itself and was never filed: tests after a day, the words of drafts, and then the drafts themselves.

What was really filed is the matter of `bot.register.forgetting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select, text
from sqlalchemy.orm import Session

from bot.register.alerts.models import Alert
from bot.register.audit import SYSTEM
from bot.register.decisions.models import AnswerRelease, Decision, RequestLink
from bot.register.identity.models import Code, Proof, Visit
from bot.register.models import UNFILED, Contact, Draft, Page, Request, RequestGroup
from bot.register.thread.models import StoredFile, ThreadMessage
from bot.register.trail.of_tests import remove_trails
from bot.staff.trail import About, StaffAction, note_of
from bot.storage.forgetting import empty, remove, rows
from bot.storage.models import Conversation

TESTS_LAST = timedelta(days=1)

# In this order, since the later ones are referred to by the earlier ones.
_OF_REQUESTS = (Alert, AnswerRelease, Decision, ThreadMessage, Proof)
_OF_DRAFTS = (StoredFile, Code, Visit, Page, Contact)


@dataclass(frozen=True)
class Purged:
    """How many tests went whole, how many drafts lost their words, and how many drafts went."""

    tests: int
    drafts: int
    removed: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """What went, by name."""
        named = {"tests": self.tests, "drafts": self.drafts, "draft": self.removed}
        return {name: count for name, count in named.items() if count}


def purge(session: Session, *, controller: str, now: datetime, draft_days: int, most: int = 100) -> Purged:
    """Removes what was never really filed, and notes in the company's trail what went.

    Tests that are older than a day go with all that hangs on them. A draft that can no longer be filed loses its words;
    it goes whole once its conversation has been deleted, in which a button may still name it.

    Args:
        session: the open transaction.
        controller: whose register.
        now: the present moment.
        draft_days: days after which a draft can no longer be filed.
        most: how many of each at most.
    """
    expired = now - timedelta(days=draft_days)
    purged = Purged(
        tests=_remove_tests(session, controller, before=now - TESTS_LAST, most=most),
        drafts=_forget_words(session, controller, before=expired, most=most),
        removed=_remove_drafts(session, controller, before=expired, most=most),
    )
    if purged.counts:
        # The company's trail says what went, since nothing else does any more.
        gone = [f"{what}:{count}" for what, count in purged.counts.items()]
        note_of(session, controller, SYSTEM, StaffAction.DATA_PURGED, About("purge", fields=gone), now=now)
    return purged


def _remove_tests(session: Session, controller: str, *, before: datetime, most: int) -> int:
    tests = select(Draft.id).where(Draft.controller == controller, Draft.is_test, Draft.created_at <= before)
    drafts = session.scalars(tests.order_by(Draft.id).limit(most).with_for_update()).all()
    requests = select(Request.id).where(Request.draft_id.in_(drafts))
    session.execute(
        delete(RequestLink).where(or_(RequestLink.request_id.in_(requests), RequestLink.other_id.in_(requests)))
    )
    together = select(Draft.group_id).where(Draft.id.in_(drafts), Draft.group_id.is_not(None))
    session.execute(delete(RequestGroup).where(RequestGroup.id.in_(together), RequestGroup.is_test))
    _remove_all(session, requests, drafts)
    return len(drafts)


def _remove_all(session: Session, requests: Select[str], drafts: Sequence[str]) -> None:
    for table in _OF_REQUESTS:
        remove(session, rows(table, table.request_id.in_(requests)))
    remove_trails(session, session.scalars(requests).all())
    for owned in (*_OF_DRAFTS, Request):
        remove(session, rows(owned, owned.draft_id.in_(drafts)))
    remove(session, rows(Draft, Draft.id.in_(drafts)))


def _forget_words(session: Session, controller: str, *, before: datetime, most: int) -> int:
    expired = (*_expired(controller, before), Draft.sealed_words.is_not(None))
    return empty(session, rows(Draft, *expired, most=most))


def _remove_drafts(session: Session, controller: str, *, before: datetime, most: int) -> int:
    goes_on = exists().where(Conversation.id == Draft.conversation_id, Conversation.deleted_at.is_(None))
    left = and_(*_expired(controller, before), ~goes_on)
    drafts = session.scalars(select(Draft.id).where(left).order_by(Draft.id).limit(most)).all()
    _remove_all(session, select(Request.id).where(Request.draft_id.in_(drafts)), drafts)
    return len(drafts)


def _expired(controller: str, before: datetime) -> tuple[ColumnElement[bool], ...]:
    return Draft.controller == controller, and_(text(UNFILED)), Draft.created_at <= before
