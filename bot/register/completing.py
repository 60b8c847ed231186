"""Completing filed requests with who asks and how to answer, whoever enters it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.crash_points import CrashPoint, crash_point
from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.standing import take_up
from bot.register.contacts import keep_contact
from bot.register.details import Details
from bot.register.drafts import locked_draft
from bot.register.errors import DetailsWereGivenError
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK, Move, can_move, move
from bot.register.models import Contact, Request
from bot.register.particulars import seal_particulars, stops_advertising
from bot.storage.encryption import Vault

_NAMES = ("role", "reply_by", "name", "subject", "email", "phone", "address", "remarks")


def give_details(  # noqa: PLR0913 - who gives what, and the three things every step of the register takes
    session: Session,
    draft_id: str,
    details: Details,
    *,
    actor: str,
    now: datetime,
    vault: Vault,
    consent_version: str | None = None,
) -> None:
    """Completes every request of a filed draft, once.

    Args:
        session: the open transaction; the draft's lock makes two submits come one after the other.
        draft_id: whose requests.
        details: what was entered.
        actor: who entered it.
        now: the present moment.
        vault: seals it.
        consent_version: which text stood above the button; None when staff enter what came otherwise.

    Raises:
        DraftIsUnknownError: no draft has this id.
        DetailsWereGivenError: they were given before; nothing is changed.
    """
    locked_draft(session, draft_id)
    if session.scalar(select(Contact.id).where(Contact.draft_id == draft_id)) is not None:
        raise DetailsWereGivenError(f"the details of draft {draft_id} were given before")
    query = select(Request).where(Request.draft_id == draft_id).order_by(Request.number).with_for_update()
    requests = session.scalars(query.execution_options(populate_existing=True)).all()
    keep_contact(session, requests[0], details, consent_version=consent_version, vault=vault, now=now)
    session.flush()
    crash_point(CrashPoint.DETAILS_WITHOUT_STATE)
    given = [name for name in _NAMES if getattr(details, name)]
    consent = [] if consent_version is None else ["consent_version"]
    for request in requests:
        fields = [*given, *_complete(request, details, vault), *consent]
        if can_move(request, Move.GIVE_DETAILS):
            move(session, request, Move.GIVE_DETAILS, actor=actor, now=now, fields=fields)
        else:
            audit.record(session, request, action=audit.Action.DETAILS_SUBMITTED, actor=actor, now=now, fields=fields)
        take_up(session, request.id, (AlertSort.NO_CONTACT,), actor=actor, now=now)


def _complete(request: Request, details: Details, vault: Vault) -> Iterator[str]:
    """Writes what was entered for this one request; yields the names of the columns."""
    if details.scope is not None and request.scope is None and request.kind not in TO_THE_DESK:
        request.scope = details.scope
        yield "scope"
        # Whoever narrows it down here says what the chat would have asked for in two taps, and is as much in a hurry.
        if stops_advertising(request.kind, request.scope) and not request.is_urgent:
            request.is_urgent = True
            yield "is_urgent"
    entered = details.particulars.get(Kind(request.kind))
    if entered:
        seal_particulars(request, entered, vault=vault)
        yield "particulars"
