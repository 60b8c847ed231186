"""One request with everything that its page shows, read in one transaction that also records who looked.

What is sealed is opened for those who work on requests, and each look is an event of the request's trail; a viewer gets
the same page without it. Who asks and how to reach them is opened only when somebody says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.console.frame.parts import Console
from bot.console.requests.access import may_know_of, touches_sensitive
from bot.console.requests.open_steps import Step, open_steps
from bot.console.requests.rules import calendar_of, proofs_of
from bot.register import audit
from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.standing import UNTOLD, stands
from bot.register.contacts import Revealed, Words, read_words, reveal
from bot.register.deadlines import Deadlines, deadlines, suit_possible_from, working_days_left
from bot.register.decisions.linking import Alike, LinkView, links_of, suspected_duplicates
from bot.register.decisions.looking import DecisionView, decision_of
from bot.register.decisions.models import Outcome
from bot.register.decisions.releasing import ReleaseView, releases_of, tracking_of
from bot.register.forgetting.hold import reason_of
from bot.register.forgetting.periods import periods_of
from bot.register.groups import Sibling, siblings_of
from bot.register.identity.models import Proof
from bot.register.identity.proofs import Requirement, required_proof
from bot.register.identity.proofs import proofs_of as proofs_tried
from bot.register.kinds import Kind
from bot.register.meanwhile import last_position
from bot.register.models import AuditEvent, Contact, Request, State
from bot.register.queue import Identity, identity_of
from bot.register.thread.files import FileView, files_of
from bot.register.thread.messages import Message, read_messages
from bot.staff.accounts import accounts_of
from bot.staff.actor import Actor
from bot.staff.roles import RIGHTS_OF, Right, Role
from bot.staff.trail import About, StaffAction, note

_REFUSALS = (Outcome.DENIED, Outcome.PARTIAL)


@dataclass(frozen=True)
class Clocks:
    """The last days of a request as they stand today.

    Attributes:
        working_days_left: until the earlier one; None once the member has been told.
        suit_from: the first day of 個人情報保護法 39条; None for kinds that it leaves out.
    """

    due: Deadlines
    working_days_left: int | None
    is_overdue: bool
    suit_from: date | None


@dataclass(frozen=True)
class Standing:
    """A notice to staff about this request that nobody has taken up."""

    id: str
    sort: AlertSort
    raised_at: datetime


@dataclass(frozen=True)
class Case:
    """One request as its page shows it.

    Attributes:
        seen: the position of the last event on this page; every step brings it back.
        opened: whether what is sealed was opened for this look; then `words`, `messages` and the decision's texts are
            there, and `tracking` by the ids of releases.
        contact: who asks, when this look was to show it.
        hold_reason: why it is held, if it is and what is sealed was opened.
        kept_until: when its content goes, if nothing holds it; None while there is something to do, or once it went.
        names: people by what trails call them.
        people: whom it can be given to.
    """

    request: Request
    seen: int
    steps: frozenset[Step]
    opened: bool
    clocks: Clocks
    identity: Identity
    is_sensitive: bool
    requirement: Requirement
    proofs: Sequence[Proof]
    has_contact: bool
    words: Words | None = field(repr=False)
    contact: Revealed | None = field(repr=False)
    messages: Sequence[Message] = field(repr=False)
    files: Sequence[FileView]
    decision: DecisionView | None = field(repr=False)
    releases: Sequence[ReleaseView]
    tracking: dict[str, str] = field(repr=False)
    links: Sequence[LinkView]
    alike: Sequence[Alike]
    siblings: Sequence[Sibling]
    standing: Sequence[Standing]
    trail: Sequence[AuditEvent]
    names: dict[str, str] = field(repr=False)
    people: Sequence[tuple[str, str]] = field(repr=False)
    hold_reason: str = field(repr=False)
    kept_until: datetime | None

    @property
    def kind(self) -> Kind:
        """What is asked for."""
        return Kind(self.request.kind)

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.request.state)

    @property
    def address_is_bound(self) -> bool:
        """Whether a proof ties the address that answers go to to the person; no answer is released without one."""
        return any(proof.agrees and proof.binds_address for proof in self.proofs)


def read_case(
    session: Session, request: Request, *, console: Console, actor: Actor, now: datetime, with_contact: bool = False
) -> Case:
    """Everything about a request; what is sealed only for those who may read it, and then it is recorded.

    Args:
        session: the open transaction; draw nothing before it has been committed.
        request: for somebody whose access has been checked.
        console: keys and rules.
        actor: who looks.
        now: the present moment.
        with_contact: whether to open who asks, which the route's right has been checked for.
    """
    id_, vault, sensitive = request.id, console.vault, touches_sensitive(session, request)
    opened = actor.has(Right.WORK_REQUESTS)
    sealed = _open(session, request, console, actor, now, with_contact=with_contact) if opened else _Sealed()
    decision = decision_of(session, id_, vault=vault)
    releases = releases_of(session, id_)
    tracking = {row.id: tracking_of(session, row.id, vault=vault) or "" for row in releases if opened and row.posted_at}
    return Case(
        request=request,
        steps=open_steps(session, request, actor),
        opened=opened,
        clocks=_clocks(request, decision, console, now),
        identity=identity_of(request),
        is_sensitive=sensitive,
        requirement=required_proof(session, id_, table=proofs_of(console)),
        proofs=proofs_tried(session, id_),
        has_contact=bool(session.scalar(select(exists().where(Contact.draft_id == request.draft_id)))),
        words=sealed.words,
        contact=sealed.contact,
        messages=sealed.messages,
        files=files_of(session, id_),
        decision=decision if opened or decision is None else replace(decision, explanation=None, detail=None),
        releases=releases,
        tracking=tracking,
        links=[link for link in links_of(session, id_) if may_know_of(session, actor, link.other_id)],
        alike=[one for one in suspected_duplicates(session, id_) if may_know_of(session, actor, one.request_id)],
        siblings=siblings_of(session, request.draft_id),
        standing=_standing(session, id_),
        trail=audit.trail(session, id_),
        seen=last_position(session, id_),
        names=names_of(session, request.controller),
        people=people_for(session, request.controller, sensitive=sensitive),
        hold_reason=reason_of(request, vault=vault) if opened else "",
        kept_until=periods_of(console.settings).ends(request),
    )


def names_of(session: Session, controller: str) -> dict[str, str]:
    """Everybody's name by what trails call them."""
    return {f"staff:{account.id}": account.name for account in accounts_of(session, controller)}


def people_for(session: Session, controller: str, *, sensitive: bool) -> list[tuple[str, str]]:
    """Whom a request can be given to: those who work on requests, and may read about what it is about."""
    return [
        (f"staff:{account.id}", account.name)
        for account in accounts_of(session, controller)
        if account.disabled_at is None
        and Right.WORK_REQUESTS in RIGHTS_OF[Role(account.role)]
        and (account.sees_sensitive or not sensitive)
    ]


@dataclass(frozen=True)
class _Sealed:
    words: Words | None = None
    contact: Revealed | None = None
    messages: Sequence[Message] = ()


def _open(
    session: Session, request: Request, console: Console, actor: Actor, now: datetime, *, with_contact: bool
) -> _Sealed:
    shown = ["words", "messages"]
    contact = None
    if with_contact:
        contact = reveal(session, request.id, vault=console.vault, actor=actor.id, now=now)
        words = Words(contact.words, contact.particulars)
        shown.append("contact")
    else:
        words = read_words(session, request.id, vault=console.vault, actor=actor.id, now=now)
    messages = read_messages(session, request.id, actor=actor.id, now=now, vault=console.vault)
    note(session, actor, StaffAction.REQUEST_READ, About("request", request.id, fields=shown), now=now)
    return _Sealed(words, contact, messages)


def _clocks(request: Request, decision: DecisionView | None, console: Console, now: datetime) -> Clocks:
    due = deadlines(request.received_at, request.verified_at)
    runs = request.state in UNTOLD and request.purged_at is None
    refused = decision is not None and decision.outcome in _REFUSALS
    return Clocks(
        due=due,
        working_days_left=working_days_left(now, due.working, calendar_of(console)) if runs else None,
        is_overdue=runs and due.working < in_tokyo(now).date(),
        suit_from=suit_possible_from(
            request.received_at,
            kind=Kind(request.kind),
            refused_at=decision.effective_at if refused and decision is not None else None,
        ),
    )


def _standing(session: Session, request_id: str) -> list[Standing]:
    query = (
        select(Alert.id, Alert.sort, Alert.raised_at)
        .join(Request, Request.id == Alert.request_id)
        .where(Alert.request_id == request_id, stands())
        .order_by(Alert.raised_at, Alert.id)
    )
    newest = {row.sort: Standing(row.id, AlertSort(row.sort), row.raised_at) for row in session.execute(query)}
    return list(newest.values())
