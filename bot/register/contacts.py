"""Showing staff what a member wrote and entered: every look is an event of the request's trail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.errors import RequestIsUnknownError
from bot.register.models import Contact, Request, Role
from bot.storage.encryption import Vault


@dataclass(frozen=True)
class Revealed:
    """What stands sealed behind a request; what was never given is None."""

    role: Role | None
    name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    remarks: str | None = field(repr=False)
    words: str | None = field(repr=False)


def reveal(session: Session, request_id: str, *, vault: Vault, actor: str, now: datetime) -> Revealed:
    """Opens the member's words and contact details for a member of staff, and records who looked.

    Args:
        session: the open transaction; show nothing before it has been committed.
        request_id: which request.
        vault: opens what is sealed.
        actor: who looks.
        now: the present moment.

    Raises:
        RequestIsUnknownError: no request has this id.
    """
    request = session.get(Request, request_id, with_for_update=True, populate_existing=True)
    if request is None:
        raise RequestIsUnknownError(f"no request has the id {request_id}")
    contact = session.scalar(select(Contact).where(Contact.draft_id == request.draft_id))
    revealed = Revealed(
        role=None if contact is None else Role(contact.role),
        name=_opened(contact, "sealed_name", vault),
        email=_opened(contact, "sealed_email", vault),
        remarks=_opened(contact, "sealed_remarks", vault),
        words=_opened(request, "sealed_words", vault),
    )
    shown = [name for name in ("role", "name", "email", "remarks", "words") if getattr(revealed, name) is not None]
    audit.record(session, request, action=audit.Action.DETAILS_REVEALED, actor=actor, now=now, fields=shown)
    return revealed


def _opened(row: Contact | Request | None, column: str, vault: Vault) -> str | None:
    sealed = None if row is None else getattr(row, column)
    if row is None or sealed is None:
        return None
    return vault.open(sealed, table=row.__tablename__, row=row.id, column=column)
