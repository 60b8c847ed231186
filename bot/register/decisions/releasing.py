"""The data themselves on their way to the member: prepared by one person, released by a second one.

They leave only when a decision in effect says so, and only for an address that a proof ties to the person whose data
they are; a code that came back from a mailbox is no such proof. On the request's page they can be had for a while,
after a fresh code, and every download stands in the trail. The database keeps all of it, too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.crash_points import CrashPoint, crash_point
from bot.register import audit, notices
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.alerts.standing import take_up
from bot.register.decisions.looking import open_decision
from bot.register.decisions.models import FULFILS, AnswerRelease, Delivery
from bot.register.errors import (
    PersonIsUnverifiedError,
    ReleaseDoesNotFitError,
    ReleaseIsUnknownError,
    SecondPersonIsMissingError,
    StateForbidsError,
)
from bot.register.identity.models import Proof
from bot.register.life import locked_request, require_staff
from bot.register.models import Request, State
from bot.register.notices import MemberNotice
from bot.register.thread.models import FilePurpose, StoredFile
from bot.storage.encryption import Vault

LONGEST_TRACKING = 100

_PREPARED_IN = (State.IN_REVIEW, State.DECIDED, State.NOTIFIED)
_RELEASED_IN = (State.DECIDED, State.NOTIFIED)


@dataclass(frozen=True)
class ReleaseView:
    """An answer on its way, without its content.

    Attributes:
        available_until: until when it can be downloaded; None for what goes by post, or is not released yet.
        posted_at: when it was handed to the post.
    """

    id: str
    request_id: str
    delivery: Delivery
    file_id: str | None
    prepared_by: str
    prepared_at: datetime
    released_by: str | None
    released_at: datetime | None
    available_until: datetime | None
    posted_at: datetime | None


def prepare(
    session: Session, request_id: str, *, delivery: Delivery, file_id: str | None, actor: str, now: datetime
) -> str:
    """Lays an answer ready for a second person to look at; nothing leaves by it.

    Args:
        session: the open transaction.
        request_id: a request that staff look into, or have decided.
        delivery: on the request's page, or by post.
        file_id: the stored answer; by post there may be none.
        actor: the member of staff.
        now: the present moment.

    Returns:
        The release's id.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has this id.
        StateForbidsError: it is not in review, or is closed.
        ReleaseDoesNotFitError: the file is missing, or is no answer to this very request.
    """
    require_staff(actor)
    request = locked_request(session, request_id)
    if request.state not in _PREPARED_IN:
        raise StateForbidsError(f"request {request.number} is {request.state}: no answer can be prepared")
    _check_file(session, request, Delivery(delivery), file_id)
    row = AnswerRelease(
        id=secrets.token_hex(16),
        controller=request.controller,
        request_id=request.id,
        delivery=delivery,
        file_id=file_id,
        prepared_by=actor,
        prepared_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, request, action=audit.Action.ANSWER_PREPARED, actor=actor, now=now, fields=(delivery,))
    raise_alert(session, request, AlertSort.SECOND_PERSON, occasion=row.id, now=now)
    return row.id


def release(session: Session, release_id: str, *, actor: str, now: datetime, days: int) -> None:
    """Lets an answer go: on the page at once, for this many days; by post as soon as `note_posted` says so.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        ReleaseIsUnknownError: no answer was prepared under this id.
        StateForbidsError: it was released before, or no decision that grants anything is in effect.
        SecondPersonIsMissingError: it is the one who prepared it.
        PersonIsUnverifiedError: no proof ties the address to the person.
        ReleaseDoesNotFitError: the file has been removed.
    """
    require_staff(actor)
    request, row = _locked(session, release_id)
    if row.released_at is not None:
        raise StateForbidsError(f"answer {row.id} was released before")
    if actor == row.prepared_by:
        raise SecondPersonIsMissingError(f"answer {row.id} has to be released by another person")
    _check_decided(session, request)
    _check_address(session, request)
    _check_file(session, request, Delivery(row.delivery), row.file_id)
    row.released_by, row.released_at = actor, now
    if row.delivery == Delivery.PAGE:
        row.available_until = now + timedelta(days=days)
        notices.tell_member(session, request, MemberNotice.ANSWER_READY, now=now, occasion=row.id)
    session.flush()
    crash_point(CrashPoint.RELEASE_WITHOUT_TRAIL)
    audit.record(session, request, action=audit.Action.ANSWER_RELEASED, actor=actor, now=now, fields=("released_at",))
    take_up(session, request.id, (AlertSort.SECOND_PERSON,), actor=actor, now=now, occasion=row.id)


def note_posted(session: Session, release_id: str, tracking: str, *, actor: str, now: datetime, vault: Vault) -> None:
    """Notes that a released answer was handed to the post, under this tracking number.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        ReleaseIsUnknownError: no answer was prepared under this id.
        StateForbidsError: it has not been released, or was posted before.
        ReleaseDoesNotFitError: it does not go by post, or the tracking number is missing or too long.
    """
    require_staff(actor)
    request, row = _locked(session, release_id)
    number = tracking.strip()
    if row.delivery != Delivery.POST:
        raise ReleaseDoesNotFitError(f"answer {row.id} does not go by post")
    if not 0 < len(number) <= LONGEST_TRACKING:
        raise ReleaseDoesNotFitError(f"a tracking number has 1 to {LONGEST_TRACKING} characters")
    if row.released_at is None or row.posted_at is not None:
        raise StateForbidsError(f"answer {row.id} has not been released, or was posted before")
    row.sealed_tracking = vault.seal(number, table="answer_release", row=row.id, column="sealed_tracking")
    row.posted_at = now
    notices.tell_member(session, request, MemberNotice.ANSWER_POSTED, now=now, occasion=row.id)
    audit.record(
        session, request, action=audit.Action.ANSWER_POSTED, actor=actor, now=now, fields=("posted_at", "tracking")
    )


def available(session: Session, request_id: str, *, now: datetime) -> list[ReleaseView]:
    """What the member can download now, oldest first."""
    return [row for row in releases_of(session, request_id) if _is_available(row, now=now)]


def releases_of(session: Session, request_id: str) -> list[ReleaseView]:
    """Every answer that was prepared for a request, oldest first."""
    query = select(AnswerRelease).where(AnswerRelease.request_id == request_id)
    return [_view(row) for row in session.scalars(query.order_by(AnswerRelease.prepared_at, AnswerRelease.id))]


def pending_releases(session: Session, controller: str) -> list[ReleaseView]:
    """What waits for a second person at this company, oldest first."""
    query = (
        select(AnswerRelease)
        .join(Request, Request.id == AnswerRelease.request_id)
        .where(
            AnswerRelease.controller == controller,
            AnswerRelease.released_at.is_(None),
            Request.state.in_(_PREPARED_IN),
        )
    )
    return [_view(row) for row in session.scalars(query.order_by(AnswerRelease.prepared_at, AnswerRelease.id))]


def tracking_of(session: Session, release_id: str, *, vault: Vault) -> str | None:
    """The tracking number of what was posted, for the member and for staff; None when it was not posted.

    Raises:
        ReleaseIsUnknownError: no answer was prepared under this id.
    """
    row = session.get(AnswerRelease, release_id)
    if row is None:
        raise ReleaseIsUnknownError(f"no answer was prepared under {release_id}")
    if row.sealed_tracking is None:
        return None
    return vault.open(row.sealed_tracking, table="answer_release", row=row.id, column="sealed_tracking")


def note_downloaded(session: Session, release_id: str, *, actor: str, now: datetime) -> str:
    """Records a download before it begins; show nothing before the transaction has been committed.

    Returns:
        The id of the file to hand over.

    Raises:
        ReleaseIsUnknownError: no answer was prepared under this id.
        StateForbidsError: it is not released, its time is over, or it goes by post.
    """
    request, row = _locked(session, release_id)
    if row.file_id is None or not _is_available(_view(row), now=now):
        raise StateForbidsError(f"answer {row.id} cannot be downloaded now")
    audit.record(session, request, action=audit.Action.ANSWER_DOWNLOADED, actor=actor, now=now)
    return row.file_id


def _locked(session: Session, release_id: str) -> tuple[Request, AnswerRelease]:
    request_id = session.scalar(select(AnswerRelease.request_id).where(AnswerRelease.id == release_id))
    if request_id is None:
        raise ReleaseIsUnknownError(f"no answer was prepared under {release_id}")
    request = locked_request(session, request_id)
    return request, session.get_one(AnswerRelease, release_id, populate_existing=True)


def _check_decided(session: Session, request: Request) -> None:
    decision = open_decision(session, request.id)
    grants = decision is not None and decision.effective_at is not None and decision.outcome in FULFILS
    if request.state not in _RELEASED_IN or not grants:
        raise StateForbidsError(f"request {request.number}: no decision that grants anything is in effect")


def _check_address(session: Session, request: Request) -> None:
    binding = select(Proof.id).where(Proof.request_id == request.id, Proof.agrees, Proof.binds_address).limit(1)
    if session.scalar(binding) is None:
        raise PersonIsUnverifiedError(f"request {request.number}: no proof ties the address to the person")


def _check_file(session: Session, request: Request, delivery: Delivery, file_id: str | None) -> None:
    if file_id is None:
        if delivery is Delivery.PAGE:
            raise ReleaseDoesNotFitError("an answer on the page needs a file")
        return
    file = session.get(StoredFile, file_id, populate_existing=True)
    fits = file is not None and file.request_id == request.id and file.purpose == FilePurpose.ANSWER
    if file is None or not fits or file.removed_at is not None:
        raise ReleaseDoesNotFitError(f"file {file_id} is no answer to request {request.number}, or was removed")


def _is_available(row: ReleaseView, *, now: datetime) -> bool:
    return row.released_at is not None and row.available_until is not None and now < row.available_until


def _view(row: AnswerRelease) -> ReleaseView:
    return ReleaseView(
        id=row.id,
        request_id=row.request_id,
        delivery=Delivery(row.delivery),
        file_id=row.file_id,
        prepared_by=row.prepared_by,
        prepared_at=row.prepared_at,
        released_by=row.released_by,
        released_at=row.released_at,
        available_until=row.available_until,
        posted_at=row.posted_at,
    )
