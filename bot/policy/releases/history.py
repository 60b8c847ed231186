"""What happened to a policy's candidate and releases, one row an event; only added to."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bot.policy.documents import full_id
from bot.policy.releases.models import Release, ReleaseEvent


class Happened(StrEnum):
    """What happened.

    Attributes:
        EDITED: an entry of the candidate was added, changed or removed, or a version was put in.
        REBASED: somebody looked at the candidate anew after another release had come into force.
        DISCARDED: the candidate was thrown away.
        PUBLISHED: the candidate became a release and came into force.
        RESTORED: an earlier release came into force again.
    """

    EDITED = "edited"
    REBASED = "rebased"
    DISCARDED = "discarded"
    PUBLISHED = "published"
    RESTORED = "restored"


_WORK = (Happened.EDITED, Happened.REBASED)


def record(  # noqa: PLR0913 - an event has this many sides
    session: Session,
    policy_id: str,
    action: Happened,
    *,
    actor: str,
    now: datetime,
    candidate_id: str | None = None,
    number: int | None = None,
    what: str = "",
    reason: str | None = None,
) -> None:
    """Adds an event; the caller holds the lock of the candidate's or the pointer's row."""
    full = full_id(policy_id)
    last = session.scalar(select(func.max(ReleaseEvent.position)).where(*_of(full)))
    session.add(
        ReleaseEvent(
            id=secrets.token_hex(16),
            controller=full.partition("/")[0],
            policy=full,
            position=(last or 0) + 1,
            at=now,
            actor=actor,
            action=action,
            candidate_id=candidate_id,
            number=number,
            what=what,
            reason=reason,
        )
    )
    session.flush()


def edits_of(session: Session, candidate_id: str) -> Sequence[ReleaseEvent]:
    """Who did what to a candidate, the first first."""
    query = select(ReleaseEvent).where(ReleaseEvent.candidate_id == candidate_id, ReleaseEvent.action.in_(_WORK))
    return session.scalars(query.order_by(ReleaseEvent.position)).all()


def editors_of(session: Session, candidate_id: str) -> tuple[str, ...]:
    """Whoever worked on a candidate, each once, the first first."""
    return tuple(dict.fromkeys(event.actor for event in edits_of(session, candidate_id)))


def recent(session: Session, policy_id: str, *, before: int | None = None, limit: int = 50) -> Sequence[ReleaseEvent]:
    """What came into force, was taken back or thrown away, the latest first, from below a position on."""
    query = select(ReleaseEvent).where(*_of(full_id(policy_id)), ReleaseEvent.action.not_in(_WORK))
    if before is not None:
        query = query.where(ReleaseEvent.position < before)
    return session.scalars(query.order_by(ReleaseEvent.position.desc()).limit(limit)).all()


def releases(session: Session, policy_id: str, *, limit: int = 50) -> Sequence[Release]:
    """The latest releases of a policy, their files left where they are."""
    full = full_id(policy_id)
    query = select(Release).where(Release.controller == full.partition("/")[0], Release.policy == full)
    return session.scalars(query.order_by(Release.number.desc()).limit(limit)).all()


def _of(full: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ReleaseEvent.controller == full.partition("/")[0], ReleaseEvent.policy == full
