"""Who is logged in: random tokens whose hash alone is kept on the server, so that a log-out is a log-out.

A session ends after 30 idle minutes, and 10 hours after the log-in whatever happens (OWASP ASVS 5.0, 7.3.1, 7.3.2).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from bot.staff.actor import Actor
from bot.staff.models import Account, StaffSession
from bot.staff.roles import Role
from bot.storage.forgetting import remove, rows

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
KEPT = timedelta(days=30)
"""How long a session that is over can still be looked at."""

# The moment of use is written at most this often: a click need not be a write.
_NOTED_EVERY = timedelta(minutes=1)
_AGENT_LENGTH = 200
_IS_OF = and_(Account.id == StaffSession.account_id, Account.controller == StaffSession.controller)


@dataclass(frozen=True)
class OpenSession:
    """One browser in which somebody is logged in."""

    id: str
    account_id: str
    name: str
    opened_by: str
    agent: str
    opened_at: datetime
    used_at: datetime


def open_session(session: Session, account: Account, *, opened_by: str, agent: str, now: datetime) -> str:
    """Begins a session of its own and gives its token, which is never one that a browser brought along.

    Args:
        session: the transaction.
        account: whose session it is; not a disabled one.
        opened_by: how they logged in, in a word (`password`, `oidc`, …).
        agent: what the browser calls itself, for the list of sessions.
        now: the present moment.
    """
    token = secrets.token_urlsafe(32)
    row = StaffSession(
        id=secrets.token_hex(16),
        controller=account.controller,
        account_id=account.id,
        token_hash=hashed(token),
        opened_by=opened_by,
        agent=agent[:_AGENT_LENGTH],
        opened_at=now,
        used_at=now,
    )
    session.add(row)
    account.last_login_at = now
    session.flush()
    return token


def find_actor(session: Session, token: str, *, now: datetime) -> tuple[Actor, bool] | None:
    """Whose token this is, and whether its use is to be noted; None when no session of it is open."""
    query = select(StaffSession, Account).join(Account, _IS_OF).where(StaffSession.token_hash == hashed(token))
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, account = found
    if account.disabled_at is not None or not is_open(row, now):
        return None
    return _actor(row, account), now - row.used_at >= _NOTED_EVERY


def note_use(session: Session, session_id: str, *, now: datetime) -> None:
    """Keeps a session from falling idle."""
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(used_at=now))


def is_open(row: StaffSession, now: datetime) -> bool:
    """Whether it still lets somebody in."""
    return row.ended_at is None and now - row.used_at < IDLE and now - row.opened_at < LONGEST


def open_sessions(session: Session, controller: str, *, now: datetime, of: str | None = None) -> list[OpenSession]:
    """The sessions that let somebody in now, the latest used first; of one account, or of everybody."""
    query = (
        select(StaffSession, Account.name)
        .join(Account, _IS_OF)
        .where(
            StaffSession.controller == controller,
            StaffSession.used_at > now - IDLE,
            StaffSession.opened_at > now - LONGEST,
            StaffSession.ended_at.is_(None),
        )
        .order_by(StaffSession.used_at.desc(), StaffSession.id)
    )
    if of is not None:
        query = query.where(StaffSession.account_id == of)
    return [_shown(row, name) for row, name in session.execute(query)]


def end_session(session: Session, session_id: str, *, now: datetime) -> None:
    """Ends it; one that has ended keeps the moment."""
    session.execute(
        update(StaffSession).where(StaffSession.id == session_id, StaffSession.ended_at.is_(None)).values(ended_at=now)
    )


def end_sessions_of(session: Session, account_id: str, *, now: datetime, but: str = "") -> None:
    """Ends everything that is open of an account, except for the session of the id `but`."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.account_id == account_id, StaffSession.id != but, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def purge(session: Session, *, controller: str, now: datetime, most: int = 500) -> int:
    """Removes sessions that let nobody in any more since 30 days; gives how many. The trail keeps every log-in."""
    before = now - KEPT
    over = (
        StaffSession.controller == controller,
        # Nothing is used after its end, and what is not used ends by itself.
        StaffSession.used_at <= before - IDLE,
        func.coalesce(StaffSession.ended_at, StaffSession.used_at) <= before,
    )
    return remove(session, rows(StaffSession, *over, most=most))


def hashed(token: str) -> str:
    """What is stored of a token; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _actor(row: StaffSession, account: Account) -> Actor:
    return Actor(
        account_id=account.id,
        name=account.name,
        controller=account.controller,
        role=Role(account.role),
        sees_sensitive=account.sees_sensitive,
        session_id=row.id,
    )


def _shown(row: StaffSession, name: str) -> OpenSession:
    return OpenSession(row.id, row.account_id, name, row.opened_by, row.agent, row.opened_at, row.used_at)
