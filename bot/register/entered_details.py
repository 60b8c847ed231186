"""Who asks and how to answer, as staff learn it by telephone, from a letter or at the counter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.contacts import keep_contact
from bot.register.details import Details
from bot.register.drafts import locked_draft
from bot.register.errors import DetailsWereGivenError, StateForbidsError
from bot.register.kinds import Kind
from bot.register.life import Move, can_move, move
from bot.register.models import Contact, Request
from bot.register.particulars import seal_particulars
from bot.storage.encryption import Vault


def give_details(session: Session, draft_id: str, details: Details, *, actor: str, now: datetime, vault: Vault) -> None:
    """Completes every request of a draft, as the member's own submit of the page does; the receipt goes out by it.

    There is no version of a consent: staff have read the text on purposes to the member, or the letter was sent
    without having seen one.

    Args:
        session: the open transaction; it takes the locks of the draft and of its requests.
        draft_id: whose requests.
        details: who asks and how to answer.
        actor: who enters it, as `staff:` and who it is.
        now: the present moment.
        vault: seals it.

    Raises:
        DraftIsUnknownError: no draft has this id.
        StateForbidsError: it was not filed.
        DetailsWereGivenError: somebody has given them before; nothing is changed.
    """
    locked_draft(session, draft_id)
    if session.scalar(select(exists().where(Contact.draft_id == draft_id))):
        raise DetailsWereGivenError("who asks and how to answer was given before; nothing was changed")
    query = select(Request).where(Request.draft_id == draft_id).order_by(Request.number).with_for_update()
    requests = list(session.scalars(query.execution_options(populate_existing=True)))
    if not requests:
        raise StateForbidsError(f"draft {draft_id} was not filed")
    keep_contact(session, requests[0], details, consent_version=None, vault=vault, now=now)
    for request in requests:
        written = [*_given(details), *_complete(request, details, vault)]
        if can_move(request, Move.GIVE_DETAILS):
            move(session, request, Move.GIVE_DETAILS, actor=actor, now=now, fields=written)
        else:
            audit.record(session, request, action=audit.Action.DETAILS_SUBMITTED, actor=actor, now=now, fields=written)


def _given(details: Details) -> list[str]:
    return [each.name for each in fields(details) if each.name != "particulars" and getattr(details, each.name)]


def _complete(request: Request, details: Details, vault: Vault) -> Iterator[str]:
    entered = details.particulars.get(Kind(request.kind))
    if entered:
        seal_particulars(request, entered, vault=vault)
        yield "particulars"
