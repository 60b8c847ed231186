"""Requests whose period is over lose their content: what was asked and written, who asked, proofs, files, answers.

What stays is the line of the register, which says nothing of the person: number, kind, times, outcome, ground and who
worked on it, with the trail. What belongs to several requests of one person stays until the last of them goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select, text
from sqlalchemy.orm import Session, aliased

from bot.register import audit
from bot.register.alerts.models import Alert
from bot.register.decisions.models import AnswerRelease, Decision, RequestLink
from bot.register.forgetting.periods import Periods
from bot.register.identity.models import Code, Proof, Visit
from bot.register.meanwhile import lock_together
from bot.register.models import RESTS, Contact, Draft, Page, Request
from bot.register.thread.models import StoredFile, ThreadMessage
from bot.storage.forgetting import empty, remove, rows

_OF_A_REQUEST = (Alert, AnswerRelease, ThreadMessage, Proof, Code, StoredFile)
_OF_A_DRAFT = (Code, Visit, Page, Contact, StoredFile)


def purge(session: Session, *, controller: str, now: datetime, periods: Periods, most: int = 10) -> dict[str, int]:
    """Empties requests whose period is over, those first that rest longest; one that is held is left.

    Args:
        session: the open transaction.
        controller: whose register.
        now: the present moment.
        periods: how long content is kept.
        most: how many requests at most.

    Returns:
        How many rows of which table went or were emptied; nothing when no request was due.
    """
    due = _due(session, controller, now, periods, most)
    # Held, resumed or emptied meanwhile: what counts is how they stand once they are locked.
    locked = lock_together(session, due) if due else {}
    requests = [request for request in locked.values() if _may_go(request, now, periods)]
    if not requests:
        return {}
    ids = [request.id for request in requests]
    gone = Counter(_forget_beside(session, ids))
    # Only what has been emptied lets the words of its decision go: the database wants it in this order.
    for request in requests:
        _empty(session, request, now)
    gone["decision"] = empty(session, rows(Decision, Decision.request_id.in_(ids)), as_empty=True)
    gone["request"] = len(requests)
    gone.update(_forget_drafts(session, sorted({request.draft_id for request in requests})))
    return dict(+gone)


def _may_go(request: Request, now: datetime, periods: Periods) -> bool:
    ends = periods.ends(request)
    return ends is not None and ends <= now and request.held_at is None


def _due(session: Session, controller: str, now: datetime, periods: Periods, most: int) -> list[str]:
    found: list[str] = []
    for state, period in periods.content.items():
        query = (
            select(Request.id)
            .where(
                Request.controller == controller,
                Request.state == state,
                text(RESTS),
                Request.rests_since <= now - period,
                Request.held_at.is_(None),
                Request.is_test.is_(False),
            )
            .order_by(Request.rests_since, Request.id)
            .limit(most - len(found))
        )
        found += session.scalars(query)
    return found


def _forget_beside(session: Session, ids: Sequence[str]) -> dict[str, int]:
    gone = {model.__tablename__: remove(session, rows(model, model.request_id.in_(ids))) for model in _OF_A_REQUEST}
    linked = or_(RequestLink.request_id.in_(ids), RequestLink.other_id.in_(ids))
    return gone | {"request_link": remove(session, rows(RequestLink, linked))}


def _empty(session: Session, request: Request, now: datetime) -> None:
    empty(session, rows(Request, Request.id == request.id), scope=None, conversation_id=None, purged_at=now)
    session.refresh(request)
    audit.record(
        session, request, action=audit.Action.REQUEST_FORGOTTEN, actor=audit.SYSTEM, now=now, fields=("purged_at",)
    )


def _forget_drafts(session: Session, drafts: Sequence[str]) -> dict[str, int]:
    """What all requests of a draft share goes with the last of them."""
    other = aliased(Request)
    left = exists().where(other.draft_id == Draft.id, other.purged_at.is_(None))
    over = session.scalars(select(Draft.id).where(Draft.id.in_(drafts), ~left).order_by(Draft.id)).all()
    gone = {model.__tablename__: remove(session, rows(model, model.draft_id.in_(over))) for model in _OF_A_DRAFT}
    empty(session, rows(Draft, Draft.id.in_(over)), scope=None, conversation_id=None, original_hash=None)
    return gone
