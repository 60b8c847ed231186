"""Does the register agree with itself? What the database's own constraints cannot say is checked here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from bot.register.audit import Action
from bot.register.decisions.models import AnswerRelease, Decision
from bot.register.digests.comparing import BrokenDigest, broken_by_digests
from bot.register.digests.folder import Folder
from bot.register.digests.heads import CONSOLE
from bot.register.identity.models import Proof
from bot.register.lateness import what_is_late
from bot.register.models import AuditEvent, Contact, Draft, Request, State
from bot.register.numbers import is_number
from bot.register.orphans import orphans
from bot.register.thread.models import StoredFile, ThreadMessage
from bot.register.trail.links import broken_trails
from bot.staff.trail_links import broken_staff_trails
from bot.storage.hash_chain import BrokenTrail, Fault

_DECIDED = (State.DECIDED, State.NOTIFIED, State.CLOSED)
_IDENTIFIED = (State.VERIFIED, State.SCOPE_PENDING, State.IN_REVIEW)

_IS_BROKEN = {
    Fault.CHANGED: "event {} of its trail is not what was written",
    Fault.UNLINKED: "event {} of its trail does not follow the one before",
    Fault.MISSING: "its trail has no event {}",
    Fault.FOREIGN: "event {} of its trail belongs to nothing",
    Fault.CUT: "its trail was cut off before event {}",
    Fault.BEYOND: "its trail goes on with event {} after its end",
    Fault.HEADLESS: "its trail does not end with event {} as it is known to",
    Fault.REPLACED: "event {} of its trail is another one",
}
_IS_WRONG = {
    Fault.CHANGED: "is not what was signed",
    Fault.UNLINKED: "does not follow the one before",
    Fault.MISSING: "was not made, nor were those after it for {} hours",
}


def contradictions(
    session: Session, *, now: datetime, digests: Folder | None = None, controller: str | None = None
) -> list[str]:
    """One sentence for each contradiction, and for whatever is late; ids and numbers only, no personal data.

    Args:
        session: one that sees the whole register.
        now: the present moment.
        digests: where the ends of all trails are kept; what they know is compared, too.
        controller: the company whose trails are meant, where the session sees no other's.
    """
    return [
        *_drafts_against_requests(session),
        *_requests_against_contacts(session),
        *_requests_against_proofs(session),
        *_requests_against_decisions(session),
        *_releases(session, now=now),
        *_forgotten(session),
        *_trails(session, controller),
        *_digests(session, digests, controller, now=now),
        *orphans(session, now=now),
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
    # Of what has been forgotten the proofs are gone; the trail says that there were any.
    verified = select(Request.number).where(Request.verified_at.is_not(None), ~suffices, Request.purged_at.is_(None))
    for number in session.scalars(verified):
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


def _forgotten(session: Session) -> Iterator[str]:
    left = or_(
        Request.sealed_words.is_not(None),
        Request.sealed_particulars.is_not(None),
        *(
            exists().where(model.request_id == Request.id)
            for model in (ThreadMessage, AnswerRelease, Proof, StoredFile)
        ),
    )
    for number in session.scalars(select(Request.number).where(Request.purged_at.is_not(None), left)):
        yield f"request {number}: counts as forgotten, and something of it is left"


def _trails(session: Session, controller: str | None) -> Iterator[str]:
    first = and_(AuditEvent.request_id == Request.id, AuditEvent.position == 1)
    query = select(Request, AuditEvent.action, AuditEvent.at).join(AuditEvent, first, isouter=True)
    for request, action, at in session.execute(query.order_by(Request.received_at, Request.id)):
        if (action, at) != _beginning(request):
            yield f"request {request.number}: its trail does not begin with its filing"
    for broken in broken_trails(session, controller):
        yield _told(broken)
    for broken in broken_staff_trails(session, controller):
        yield _told(BrokenTrail(f"{CONSOLE}{broken.trail}", broken.place))


def _digests(session: Session, folder: Folder | None, controller: str | None, *, now: datetime) -> Iterator[str]:
    if folder is None:
        return
    try:
        for broken in broken_by_digests(session, folder.place, folder.keys, now=now, controller=controller):
            yield told_digest(broken) if isinstance(broken, BrokenDigest) else f"{_told(broken)}, as a digest knows"
    except OSError as error:
        yield f"digests: the folder cannot be read ({type(error).__name__})"


def _told(broken: BrokenTrail) -> str:
    of_console = broken.trail.startswith(CONSOLE)
    whose = f"console of {broken.trail.removeprefix(CONSOLE)}" if of_console else f"request {broken.trail}"
    return f"{whose}: {_IS_BROKEN[broken.place.fault].format(broken.place.position)}"


def told_digest(broken: BrokenDigest) -> str:
    """One fault of the digests, in a sentence."""
    return f"digest {broken.hour:%Y-%m-%dT%H}Z: {_IS_WRONG[broken.fault].format(broken.hours)}"


def _beginning(request: Request) -> tuple[Action, datetime | None]:
    if request.entered_by is None:
        return Action.REQUEST_FILED, request.received_at
    return Action.REQUEST_ENTERED, request.entered_at


def _requests(session: Session) -> Iterator[Request]:
    yield from session.scalars(select(Request).order_by(Request.received_at, Request.id))
