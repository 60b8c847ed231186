"""Looks at both trails of a company at once, and keeps what came of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.register.digests.comparing import BrokenDigest
from bot.register.digests.heads import CONSOLE as CONSOLE_CHAIN
from bot.register.models import AuditHead
from bot.register.trail.links import broken_trails
from bot.register.trail.models import AuditCheck
from bot.staff.models import StaffTrailHead
from bot.staff.trail_links import broken_staff_trails
from bot.storage.hash_chain import BrokenTrail, Counted, Fault

CONSOLE = "console"
"""What a broken place of the console's own trail is filed under."""

DIGEST = "digest"
"""What a fault of the digests kept elsewhere is filed under; its place is the hour, as in 2026112309 (UTC)."""

_MOST_KEPT = 100


@dataclass(frozen=True)
class Found:
    """What one look found: how many events there are, how many places are broken, and the first of these."""

    events: int
    broken: int
    first_broken: list[str]


@dataclass(frozen=True)
class BrokenPlace:
    """One broken place as it was kept: in whose trail (a request's number, `CONSOLE`, `DIGEST`), where, and what."""

    trail: str
    position: int
    fault: Fault


def look(
    session: Session,
    controller: str,
    told: Callable[[int], object] = lambda _events: None,
    by_digests: Iterable[BrokenTrail | BrokenDigest] = (),
) -> Found:
    """Goes through every event of a company.

    Args:
        session: one that only reads.
        controller: the company.
        told: called now and then with how many events were looked at.
        by_digests: what the digests show (`broken_by_digests`), where there are any.
    """
    counted, broken = Counted(told), 0
    first: list[str] = []
    for line in chain(_broken(session, controller, counted), map(_spelled_digest, by_digests)):
        broken += 1
        if len(first) < _MOST_KEPT:
            first.append(line)
    return Found(counted.events, broken, first)


def expected_events(session: Session, controller: str) -> int:
    """How many events there should be, by the heads."""
    of_requests = session.scalar(select(func.sum(AuditHead.position)).where(AuditHead.controller == controller))
    of_console = session.scalar(select(StaffTrailHead.position).where(StaffTrailHead.controller == controller))
    return int(of_requests or 0) + int(of_console or 0)


def keep(session: Session, controller: str, found: Found, *, by: str, begun: datetime, ended: datetime) -> None:
    """Keeps what was found, for everybody to see."""
    session.add(
        AuditCheck(
            id=secrets.token_hex(16),
            controller=controller,
            begun_at=begun,
            ended_at=ended,
            by=by,
            events=found.events,
            broken=found.broken,
            first_broken=found.first_broken,
        )
    )
    session.flush()


def last_check(session: Session, controller: str) -> AuditCheck | None:
    """The latest look that was kept."""
    query = select(AuditCheck).where(AuditCheck.controller == controller)
    return session.scalars(query.order_by(AuditCheck.begun_at.desc()).limit(1)).one_or_none()


def read_broken(lines: list[str]) -> list[BrokenPlace]:
    """Broken places as `keep` wrote them."""
    parts = (line.rsplit(":", 2) for line in lines)
    return [BrokenPlace(trail, int(position), Fault(fault)) for trail, position, fault in parts]


def _broken(session: Session, controller: str, counted: Counted) -> Iterator[str]:
    for one in broken_trails(session, controller, counted):
        yield _spelled(one, one.trail)
    for one in broken_staff_trails(session, controller, counted):
        yield _spelled(one, CONSOLE)


def _spelled_digest(one: BrokenTrail | BrokenDigest) -> str:
    if isinstance(one, BrokenDigest):
        return f"{DIGEST}:{one.hour:%Y%m%d%H}:{one.fault}"
    return _spelled(one, CONSOLE if one.trail.startswith(CONSOLE_CHAIN) else one.trail)


def _spelled(one: BrokenTrail, trail: str) -> str:
    return f"{trail}:{one.place.position}:{one.place.fault}"
