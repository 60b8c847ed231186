"""Requests that belong together: a link changes neither of them, and a likeness is a suggestion for staff only.

A request that nobody has been verified for never touches another one: were it a duplicate in the register's eyes,
whoever knows an address could make somebody else's request look settled.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from bot.register import audit
from bot.register.decisions.models import LinkSort, RequestLink
from bot.register.errors import LinkDoesNotFitError, PersonIsUnverifiedError
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK, locked_request, require_staff
from bot.register.models import Contact, Request, State

_ALIKE_WITHIN = timedelta(days=365)


@dataclass(frozen=True)
class LinkView:
    """A link as one of its two requests sees it: `other_id` is the other one, `is_from_here` says who names whom."""

    other_id: str
    other_number: str
    sort: LinkSort
    is_from_here: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class Alike:
    """A request that may be the same wish once more; `is_verified` says whether it is known who made it."""

    request_id: str
    number: str
    state: State
    received_at: datetime
    is_verified: bool


def link(session: Session, request_id: str, other_id: str, sort: LinkSort, *, actor: str, now: datetime) -> None:
    """Notes that two requests belong together; the same again changes nothing.

    Args:
        session: the open transaction.
        request_id: the duplicate, what follows, or the complaint; its trail keeps the link.
        other_id: what it duplicates, follows, or complains about.
        sort: how they belong together.
        actor: the member of staff.
        now: the present moment.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has one of the ids.
        LinkDoesNotFitError: it is one and the same request, two companies', no complaint, or two kinds.
        PersonIsUnverifiedError: a duplicate of which nobody knows who made it.
    """
    require_staff(actor)
    # Always in the same order, so that two people who link the same pair do not wait for each other for ever.
    rows = {row_id: locked_request(session, row_id) for row_id in sorted((request_id, other_id))}
    request, other = rows[request_id], rows[other_id]
    _check_pair(request, other, LinkSort(sort))
    if _is_linked(session, request_id, other_id, sort):
        return
    session.add(
        RequestLink(
            id=secrets.token_hex(16),
            controller=request.controller,
            request_id=request_id,
            other_id=other_id,
            sort=sort,
            by=actor,
            at=now,
        )
    )
    audit.record(session, request, action=audit.Action.REQUEST_LINKED, actor=actor, now=now, fields=(sort,))


def links_of(session: Session, request_id: str) -> list[LinkView]:
    """Every link of a request, whichever of the two it is, oldest first."""
    query = (
        select(RequestLink)
        .where(or_(RequestLink.request_id == request_id, RequestLink.other_id == request_id))
        .order_by(RequestLink.at, RequestLink.id)
    )
    return [_view(session, row, request_id) for row in session.scalars(query)]


def suspected_duplicates(session: Session, request_id: str) -> list[Alike]:
    """Requests of the same kind to the same company from the same address within a year, for staff to look at.

    Nothing follows from it, since an address that was typed in shows nothing about who typed it. The request itself,
    tests and what was taken back are left out.
    """
    one, other = aliased(Request), aliased(Request)
    its_contact, other_contact = aliased(Contact), aliased(Contact)
    query = (
        select(one.received_at, other)
        .join(its_contact, its_contact.draft_id == one.draft_id)
        .join(
            other_contact,
            (other_contact.email_hash == its_contact.email_hash) & (other_contact.controller == its_contact.controller),
        )
        .join(other, other.draft_id == other_contact.draft_id)
        .where(
            one.id == request_id,
            other.id != request_id,
            other.controller == one.controller,
            other.kind == one.kind,
            other.is_test == one.is_test,
            other.state != State.WITHDRAWN,
        )
        .order_by(other.received_at, other.number)
    )
    found = session.execute(query).all()
    return [_alike(row) for received_at, row in found if abs(row.received_at - received_at) <= _ALIKE_WITHIN]


def alike_from_address(
    session: Session, controller: str, email_hash: str, kinds: Collection[Kind], received_at: datetime
) -> list[Request]:
    """Requests of these kinds from an address within a year of a moment, for staff before they enter one more.

    As with `suspected_duplicates`, nothing follows from it, and tests and what was taken back are left out.
    """
    query = (
        select(Request)
        .join(Contact, Contact.draft_id == Request.draft_id)
        .where(
            Contact.controller == controller,
            Contact.email_hash == email_hash,
            Request.kind.in_(kinds),
            Request.is_test.is_(False),
            Request.state != State.WITHDRAWN,
            Request.received_at.between(received_at - _ALIKE_WITHIN, received_at + _ALIKE_WITHIN),
        )
    )
    return list(session.scalars(query.order_by(Request.received_at, Request.number)))


def _check_pair(request: Request, other: Request, sort: LinkSort) -> None:
    pair = f"requests {request.number} and {other.number}"
    if request.id == other.id or request.controller != other.controller:
        raise LinkDoesNotFitError(f"{pair} are one and the same, or two companies'")
    if sort is LinkSort.COMPLAINT_ABOUT and request.kind != Kind.COMPLAINT:
        raise LinkDoesNotFitError(f"request {request.number} is no complaint")
    if sort is LinkSort.DUPLICATE:
        if request.kind != other.kind:
            raise LinkDoesNotFitError(f"{pair} ask for different things")
        if request.verified_at is None and Kind(request.kind) not in TO_THE_DESK:
            raise PersonIsUnverifiedError(f"request {request.number}: nobody knows who made it")


def _is_linked(session: Session, request_id: str, other_id: str, sort: LinkSort) -> bool:
    query = select(RequestLink.id).where(
        RequestLink.request_id == request_id, RequestLink.other_id == other_id, RequestLink.sort == sort
    )
    return session.scalar(query) is not None


def _view(session: Session, row: RequestLink, request_id: str) -> LinkView:
    is_from_here = row.request_id == request_id
    other_id = row.other_id if is_from_here else row.request_id
    return LinkView(
        other_id=other_id,
        other_number=session.get_one(Request, other_id).number,
        sort=LinkSort(row.sort),
        is_from_here=is_from_here,
        by=row.by,
        at=row.at,
    )


def _alike(row: Request) -> Alike:
    return Alike(
        request_id=row.id,
        number=row.number,
        state=State(row.state),
        received_at=row.received_at,
        is_verified=row.verified_at is not None,
    )
