"""Does the register agree with itself? What the database's own constraints cannot say is checked here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.register.audit import Action
from bot.register.decisions.models import AnswerRelease, Decision
from bot.register.identity.models import Proof
from bot.register.lateness import what_is_late
from bot.register.models import AuditEvent, Contact, Draft, Request, State
from bot.register.numbers import is_number
from bot.register.thread.models import StoredFile

_DECIDED = (State.DECIDED, State.NOTIFIED, State.CLOSED)
_IDENTIFIED = (State.VERIFIED, State.SCOPE_PENDING, State.IN_REVIEW)


def contradictions(session: Session, *, now: datetime) -> list[str]:
    """One sentence for each contradiction, and for whatever is late; ids and numbers only, no personal data."""
    return [
        *_drafts_against_requests(session),
        *_requests_against_contacts(session),
        *_requests_against_proofs(session),
        *_requests_against_decisions(session),
        *_releases(session, now=now),
        *_trails(session),
        *what_is_late(session, now=now),
    ]


def _drafts_against_requests(session: Session) -> Iterator[str]:
    requests: dict[str, list[Request]] = {}
    for request in _requests(session):
        requests.setdefault(request.draft_id, []).append(request)
        if not is_number(request.number):
            yield f"request {request.id}: {request.number} is not a receipt number"
    for draft in session.scalars(select(Draft).order_by(Draft.created_at, Draft.id)):
        together = requests.get(draft.id, [])
        filed = sorted(request.kind for request in together)
        asked = sorted(draft.kinds) if draft.filed_at is not None else []
        if filed != asked:
            yield f"draft {draft.id}: asks for {asked}, the register holds {filed}"
        if len({request.received_at for request in together}) > 1:
            yield f"draft {draft.id}: its requests arrived together and have several times of arrival"


def _requests_against_contacts(session: Session) -> Iterator[str]:
    query = select(Request.number).join(Contact, Contact.draft_id == Request.draft_id)
    for number in session.scalars(query.where(Request.state == State.RECEIVED)):
        yield f"request {number}: has contact details but still waits for them"


def _requests_against_proofs(session: Session) -> Iterator[str]:
    suffices = exists().where(Proof.request_id == Request.id, Proof.suffices)
    for number in session.scalars(select(Request.number).where(Request.verified_at.is_not(None), ~suffices)):
        yield f"request {number}: counts as verified without a proof that suffices"
    unnoted = select(Request.number).where(Request.verified_at.is_(None), suffices, Request.state.in_(_IDENTIFIED))
    for number in session.scalars(unnoted):
        yield f"request {number}: has a proof that suffices and does not count as verified"


def _requests_against_decisions(session: Session) -> Iterator[str]:
    in_effect = exists().where(Decision.request_id == Request.id, Decision.effective_at.is_not(None))
    for request in session.scalars(select(Request).where(Request.state.not_in(_DECIDED), in_effect)):
        yield f"request {request.number}: is {request.state} though a decision is in effect"


def _releases(session: Session, *, now: datetime) -> Iterator[str]:
    gone = (
        select(AnswerRelease.id)
        .join(StoredFile, StoredFile.id == AnswerRelease.file_id)
        .where(AnswerRelease.available_until > now, StoredFile.removed_at.is_not(None))
    )
    for answer_id in session.scalars(gone.order_by(AnswerRelease.id)):
        yield f"answer {answer_id}: is to be had on the page, and its file is gone"


def _trails(session: Session) -> Iterator[str]:
    events: dict[str, list[AuditEvent]] = {}
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.request_id, AuditEvent.position)):
        events.setdefault(event.request_id, []).append(event)
    for request in _requests(session):
        trail = events.get(request.id, [])
        if not trail or (trail[0].action, trail[0].at) != _beginning(request):
            yield f"request {request.number}: its trail does not begin with its filing"
        if [event.position for event in trail] != list(range(1, len(trail) + 1)):
            yield f"request {request.number}: its trail has gaps"


def _beginning(request: Request) -> tuple[Action, datetime | None]:
    if request.entered_by is None:
        return Action.REQUEST_FILED, request.received_at
    return Action.REQUEST_ENTERED, request.entered_at


def _requests(session: Session) -> Iterator[Request]:
    yield from session.scalars(select(Request).order_by(Request.received_at, Request.id))
