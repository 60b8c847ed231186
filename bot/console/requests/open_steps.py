"""What can be done with a request now, by whom: the pages offer nothing else, and no step is taken that is not here.

Where the request stands decides most of it (`bot.register.life`); the rest is the decision and the answers that hang on
it, and that nobody is the second person after themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.register.alerts.standing import UNTOLD
from bot.register.arrival import last_corrector
from bot.register.decisions.looking import open_decision
from bot.register.decisions.models import FULFILS, Decision, Delivery
from bot.register.decisions.releasing import ReleaseView, releases_of
from bot.register.life import TERMINAL, TO_THE_DESK, Move, can_move
from bot.register.models import Contact, Request, State
from bot.staff.actor import Actor
from bot.staff.roles import Right


class Step(StrEnum):
    """One form of the page; the value is the end of its address."""

    ASSIGN = "assign"
    URGENT = "urgent"
    CORRECT_ARRIVAL = "correct-arrival"
    CHECK_ARRIVAL = "check-arrival"
    DETAILS = "details"
    PROOF = "proof"
    RESUME = "resume"
    BEGIN = "begin"
    ASK = "ask"
    MESSAGE = "message"
    INTERIM = "interim"
    REPLY = "reply"
    NOTE = "note"
    ATTACH = "attach"
    PROPOSE = "propose"
    APPROVE = "approve"
    REJECT = "reject"
    EXECUTED = "executed"
    PREPARE = "prepare"
    RELEASE = "release"
    POSTED = "posted"
    TOLD = "told"
    LINK = "link"
    ACKNOWLEDGE = "acknowledge"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    HOLD = "hold"
    LIFT = "lift"


@dataclass(frozen=True)
class _Facts:
    """What the answer depends on beside the request's own row."""

    request: Request
    actor: Actor
    has_contact: bool
    decision: Decision | None
    releases: Sequence[ReleaseView]
    corrector: str | None

    @property
    def state(self) -> State:
        return State(self.request.state)

    @property
    def is_over(self) -> bool:
        return self.state in TERMINAL

    @property
    def fulfils(self) -> bool:
        decision = self.decision
        return decision is not None and decision.effective_at is not None and decision.outcome in FULFILS

    @property
    def waits(self) -> bool:
        return self.decision is not None and self.decision.effective_at is None and self.state is State.IN_REVIEW

    @property
    def is_own_proposal(self) -> bool:
        return self.decision is not None and self.decision.decided_by == self.actor.id

    @property
    def arrival_is_open(self) -> bool:
        return self.request.entered_by is not None and self.request.arrival_checked_by is None


def open_steps(session: Session, request: Request, actor: Actor) -> frozenset[Step]:
    """Every step that this person can take with this request as it stands."""
    if not actor.has(Right.WORK_REQUESTS) or request.purged_at is not None:
        return frozenset()
    facts = _Facts(
        request=request,
        actor=actor,
        has_contact=bool(session.scalar(select(exists().where(Contact.draft_id == request.draft_id)))),
        decision=open_decision(session, request.id),
        releases=releases_of(session, request.id),
        corrector=last_corrector(session, request),
    )
    return frozenset(_open(facts))


def can_release(release: ReleaseView, actor: Actor) -> bool:
    """Whether this person could be the second one for this answer."""
    return release.released_at is None and release.prepared_by != actor.id and actor.has(Right.APPROVE)


def waits_for_the_post(release: ReleaseView) -> bool:
    """Whether this answer may go to the post, and nobody has noted yet that it has."""
    return release.delivery is Delivery.POST and release.released_at is not None and release.posted_at is None


_MOVES = {
    Step.BEGIN: Move.BEGIN_REVIEW,
    Step.RESUME: Move.RESUME_IDENTITY,
    Step.ASK: Move.ASK,
    Step.TOLD: Move.NOTIFY,
    Step.CLOSE: Move.CLOSE,
    Step.WITHDRAW: Move.WITHDRAW,
}

_TESTS: dict[Step, Callable[[_Facts], bool]] = {
    Step.ASSIGN: lambda facts: not facts.is_over,
    Step.URGENT: lambda facts: not facts.is_over,
    Step.CORRECT_ARRIVAL: lambda facts: facts.arrival_is_open,
    Step.CHECK_ARRIVAL: lambda facts: (
        facts.arrival_is_open and facts.actor.id not in {facts.request.entered_by, facts.corrector}
    ),
    Step.DETAILS: lambda facts: not facts.is_over and not facts.has_contact,
    Step.PROOF: lambda facts: not facts.is_over and facts.request.kind not in TO_THE_DESK,
    Step.MESSAGE: lambda facts: facts.state is not State.WITHDRAWN,
    Step.INTERIM: lambda facts: facts.state in UNTOLD,
    Step.REPLY: lambda facts: facts.state is not State.WITHDRAWN,
    Step.NOTE: lambda _: True,
    Step.ATTACH: lambda facts: not facts.is_over,
    Step.PROPOSE: lambda facts: facts.state is State.IN_REVIEW and facts.decision is None,
    Step.APPROVE: lambda facts: facts.waits and not facts.is_own_proposal and facts.actor.has(Right.APPROVE),
    Step.REJECT: lambda facts: facts.waits and (facts.is_own_proposal or facts.actor.has(Right.APPROVE)),
    Step.EXECUTED: lambda facts: facts.fulfils and facts.decision is not None and facts.decision.executed_at is None,
    Step.PREPARE: lambda facts: (
        facts.state in (State.IN_REVIEW, State.DECIDED, State.NOTIFIED) and facts.request.kind not in TO_THE_DESK
    ),
    Step.RELEASE: lambda facts: (
        facts.fulfils and not facts.is_over and any(can_release(release, facts.actor) for release in facts.releases)
    ),
    Step.POSTED: lambda facts: any(waits_for_the_post(release) for release in facts.releases),
    Step.LINK: lambda _: True,
    Step.ACKNOWLEDGE: lambda _: True,
    Step.HOLD: lambda facts: facts.request.held_at is None and facts.actor.has(Right.HOLD),
    Step.LIFT: lambda facts: facts.request.held_at is not None and facts.actor.has(Right.HOLD),
}


def _open(facts: _Facts) -> Iterator[Step]:
    for step in Step:
        if step in _MOVES:
            if can_move(facts.request, _MOVES[step]):
                yield step
        elif _TESTS[step](facts):
            yield step
