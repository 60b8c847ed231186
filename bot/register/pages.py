"""The secure page of a filed draft: a token opens it for a while, a submit completes the requests and closes it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.completing import give_details
from bot.register.details import Details
from bot.register.drafts import locked_draft
from bot.register.errors import PageIsClosedError, PageIsUnknownError, StateForbidsError
from bot.register.filing import Filed, receipts
from bot.register.identity.proofs import mailbox_is_proved
from bot.register.life import TO_THE_DESK
from bot.register.models import Contact, Opens, Page, Request
from bot.register.particulars import Asked
from bot.register.resume_codes import new_resume_code, read_resume_code
from bot.storage.encryption import Vault

RESUME_CODE_LASTS = timedelta(days=400)

_TOKEN_BYTES = 32


@dataclass(frozen=True)
class PageView:
    """What the page may show: receipts, and how far it has come; never what was entered.

    `has_email` says whether notices and codes can reach the member, `mailbox_is_proved` whether a code came back.
    """

    draft_id: str
    controller: str
    conversation_id: str | None
    receipts: tuple[Filed, ...]
    scope: str | None
    is_submitted: bool
    has_email: bool
    mailbox_is_proved: bool
    expires_at: datetime

    def asks(self, scopes: tuple[str, ...]) -> Asked:
        """What the form asks about, with the desk's titles of data to choose from."""
        return Asked(tuple(receipt.kind for receipt in self.receipts), self.scope, scopes)


def issue_page(session: Session, draft_id: str, *, now: datetime, hours: int = 72) -> str:
    """Makes a new token for the page of a filed draft; tokens given out before stay good until their own time.

    Returns:
        256 random bits, safe in a URL. They are stored hashed, so that this is the only moment they can be had.

    Raises:
        DraftIsUnknownError: no draft has this id.
        StateForbidsError: the draft was not filed: the page completes a request and never files one.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    _issue(session, draft_id, token, Opens.LINK, now=now, lasts=timedelta(hours=hours))
    return token


def open_page(session: Session, token: str, *, now: datetime) -> PageView:
    """What stands behind a token; changes nothing, since mail scanners and previews open links too.

    Raises:
        PageIsUnknownError: no page was issued with this token.
        PageIsClosedError: its time is over.
    """
    page = _page(session, token, Opens.LINK)
    if page is None:
        raise PageIsUnknownError("no page has this token")
    if page.expires_at <= now:
        raise PageIsClosedError(f"the time of page {page.id} is over")
    contact = _contact(session, page.draft_id)
    conversation_id, scope = _origin(session, page.draft_id)
    return PageView(
        draft_id=page.draft_id,
        controller=page.controller,
        conversation_id=conversation_id,
        receipts=tuple(receipts(session, page.draft_id)),
        scope=scope,
        is_submitted=contact is not None,
        has_email=contact is not None and contact.sealed_email is not None,
        mailbox_is_proved=mailbox_is_proved(session, page.draft_id),
        expires_at=page.expires_at,
    )


def issue_resume_code(session: Session, draft_id: str, *, now: datetime) -> str:
    """Makes a code to print and keep, which opens the requests of a draft when no mail can; others stay good.

    Returns:
        Sixteen characters in four groups. They are stored hashed, so that this is the only moment they can be had.

    Raises:
        DraftIsUnknownError: no draft has this id.
        StateForbidsError: the draft was not filed.
    """
    code = new_resume_code()
    _issue(session, draft_id, code, Opens.RESUME_CODE, now=now, lasts=RESUME_CODE_LASTS)
    return code


def draft_of_resume_code(session: Session, text: str, *, now: datetime) -> str | None:
    """The draft that a code opens as somebody typed it; None when it opens nothing, or nothing any more."""
    code = read_resume_code(text)
    page = None if code is None else _page(session, code, Opens.RESUME_CODE)
    return None if page is None or page.expires_at <= now else page.draft_id


def submit_details(
    session: Session, token: str, details: Details, *, now: datetime, vault: Vault, consent_version: str | None = None
) -> PageView:
    """Completes the requests behind a token with who asks and how to answer.

    Args:
        session: the open transaction; the draft's lock makes two submits come one after the other.
        token: the page's.
        details: what was entered.
        now: the present moment.
        vault: seals it.
        consent_version: which text stood above the button.

    Raises:
        PageIsUnknownError: no page was issued with this token.
        PageIsClosedError: its time is over.
        DetailsWereGivenError: it was submitted before; nothing is changed.
    """
    view = open_page(session, token, now=now)
    give_details(
        session,
        view.draft_id,
        details,
        actor=audit.MEMBER,
        now=now,
        vault=vault,
        consent_version=consent_version,
    )
    return open_page(session, token, now=now)


def _issue(session: Session, draft_id: str, token: str, opens: Opens, *, now: datetime, lasts: timedelta) -> None:
    draft = locked_draft(session, draft_id)
    if draft.filed_at is None:
        raise StateForbidsError(f"draft {draft_id} was not filed")
    session.add(
        Page(
            id=secrets.token_hex(16),
            controller=draft.controller,
            draft_id=draft_id,
            token_hash=_hash(token),
            opens=opens,
            issued_at=now,
            expires_at=now + lasts,
        )
    )
    for request in _locked_requests(session, draft_id):
        audit.record(session, request, action=audit.Action.PAGE_ISSUED, actor=audit.SYSTEM, now=now, fields=[opens])


def _hash(token: str) -> str:
    # 75 random bits at least cannot be guessed: a plain fast hash is enough to keep them out of the database.
    return hashlib.sha256(token.encode("utf-8", "ignore")).hexdigest()


def _locked_requests(session: Session, draft_id: str) -> list[Request]:
    query = select(Request).where(Request.draft_id == draft_id).order_by(Request.number).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _page(session: Session, token: str, opens: Opens) -> Page | None:
    return session.scalar(select(Page).where(Page.token_hash == _hash(token), Page.opens == opens))


def _origin(session: Session, draft_id: str) -> tuple[str | None, str | None]:
    """Conversation and scope; a request may have been carried on since it was filed, and what it says now counts.

    The scope is None as soon as one request is left at everything: then the page asks which data are meant.
    """
    query = select(Request.conversation_id, Request.kind, Request.scope).where(Request.draft_id == draft_id)
    rows = session.execute(query.order_by(Request.number)).all()
    scopes = [scope for _, kind, scope in rows if kind not in TO_THE_DESK]
    return rows[0][0], None if None in scopes else next(iter(scopes), None)


def _contact(session: Session, draft_id: str) -> Contact | None:
    return session.scalar(select(Contact).where(Contact.draft_id == draft_id))
