"""What waits about answers: a candidate that nobody has published, and sets of tests whose last run is not green."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.evaluation.runs.models import RegressionRun
from bot.evaluation.runs.reading import Scope, list_runs
from bot.policy.releases.editing import find_candidate
from bot.policy.releases.history import editors_of
from bot.staff.actor import Actor
from bot.staff.roles import Right

# Runs come a batch at a time, one of each set; the latest of every set is among these.
_RUNS = 30


@dataclass(frozen=True)
class WaitingCandidate:
    """A candidate; `may_publish` says whether this person could be its second one."""

    changed_at: datetime
    is_own: bool
    may_publish: bool


@dataclass(frozen=True)
class Answers:
    """What of it there is."""

    candidate: WaitingCandidate | None
    red: tuple[RegressionRun, ...]

    @property
    def has_any(self) -> bool:
        """Whether anything waits."""
        return self.candidate is not None or bool(self.red)


def answers_today(session: Session, actor: Actor, policy_id: str) -> Answers:
    """What waits about this policy's answers, for this person to see."""
    return Answers(_candidate(session, actor, policy_id), _red(session, Scope(actor.controller, policy_id)))


def _candidate(session: Session, actor: Actor, policy_id: str) -> WaitingCandidate | None:
    row = find_candidate(session, policy_id, with_files=False)
    if row is None:
        return None
    is_own = actor.id in editors_of(session, row.id)
    return WaitingCandidate(row.changed_at, is_own, actor.has(Right.PUBLISH) and not is_own)


def _red(session: Session, scope: Scope) -> tuple[RegressionRun, ...]:
    ended = [run for run in list_runs(session, scope, most=_RUNS) if run.ended_at is not None]
    latest = {run.set_name: run for run in reversed(ended)}
    return tuple(run for run in latest.values() if run.is_green is False)
