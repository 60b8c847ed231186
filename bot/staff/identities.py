"""Whom an identity provider vouches for: matched to an account by issuer and subject, the first time by address.

An address may pass from one person to another, a subject never does (OpenID Connect Core 1.0, 5.7). So an address
counts once, while the account's invitation is open, and only when the provider has verified it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.staff import invitations
from bot.staff.models import Account
from bot.staff.trail import About, StaffAction, note_of


@dataclass(frozen=True)
class Identity:
    """What a provider says of somebody who logged in there."""

    issuer: str
    subject: str = field(repr=False)
    email: str = field(repr=False)
    is_email_verified: bool


def account_for(session: Session, identity: Identity, *, controller: str, now: datetime) -> Account | None:
    """The enabled account of this person, claimed now if it was waiting for them; None when there is none."""
    same = (Account.issuer == identity.issuer, Account.subject == identity.subject)
    known = session.scalar(select(Account).where(Account.controller == controller, *same).with_for_update())
    if known is not None:
        return known if known.disabled_at is None else None
    if not identity.is_email_verified or not identity.email:
        return None
    return _claimed(session, identity, controller=controller, now=now)


def _claimed(session: Session, identity: Identity, *, controller: str, now: datetime) -> Account | None:
    same = func.lower(Account.email) == identity.email.lower()
    query = select(Account).where(Account.controller == controller, same, Account.setup_hash.is_not(None))
    account = session.scalar(query.with_for_update())
    if account is None or not invitations.is_open(account, now):
        return None
    try:
        with session.begin_nested():
            account.issuer, account.subject = identity.issuer, identity.subject
    except IntegrityError:  # the same person has just claimed another account
        return None
    invitations.close(account)
    about = About("account", account.id, fields=["issuer", "subject"])
    note_of(session, controller, f"staff:{account.id}", StaffAction.FACTOR_SET, about, now=now, role=account.role)
    return account
