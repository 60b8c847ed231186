"""The secure page of a filed draft: a token opens it for a while, a submit completes the requests and closes it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.details import Details, email_key
from bot.register.drafts import locked_draft
from bot.register.errors import DetailsWereGivenError, PageIsClosedError, PageIsUnknownError, StateForbidsError
from bot.register.filing import Filed, receipts
from bot.register.life import Move, can_move, move
from bot.register.models import Contact, Page, Request
from bot.storage.encryption import Vault

_TOKEN_BYTES = 32


@dataclass(frozen=True)
class PageView:
    """What the page may show: receipts, and whether it was submitted; never what was entered."""

    draft_id: str
    controller: str
    conversation_id: str | None
    receipts: tuple[Filed, ...]
    is_submitted: bool
    expires_at: datetime


def issue_page(session: Session, draft_id: str, *, now: datetime, hours: int = 72) -> str:
    """Makes a new token for the page of a filed draft; tokens given out before stay good until their own time.

    Returns:
        256 random bits, safe in a URL. They are stored hashed, so that this is the only moment they can be had.

    Raises:
        DraftIsUnknownError: no draft has this id.
        StateForbidsError: the draft was not filed: the page completes a request and never files one.
    """
    draft = locked_draft(session, draft_id)
    if draft.filed_at is None:
        raise StateForbidsError(f"draft {draft_id} was not filed")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        Page(
            id=secrets.token_hex(16),
            controller=draft.controller,
            draft_id=draft_id,
            token_hash=_hash(token),
            issued_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    for request in _locked_requests(session, draft_id):
        audit.record(session, request, action=audit.Action.PAGE_ISSUED, actor=audit.SYSTEM, now=now)
    return token


def open_page(session: Session, token: str, *, now: datetime) -> PageView:
    """What stands behind a token; changes nothing, since mail scanners and previews open links too.

    Raises:
        PageIsUnknownError: no page was issued with this token.
        PageIsClosedError: its time is over.
    """
    page = session.scalar(select(Page).where(Page.token_hash == _hash(token)))
    if page is None:
        raise PageIsUnknownError("no page has this token")
    if page.expires_at <= now:
        raise PageIsClosedError(f"the time of page {page.id} is over")
    return PageView(
        draft_id=page.draft_id,
        controller=page.controller,
        conversation_id=_conversation(session, page.draft_id),
        receipts=tuple(receipts(session, page.draft_id)),
        is_submitted=_contact(session, page.draft_id) is not None,
        expires_at=page.expires_at,
    )


def submit_details(session: Session, token: str, details: Details, *, now: datetime, vault: Vault) -> PageView:
    """Completes the requests behind a token with who asks and how to answer.

    Raises:
        PageIsUnknownError: no page was issued with this token.
        PageIsClosedError: its time is over.
        DetailsWereGivenError: it was submitted before; nothing is changed.
    """
    draft_id = open_page(session, token, now=now).draft_id
    locked_draft(session, draft_id)
    if _contact(session, draft_id) is not None:
        raise DetailsWereGivenError(f"the details of draft {draft_id} were given before")
    requests = _locked_requests(session, draft_id)
    session.add(_sealed(details, requests[0], now=now, vault=vault))
    for request in requests:
        fields = [name for name in ("role", "name", "email", "remarks") if getattr(details, name)]
        if can_move(request, Move.GIVE_DETAILS):
            move(session, request, Move.GIVE_DETAILS, actor=audit.MEMBER, now=now, fields=fields)
        else:
            audit.record(
                session, request, action=audit.Action.DETAILS_SUBMITTED, actor=audit.MEMBER, now=now, fields=fields
            )
    return open_page(session, token, now=now)


def _sealed(details: Details, request: Request, *, now: datetime, vault: Vault) -> Contact:
    row = secrets.token_hex(16)

    def seal(column: str, plain: str) -> bytes:
        return vault.seal(plain, table="contact", row=row, column=column)

    return Contact(
        id=row,
        controller=request.controller,
        draft_id=request.draft_id,
        role=details.role,
        sealed_name=seal("sealed_name", details.name),
        sealed_email=seal("sealed_email", details.email),
        email_hash=vault.keyed_hash(email_key(details.email), purpose="email"),
        sealed_remarks=seal("sealed_remarks", details.remarks) if details.remarks else None,
        given_at=now,
    )


def _hash(token: str) -> str:
    # 256 random bits cannot be guessed, so that a plain fast hash is enough to keep the token out of the database.
    return hashlib.sha256(token.encode("utf-8", "ignore")).hexdigest()


def _locked_requests(session: Session, draft_id: str) -> list[Request]:
    query = select(Request).where(Request.draft_id == draft_id).order_by(Request.number).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _conversation(session: Session, draft_id: str) -> str | None:
    # A request may have been carried on since the draft was filed; what it says now counts.
    return session.scalars(select(Request.conversation_id).where(Request.draft_id == draft_id).limit(1)).one()


def _contact(session: Session, draft_id: str) -> Contact | None:
    return session.scalar(select(Contact).where(Contact.draft_id == draft_id))
