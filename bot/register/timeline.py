"""What the request's page shows of each request: how far it has come, what was written, decided and handed over.

It is the view of whoever has opened the page with a fresh code: nothing of a decision before it is in effect, no
note, nothing of who looks after the request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.deadlines import Deadlines, deadlines
from bot.register.decisions.looking import DecisionView, decision_of
from bot.register.decisions.models import Delivery
from bot.register.decisions.releasing import ReleaseView, available, releases_of, tracking_of
from bot.register.groups import Standing, standings_of
from bot.register.identity.models import ProofSort
from bot.register.identity.proof_table import ProofTable
from bot.register.identity.proofs import Requirement, required_proof
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK, Move, can_move
from bot.register.models import Contact, Request, State
from bot.register.thread.files import FileView, files_of
from bot.register.thread.handing_in import purposes_open
from bot.register.thread.messages import Message, messages_of
from bot.register.thread.models import FilePurpose
from bot.storage.encryption import Vault


class Stage(StrEnum):
    """The stations of a request, like those of a parcel."""

    RECEIPT = "receipt"
    IDENTITY = "identity"
    REVIEW = "review"
    ANSWER = "answer"


class Place(StrEnum):
    """Where a station lies, seen from where the request is."""

    PAST = "past"
    CURRENT = "current"
    AHEAD = "ahead"


STAGE_OF = {
    State.RECEIVED: Stage.RECEIPT,
    State.IDENTITY_PENDING: Stage.IDENTITY,
    State.IDENTITY_EXPIRED: Stage.IDENTITY,
    State.VERIFIED: Stage.REVIEW,
    State.SCOPE_PENDING: Stage.REVIEW,
    State.IN_REVIEW: Stage.REVIEW,
    State.DECIDED: Stage.ANSWER,
    State.NOTIFIED: Stage.ANSWER,
    State.CLOSED: None,
    State.WITHDRAWN: None,
}
"""At which station each state is; what is over is at none."""

_REACHED = {
    audit.Action.REVIEW_BEGUN: Stage.REVIEW,
    audit.Action.REQUEST_DECIDED: Stage.ANSWER,
}


@dataclass(frozen=True)
class StageView:
    """One station; `at` is when the request came there, where that is known."""

    stage: Stage
    place: Place
    at: datetime | None


@dataclass(frozen=True)
class Posted:
    """An answer that went by post."""

    at: datetime
    tracking: str = field(repr=False)


@dataclass(frozen=True)
class Case:
    """One request as its page shows it.

    Attributes:
        ended_at: when it was closed or taken back.
        proof: which proof of who asks is waited for; None when none is.
        files: what the member handed in.
        takes: what the member may hand in now.
        decision: only when it is in effect.
        downloads: the answers that can be had now, after a fresh code.
        awaits_download: whether one of them was released after the member fetched anything.
    """

    id: str
    number: str
    kind: Kind
    scope: str | None
    state: State
    received_at: datetime
    ended_at: datetime | None
    stages: tuple[StageView, ...]
    due: Deadlines
    proof: Requirement | None
    messages: tuple[Message, ...]
    files: tuple[FileView, ...]
    takes: tuple[FilePurpose, ...]
    decision: DecisionView | None
    downloads: tuple[ReleaseView, ...]
    awaits_download: bool
    posted: tuple[Posted, ...]
    can_withdraw: bool
    can_write: bool


@dataclass(frozen=True)
class CaseFile:
    """Every request of one draft, whether their member can be reached, and where further companies' requests stand."""

    cases: tuple[Case, ...]
    has_contact: bool
    has_email: bool
    siblings: tuple[Standing, ...] = ()


def case_file(session: Session, draft_id: str, *, vault: Vault, now: datetime, table: ProofTable) -> CaseFile:
    """The requests of a draft for whoever has opened their page; changes nothing."""
    rows = session.scalars(select(Request).where(Request.draft_id == draft_id)).all()
    in_order = sorted(rows, key=lambda row: list(Kind).index(Kind(row.kind)))
    contact = session.scalar(select(Contact).where(Contact.draft_id == draft_id))
    return CaseFile(
        cases=tuple(_case(session, row, vault=vault, now=now, table=table) for row in in_order),
        has_contact=contact is not None,
        has_email=contact is not None and contact.sealed_email is not None,
        siblings=tuple(standings_of(session, draft_id)),
    )


def _case(session: Session, request: Request, *, vault: Vault, now: datetime, table: ProofTable) -> Case:
    state = State(request.state)
    proof = _awaited_proof(session, request, table)
    downloads = tuple(available(session, request.id, now=now))
    reached, ended_at = _moments(session, request)
    return Case(
        id=request.id,
        number=request.number,
        kind=Kind(request.kind),
        scope=request.scope,
        state=state,
        received_at=request.received_at,
        ended_at=ended_at,
        stages=_stages(request, state, reached),
        due=deadlines(request.received_at, request.verified_at),
        proof=proof,
        messages=tuple(messages_of(session, request.id, vault=vault)),
        files=tuple(view for view in files_of(session, request.id) if view.by == audit.MEMBER),
        takes=_takes(request, proof),
        decision=_told_decision(session, request, vault),
        downloads=downloads,
        awaits_download=state is not State.CLOSED and _awaits_download(session, request.id, downloads),
        posted=_posted(session, request.id, vault),
        can_withdraw=can_move(request, Move.WITHDRAW),
        can_write=state is not State.WITHDRAWN,
    )


def _moments(session: Session, request: Request) -> tuple[dict[Stage, datetime], datetime | None]:
    reached, ended_at = {Stage.RECEIPT: request.received_at}, None
    if request.verified_at is not None:
        reached[Stage.IDENTITY] = request.verified_at
    for event in audit.trail(session, request.id):
        stage = _REACHED.get(audit.Action(event.action))
        if stage is not None:
            reached.setdefault(stage, event.at)
        if event.action in (audit.Action.REQUEST_CLOSED, audit.Action.REQUEST_WITHDRAWN):
            ended_at = event.at
    return reached, ended_at


def _awaits_download(session: Session, request_id: str, downloads: tuple[ReleaseView, ...]) -> bool:
    # The trail says when something was fetched, not which of several answers: the last time decides for all of them.
    fetched = [event.at for event in audit.trail(session, request_id) if event.action == audit.Action.ANSWER_DOWNLOADED]
    released = [row.released_at for row in downloads if row.released_at is not None]
    return bool(released) and (not fetched or max(released) > max(fetched))


def _stages(request: Request, state: State, reached: dict[Stage, datetime]) -> tuple[StageView, ...]:
    stages = [stage for stage in Stage if stage is not Stage.IDENTITY or Kind(request.kind) not in TO_THE_DESK]
    current = STAGE_OF[state]
    if current is None:
        passed = [stage for stage in stages if state is State.CLOSED or stage in reached]
        return tuple(StageView(stage, Place.PAST, reached.get(stage)) for stage in passed)
    if current not in stages:
        current = Stage.REVIEW
    here = stages.index(current)
    return tuple(
        StageView(stage, _place(number, here), reached.get(stage) if number <= here else None)
        for number, stage in enumerate(stages)
    )


def _place(number: int, here: int) -> Place:
    if number == here:
        return Place.CURRENT
    return Place.PAST if number < here else Place.AHEAD


def _awaited_proof(session: Session, request: Request, table: ProofTable) -> Requirement | None:
    if request.state not in (State.IDENTITY_PENDING, State.IDENTITY_EXPIRED):
        return None
    required = required_proof(session, request.id, table=table)
    return None if required.sort is None else required


def _takes(request: Request, proof: Requirement | None) -> tuple[FilePurpose, ...]:
    # Documents of identity are offered a place only where they are needed: what is not asked for need not be kept.
    is_needed = proof is not None and proof.sort is ProofSort.DOCUMENT
    return tuple(purpose for purpose in purposes_open(request) if is_needed or purpose is not FilePurpose.IDENTITY)


def _told_decision(session: Session, request: Request, vault: Vault) -> DecisionView | None:
    decision = decision_of(session, request.id, vault=vault)
    return decision if decision is not None and decision.is_in_effect else None


def _posted(session: Session, request_id: str, vault: Vault) -> tuple[Posted, ...]:
    return tuple(
        Posted(row.posted_at, tracking_of(session, row.id, vault=vault) or "")
        for row in releases_of(session, request_id)
        if row.delivery is Delivery.POST and row.posted_at is not None
    )
