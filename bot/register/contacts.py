"""What a member entered: sealed when it comes, shown to staff; every look is an event of the request's trail."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.pii import Pii, masked
from bot.register import audit
from bot.register.details import Details, email_key
from bot.register.life import locked_request
from bot.register.models import Contact, ReplyBy, Request, Role
from bot.register.particulars import open_particulars
from bot.storage.encryption import Vault


@dataclass(frozen=True)
class Revealed:
    """What stands sealed behind a request; what was never given is None, and who asks is masked until it is shown."""

    role: Role | None
    reply_by: ReplyBy | None
    name: Pii | None
    subject: Pii | None
    email: Pii | None
    phone: Pii | None
    address: Pii | None
    remarks: Pii | None
    particulars: Mapping[str, str] | None = field(repr=False)
    words: str | None = field(repr=False)

    def in_clear(self) -> dict[str, object]:
        """Every value by its name, masked no more: for the file or terminal that staff asked to see it on."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value.reveal() if isinstance(value, Pii) else value for name, value in told.items()}


_SEALED = ("name", "subject", "email", "phone", "address", "remarks")


def keep_contact(
    session: Session, request: Request, details: Details, *, consent_version: str | None, vault: Vault, now: datetime
) -> None:
    """Keeps who asks and how to answer, sealed, for every request of this one's draft.

    Args:
        session: the open transaction, which holds the lock of the draft.
        request: any request of the draft.
        details: what was entered.
        consent_version: which text stood above the button; None when staff enter what came otherwise.
        vault: seals it.
        now: the present moment.
    """
    row = secrets.token_hex(16)
    given = {name: getattr(details, name) for name in _SEALED}
    sealed = {
        f"sealed_{name}": vault.seal(value, table="contact", row=row, column=f"sealed_{name}")
        for name, value in given.items()
        if value is not None
    }
    contact = Contact(
        id=row,
        controller=request.controller,
        draft_id=request.draft_id,
        role=details.role,
        reply_by=details.reply_by,
        email_hash=vault.keyed_hash(email_key(details.email), purpose="email") if details.email else None,
        consent_version=consent_version,
        given_at=now,
        **sealed,
    )
    session.add(contact)
    session.flush()


@dataclass(frozen=True)
class Words:
    """What a member asked for, without who they are and how to reach them."""

    words: str | None = field(repr=False)
    particulars: Mapping[str, str] | None = field(repr=False)


def read_words(session: Session, request_id: str, *, vault: Vault, actor: str, now: datetime) -> Words:
    """Opens what the member asked for, and nothing else, for a member of staff; where there is any, records who looked.

    Args:
        session: the open transaction; show nothing before it has been committed.
        request_id: which request.
        vault: opens what is sealed.
        actor: who looks.
        now: the present moment.

    Raises:
        RequestIsUnknownError: no request has this id.
    """
    request = locked_request(session, request_id)
    read = Words(words=_opened(request, "sealed_words", vault), particulars=open_particulars(request, vault=vault))
    shown = [shown.name for shown in fields(Words) if getattr(read, shown.name) is not None]
    if shown:
        audit.record(session, request, action=audit.Action.DETAILS_REVEALED, actor=actor, now=now, fields=shown)
    return read


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
    request = locked_request(session, request_id)
    contact = session.scalar(select(Contact).where(Contact.draft_id == request.draft_id))
    revealed = Revealed(
        role=None if contact is None else Role(contact.role),
        reply_by=None if contact is None else ReplyBy(contact.reply_by),
        particulars=open_particulars(request, vault=vault),
        **{name: masked(_opened(contact, f"sealed_{name}", vault)) for name in _SEALED},
        words=_opened(request, "sealed_words", vault),
    )
    shown = [shown.name for shown in fields(Revealed) if getattr(revealed, shown.name) is not None]
    audit.record(session, request, action=audit.Action.DETAILS_REVEALED, actor=actor, now=now, fields=shown)
    return revealed


def _opened(row: Contact | Request | None, column: str, vault: Vault) -> str | None:
    sealed = None if row is None else getattr(row, column)
    if row is None or sealed is None:
        return None
    return vault.open(sealed, table=row.__tablename__, row=row.id, column=column)
