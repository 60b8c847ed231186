"""Leases: one holder at a time, decided by the database in one statement, ended by time when the holder dies."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.clock import CLOCKS_DIFFER
from bot.storage.forgetting import remove, rows
from bot.storage.models import Lease


def of_company(controller: str, name: str) -> str:
    """What a company's lease is called whose name others use, too: names are keys of the table."""
    return f"{controller}/{name}"


def acquire(session: Session, name: str, *, controller: str, holder: str, now: datetime, seconds: float) -> bool:
    """Takes the lease, or renews it for the same holder.

    The row is inserted or overtaken in one statement, so that of many who try at the same moment one succeeds. Nobody
    takes a lease for longer than `seconds`, so that one which lasts much longer was taken by a clock that was ahead:
    it is overtaken, too, or a corrected clock would leave its name taken for as long as the clock was wrong.

    Returns:
        Whether `holder` has the lease until `now` + `seconds`.
    """
    until = now + timedelta(seconds=seconds)
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_postgresql else sqlite.insert
    statement = insert(Lease).values(name=name, controller=controller, holder=holder, until=until)
    statement = statement.on_conflict_do_update(
        index_elements=[Lease.name],
        set_={"holder": holder, "until": until},
        where=(Lease.until <= now) | (Lease.until > until + CLOCKS_DIFFER) | (Lease.holder == holder),
    )
    return session.scalar(statement.returning(Lease.name)) is not None


def prolong(session: Session, name: str, *, holder: str, now: datetime, seconds: float) -> bool:
    """Lets its holder keep the lease for so long from now; one that was given back or overtaken stays as it is.

    Returns:
        Whether `holder` still had it, if only because nobody wanted it since it ran out.
    """
    until = now + timedelta(seconds=seconds)
    mine = update(Lease).where(Lease.name == name, Lease.holder == holder).values(until=until)
    return session.scalar(mine.returning(Lease.name)) is not None


def held_until(session: Session, name: str, *, holder: str, now: datetime) -> datetime | None:
    """Until when this holder has the lease; None when it has not."""
    query = select(Lease.until).where(Lease.name == name, Lease.holder == holder, Lease.until > now)
    return session.scalar(query.where(Lease.until <= now + CLOCKS_DIFFER))


def is_held(session: Session, name: str, *, now: datetime) -> bool:
    """Whether somebody has this lease at the moment."""
    return session.scalar(select(exists().where(Lease.name == name, Lease.until > now))) or False


def purge(session: Session, *, controller: str, before: datetime, most: int = 500) -> int:
    """Removes leases that ended by this moment, whose holder died; gives how many."""
    return remove(session, rows(Lease, Lease.controller == controller, Lease.until <= before, most=most))


def release(session: Session, name: str, *, holder: str) -> None:
    """Gives the lease back; nothing happens when another holder has it by now."""
    session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))
