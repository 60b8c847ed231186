from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.kinds import Kind
from bot.register.life import Move, move
from bot.register.models import Contact, Request, Role
from bot.storage.encryption import Vault

Make = Callable[..., Any]


@pytest.fixture
def complete(vault: Vault, now: datetime) -> Make:
    """Gives the draft of a number its contact details, as the secure page does."""

    def give(session: Session, number: str, *, role: Role = Role.SELF, email: str = "hanako@example.com") -> Contact:
        request = session.scalars(select(Request).where(Request.number == number)).one()
        row = request.id
        contact = Contact(
            id=row,
            controller=request.controller,
            draft_id=request.draft_id,
            role=role,
            reply_by="email",
            sealed_name=vault.seal("山田花子", table="contact", row=row, column="sealed_name"),
            sealed_email=vault.seal(email, table="contact", row=row, column="sealed_email"),
            email_hash=vault.keyed_hash(email, purpose="email"),
            given_at=now,
        )
        session.add(contact)
        session.flush()
        for one in session.scalars(select(Request).where(Request.draft_id == request.draft_id)).all():
            move(session, one, Move.GIVE_DETAILS, actor="member", now=now)
        return contact

    return give


@pytest.fixture
def known(session: Session, filed: Make, complete: Make) -> Request:
    """The first of two requests of one draft, with an address to send a code to."""
    number = filed(session, Kind.DISCLOSURE, Kind.ERASURE)[0].number
    complete(session, number)
    return session.scalars(select(Request).where(Request.number == number)).one()
