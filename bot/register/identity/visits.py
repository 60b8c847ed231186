"""Visits of the request's page: the time after a fresh code in which a browser may read and write there."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.drafts import locked_draft
from bot.register.identity.models import Visit
from bot.register.models import Request

_TOKEN_BYTES = 32


@dataclass(frozen=True)
class VisitView:
    """What an open visit may see: one draft with its requests, until a moment."""

    draft_id: str
    controller: str
    request_ids: tuple[str, ...]
    expires_at: datetime


def open_visit(session: Session, draft_id: str, *, opened_by: str, now: datetime, minutes: int) -> str:
    """Opens the page of a draft to one browser; every request of the draft records it.

    Args:
        session: the open transaction.
        draft_id: whose page.
        opened_by: what let it in: the id of a code, or a word such as `link`; at most 32 characters.
        now: the present moment.
        minutes: how long it lasts.

    Returns:
        256 random bits for the browser's cookie; stored hashed.

    Raises:
        DraftIsUnknownError: no draft has this id.
    """
    draft = locked_draft(session, draft_id)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        Visit(
            id=secrets.token_hex(16),
            controller=draft.controller,
            draft_id=draft_id,
            token_hash=_hash(token),
            opened_by=opened_by,
            opened_at=now,
            expires_at=now + timedelta(minutes=minutes),
        )
    )
    query = select(Request).where(Request.draft_id == draft_id).order_by(Request.number).with_for_update()
    for request in session.scalars(query.execution_options(populate_existing=True)).all():
        audit.record(session, request, action=audit.Action.PAGE_VISITED, actor=audit.MEMBER, now=now)
    return token


def visit(session: Session, token: str, *, now: datetime) -> VisitView | None:
    """The open visit of a token; None when there is none, or its time is over. Changes nothing."""
    row = session.scalar(select(Visit).where(Visit.token_hash == _hash(token), Visit.expires_at > now))
    if row is None:
        return None
    query = select(Request.id).where(Request.draft_id == row.draft_id).order_by(Request.number)
    return VisitView(row.draft_id, row.controller, tuple(session.scalars(query)), row.expires_at)


def end_visit(session: Session, token: str, *, now: datetime) -> None:
    """Ends a visit before its time; one that is over or unknown stays so."""
    session.execute(
        update(Visit).where(Visit.token_hash == _hash(token), Visit.expires_at > now).values(expires_at=now)
    )


def _hash(token: str) -> str:
    # 256 random bits cannot be guessed: a plain fast hash keeps the token out of the database.
    return hashlib.sha256(token.encode("utf-8", "ignore")).hexdigest()
