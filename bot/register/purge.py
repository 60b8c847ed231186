"""What goes by itself: tests after a day, and the words of drafts that nobody filed.

Forgetting what was really filed, and the backups, is another matter with periods of its own that the owner sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.register.alerts.models import Alert
from bot.register.decisions.models import AnswerRelease, Decision, RequestLink
from bot.register.identity.models import Code, Proof, Visit
from bot.register.models import AuditEvent, Contact, Draft, Page, Request
from bot.register.thread.models import StoredFile, ThreadMessage

TESTS_LAST = timedelta(days=1)

# In this order, since the later ones are referred to by the earlier ones.
_OF_REQUESTS = (Alert, AnswerRelease, Decision, ThreadMessage, Proof, AuditEvent)
_OF_DRAFTS = (StoredFile, Code, Visit, Page, Contact, Request)


@dataclass(frozen=True)
class Purged:
    """How many tests went whole, and how many drafts lost their words."""

    tests: int
    drafts: int


def purge(session: Session, *, controller: str, now: datetime, draft_days: int) -> Purged:
    """Removes tests that are older than a day with all that hangs on them, and the words of expired drafts.

    Args:
        session: the open transaction.
        controller: whose register.
        now: the present moment.
        draft_days: days after which a draft can no longer be filed.
    """
    return Purged(
        tests=_remove_tests(session, controller, before=now - TESTS_LAST),
        drafts=_forget_words(session, controller, before=now - timedelta(days=draft_days)),
    )


def _remove_tests(session: Session, controller: str, *, before: datetime) -> int:
    tests = select(Draft.id).where(Draft.controller == controller, Draft.is_test, Draft.created_at <= before)
    drafts = session.scalars(tests.with_for_update()).all()
    requests = select(Request.id).where(Request.draft_id.in_(drafts))
    session.execute(
        delete(RequestLink).where(or_(RequestLink.request_id.in_(requests), RequestLink.other_id.in_(requests)))
    )
    _remove_all(session, requests, drafts)
    return len(drafts)


def _remove_all(session: Session, requests: Select[str], drafts: Sequence[str]) -> None:
    for table in _OF_REQUESTS:
        session.execute(delete(table).where(table.request_id.in_(requests)))
    for owned in _OF_DRAFTS:
        session.execute(delete(owned).where(owned.draft_id.in_(drafts)))
    session.execute(delete(Draft).where(Draft.id.in_(drafts)))


def _forget_words(session: Session, controller: str, *, before: datetime) -> int:
    result = session.execute(
        update(Draft)
        .where(
            Draft.controller == controller,
            Draft.filed_at.is_(None),
            Draft.created_at <= before,
            Draft.sealed_words.is_not(None),
        )
        .values(sealed_words=None)
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
