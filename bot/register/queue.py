"""The queue: which requests there are for staff to work on, a page at a time, without anything that is sealed.

The earlier of a request's two last days is always the one counted from its arrival (`bot.register.deadlines`), so that
the order of arrival is the order of the last days: what is overdue comes first by itself, and a page of any length of
queue is one short walk along an index. Working days are counted for the rows of the page alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union,
)
from sqlalchemy.orm import Session, aliased

from bot.clock import TOKYO, in_tokyo
from bot.register.alerts.models import Alert, AlertSort
from bot.register.deadlines import Deadlines, IsWorkingDay, deadlines, working_days_left
from bot.register.decisions.models import AnswerRelease, Decision
from bot.register.kinds import Kind
from bot.register.life import TERMINAL, TO_THE_DESK
from bot.register.models import HELD, TOLD_OR_OVER, Contact, Request, State
from bot.register.running import is_running
from bot.register.sensitivity import is_ordinary, is_sensitive

_TWO_WEEKS = timedelta(days=14)

NOBODY = "nobody"
"""The assignee of what nobody looks after."""


class Group(StrEnum):
    """States that staff look for together; see `STATES_OF`."""

    OPEN = "open"
    UNFINISHED = "unfinished"
    IDENTITY = "identity"
    REVIEW = "review"
    ASKED = "asked"
    DECIDED = "decided"
    NOTIFIED = "notified"
    OVER = "over"
    ALL = "all"


STATES_OF: dict[Group, tuple[State, ...]] = {
    Group.OPEN: tuple(state for state in State if state not in TOLD_OR_OVER),
    Group.UNFINISHED: tuple(state for state in State if state not in TERMINAL),
    Group.IDENTITY: (State.RECEIVED, State.IDENTITY_PENDING, State.IDENTITY_EXPIRED),
    Group.REVIEW: (State.VERIFIED, State.IN_REVIEW),
    Group.ASKED: (State.SCOPE_PENDING,),
    Group.DECIDED: (State.DECIDED,),
    Group.NOTIFIED: (State.NOTIFIED,),
    Group.OVER: (State.CLOSED, State.WITHDRAWN),
    Group.ALL: tuple(State),
}

_NEWEST_FIRST = frozenset({Group.OVER, Group.ALL})


class Identity(StrEnum):
    """Whether it is known who asks."""

    NOT_NEEDED = "not_needed"
    VERIFIED = "verified"
    EXPIRED = "expired"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which requests to list; what is left out leaves nothing out, but tests.

    Attributes:
        due_by: only what has its last day on this day or before.
        assignee: an actor's name, or `NOBODY`.
        without_contact: only what cannot be answered, since nobody has said where.
        second_person: only what waits for the second half of a decision or a release.
        replied: only what the member has written to since staff last looked.
        held: only what is kept from being forgotten.
        with_tests: tests, too.
        ordinary_only: nothing about health and bank accounts, for those who may not read it.
    """

    group: Group = Group.OPEN
    kinds: tuple[Kind, ...] = ()
    assignee: str = ""
    due_by: date | None = None
    urgent: bool = False
    without_contact: bool = False
    second_person: bool = False
    replied: bool = False
    held: bool = False
    with_tests: bool = False
    ordinary_only: bool = False

    @property
    def is_newest_first(self) -> bool:
        """Whether the newest stand on top, not those that are due first."""
        return self.group in _NEWEST_FIRST


@dataclass(frozen=True)
class QueueRow:
    """One request in the list.

    Attributes:
        due: both last days.
        working_days_left: until the earlier one; None once the member has been told.
        is_overdue: whether that day is over and the member has not been told.
        has_reply: whether the member has written, or handed something in, since staff last looked.
        waits_for_second: whether a decision or an answer waits for its second person.
        is_held: whether it is kept from being forgotten.
        is_forgotten: whether its content has gone.
    """

    id: str
    number: str
    kind: Kind
    state: State
    channel: str
    received_at: datetime
    due: Deadlines
    working_days_left: int | None
    is_overdue: bool
    assignee: str | None
    identity: Identity
    has_contact: bool
    is_urgent: bool
    without_delay: bool
    is_sensitive: bool
    is_test: bool
    has_reply: bool
    waits_for_second: bool
    is_held: bool
    is_forgotten: bool


@dataclass(frozen=True)
class Place:
    """Where a page begins: after the request that arrived then and has this id."""

    received_at: datetime
    id: str


def list_requests(  # noqa: PLR0913 - what is wanted, where to begin and how much, and the calendar
    session: Session,
    controller: str,
    wanted: Wanted,
    *,
    after: Place | None,
    most: int,
    now: datetime,
    is_working_day: IsWorkingDay,
) -> list[QueueRow]:
    """At most `most` requests after a place, those that are due first on top; of what is over, the newest on top."""
    query = select(Request).where(matches(controller, wanted))
    if wanted.is_newest_first:
        query = query.order_by(Request.received_at.desc(), Request.id.desc())
    else:
        query = query.order_by(Request.received_at, Request.id)
    if after is not None:
        query = query.where(beyond(after, newest_first=wanted.is_newest_first))
    rows = list(session.scalars(query.limit(most)))
    marks = _marks(session, controller, rows)
    return [_row(row, marks, now=now, is_working_day=is_working_day) for row in rows]


def count_requests(session: Session, controller: str, wanted: Wanted, *, most: int) -> int:
    """How many there are, counted up to `most` and no further: nobody reads the difference between many and more."""
    found = select(literal(1)).select_from(Request).where(matches(controller, wanted)).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def assigned_people(session: Session, controller: str) -> list[str]:
    """Whoever looks after something whose clock runs, by name; found by leaping along the index."""
    people: list[str] = []
    step = select(func.min(Request.assignee)).where(Request.controller == controller, is_running())
    following = session.scalar(step)
    while following is not None:
        people.append(following)
        following = session.scalar(step.where(Request.assignee > following))
    return people


def matches(controller: str, wanted: Wanted) -> ColumnElement[bool]:
    """What is wanted of this company's requests, as the condition of a query."""
    # What is looked for by a list of ids is the company's own already. Said once more, it makes SQLite walk through
    # the whole queue in its order instead of looking the few up.
    by_ids = wanted.second_person or wanted.replied
    company = () if by_ids else (Request.controller == controller,)
    return and_(*company, _in_group(wanted.group), *_narrowed(controller, wanted))


def _in_group(group: Group) -> ColumnElement[bool]:
    if group is Group.ALL:
        return Request.state.is_not(None)
    if group is Group.OPEN:
        return is_running()
    return Request.state.in_(STATES_OF[group])


def _narrowed(controller: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = (
        (not wanted.with_tests, Request.is_test.is_(False)),
        (wanted.ordinary_only, is_ordinary(Request.scope)),
        (bool(wanted.kinds), Request.kind.in_(wanted.kinds)),
        (wanted.urgent, Request.is_urgent.is_(True)),
        (wanted.held, and_(text(HELD))),
        (
            wanted.without_contact,
            and_(~exists().where(Contact.draft_id == Request.draft_id), Request.purged_at.is_(None)),
        ),
        (wanted.second_person, Request.id.in_(_waiting(controller))),
        (wanted.replied, Request.id.in_(_replied(controller))),
    )
    chosen = [condition for is_wanted, condition in conditions if is_wanted]
    if wanted.assignee:
        chosen.append(Request.assignee.is_(None) if wanted.assignee == NOBODY else Request.assignee == wanted.assignee)
    if wanted.due_by is not None:
        chosen.append(Request.received_at < _end_of(wanted.due_by - _TWO_WEEKS))
    return chosen


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), TOKYO)


def beyond(place: Place, *, newest_first: bool = False) -> ColumnElement[bool]:
    """What comes after a place in a list by arrival, as the condition of a query."""
    # The first half, which the second one implies, is what a database can begin its walk along the index with.
    arrived, there = Request.received_at, place.received_at
    if newest_first:
        return and_(arrived <= there, or_(arrived < there, Request.id < place.id))
    return and_(arrived >= there, or_(arrived > there, Request.id > place.id))


def _waiting(controller: str) -> CompoundSelect[str]:
    """Ids of the requests with a proposal or an answer that waits for its second person."""
    about = aliased(Request)
    proposed = (
        select(Decision.request_id)
        .join(about, about.id == Decision.request_id)
        .where(
            Decision.controller == controller,
            Decision.effective_at.is_(None),
            Decision.rejected_at.is_(None),
            about.state == State.IN_REVIEW,
        )
    )
    prepared = (
        select(AnswerRelease.request_id)
        .join(about, about.id == AnswerRelease.request_id)
        .where(
            AnswerRelease.controller == controller,
            AnswerRelease.released_at.is_(None),
            about.state.in_((State.IN_REVIEW, State.DECIDED, State.NOTIFIED)),
        )
    )
    return union(proposed, prepared)


def _replied(controller: str) -> Select[str]:
    """Ids of the requests whose member has written since staff last looked."""
    return select(Alert.request_id).where(
        Alert.controller == controller, Alert.sort == AlertSort.REPLY, Alert.acknowledged_at.is_(None)
    )


@dataclass(frozen=True)
class _Marks:
    """What stands in other tables about the requests of a page: drafts with a contact, ids of requests."""

    reachable: frozenset[str]
    replied: frozenset[str]
    waiting: frozenset[str]


def _marks(session: Session, controller: str, rows: Sequence[Request]) -> _Marks:
    ids = [row.id for row in rows]
    drafts = {row.draft_id for row in rows}
    waiting = _waiting(controller).subquery()
    return _Marks(
        frozenset(session.scalars(select(Contact.draft_id).where(Contact.draft_id.in_(drafts)))),
        frozenset(session.scalars(_replied(controller).where(Alert.request_id.in_(ids)))),
        frozenset(session.scalars(select(waiting.c.request_id).where(waiting.c.request_id.in_(ids)))),
    )


def _row(request: Request, marks: _Marks, *, now: datetime, is_working_day: IsWorkingDay) -> QueueRow:
    due = deadlines(request.received_at, request.verified_at)
    runs = request.state not in TOLD_OR_OVER and request.purged_at is None
    return QueueRow(
        id=request.id,
        number=request.number,
        kind=Kind(request.kind),
        state=State(request.state),
        channel=request.channel,
        received_at=request.received_at,
        due=due,
        working_days_left=working_days_left(now, due.working, is_working_day) if runs else None,
        is_overdue=runs and due.working < in_tokyo(now).date(),
        assignee=request.assignee,
        identity=identity_of(request),
        has_contact=request.draft_id in marks.reachable,
        is_urgent=request.is_urgent,
        without_delay=request.without_delay,
        is_sensitive=is_sensitive(request.scope),
        is_test=request.is_test,
        has_reply=request.id in marks.replied,
        waits_for_second=request.id in marks.waiting,
        is_held=request.held_at is not None,
        is_forgotten=request.purged_at is not None,
    )


def identity_of(request: Request) -> Identity:
    """Whether it is known who asks."""
    if Kind(request.kind) in TO_THE_DESK:
        return Identity.NOT_NEEDED
    if request.verified_at is not None:
        return Identity.VERIFIED
    return Identity.EXPIRED if request.state == State.IDENTITY_EXPIRED else Identity.OPEN
