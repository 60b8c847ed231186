"""Files that are kept for a shorter time than the request they belong to: what members handed in, and answers.

Their rows stay until the request's own period is over and say that they were there; name, content and the digest that
would recognise the content go. The letter or mail that staff entered a request from is part of it and stays as long.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.decisions.models import AnswerRelease
from bot.register.drafts import locked_draft
from bot.register.forgetting.periods import Periods
from bot.register.models import Request, State
from bot.register.thread.models import FilePurpose, StoredFile
from bot.storage.forgetting import empty, rows

_THERE = "removed_at IS NULL"
_OF_MEMBERS = (FilePurpose.IDENTITY, FilePurpose.EVIDENCE)
_OVER = (State.CLOSED, State.WITHDRAWN)
_NO_DIGEST = ""


def purge(session: Session, *, controller: str, now: datetime, periods: Periods, most: int = 10) -> dict[str, int]:
    """Empties files whose time is over; what belongs to a request that is held is left.

    Returns:
        How many, by the name of the table; nothing when there was none.
    """
    members = and_(StoredFile.purpose.in_(_OF_MEMBERS), ~_is_needed(now - periods.uploads))
    answers = and_(StoredFile.purpose == FilePurpose.ANSWER, _was_delivered(now, now - periods.answers))
    query = (
        select(StoredFile)
        .where(StoredFile.controller == controller, text(_THERE), or_(members, answers), ~_is_held())
        .order_by(StoredFile.at, StoredFile.id)
        .limit(most)
    )
    due = session.scalars(query).all()
    for draft_id in sorted({file.draft_id for file in due}):
        locked_draft(session, draft_id)
    for file in due:
        _empty(session, file, now)
    return {"stored_file": len(due)} if due else {}


def _empty(session: Session, file: StoredFile, now: datetime) -> None:
    empty(session, rows(StoredFile, StoredFile.id == file.id), columns=("sealed_name",), as_empty=True)
    content = ("sealed_content",)
    empty(session, rows(StoredFile, StoredFile.id == file.id), columns=content, removed_at=now, sha256=_NO_DIGEST)
    session.refresh(file)
    of_file = select(Request).where(_belongs(file)).order_by(Request.number).with_for_update()
    for request in session.scalars(of_file):
        audit.record(
            session,
            request,
            action=audit.Action.FILE_REMOVED,
            actor=audit.SYSTEM,
            now=now,
            fields=(FilePurpose(file.purpose),),
        )


def _belongs(file: StoredFile) -> ColumnElement[bool]:
    return Request.id == file.request_id if file.request_id is not None else Request.draft_id == file.draft_id


def _its_request() -> ColumnElement[bool]:
    of_all = and_(StoredFile.request_id.is_(None), Request.draft_id == StoredFile.draft_id)
    return or_(Request.id == StoredFile.request_id, of_all)


def _is_held() -> ColumnElement[bool]:
    return exists().where(Request.draft_id == StoredFile.draft_id, _its_request(), Request.held_at.is_not(None))


def _is_needed(ended_by: datetime) -> ColumnElement[bool]:
    """Whether a request that the file belongs to goes on, or has ended after this moment."""
    is_over = and_(Request.state.in_(_OVER), func.coalesce(Request.rests_since, Request.received_at) <= ended_by)
    return exists().where(Request.draft_id == StoredFile.draft_id, _its_request(), ~is_over)


def _was_delivered(now: datetime, posted_by: datetime) -> ColumnElement[bool]:
    """Whether the file was released, and no release of it goes on: to be fetched, or posted only lately."""
    of_file = AnswerRelease.file_id == StoredFile.id
    goes_on = or_(
        AnswerRelease.released_at.is_(None),
        AnswerRelease.available_until > now,
        and_(AnswerRelease.available_until.is_(None), func.coalesce(AnswerRelease.posted_at, now) > posted_by),
    )
    return and_(exists().where(of_file), ~exists().where(of_file, goes_on))
