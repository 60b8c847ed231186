"""When what recurs was last done, so that a job that silently stops is noticed by its last beat."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.storage.models import Beat


def beat(session: Session, name: str, *, controller: str, now: datetime) -> None:
    """Notes that it was done at this moment."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Beat).values(controller=controller, name=name, at=now)
    session.execute(statement.on_conflict_do_update(index_elements=[Beat.controller, Beat.name], set_={"at": now}))


def keep_only(session: Session, names: Collection[str], *, controller: str) -> None:
    """Forgets what is done no more, or its age would grow for ever."""
    session.execute(delete(Beat).where(Beat.controller == controller, Beat.name.not_in(names)))


def last_beats(session: Session, controller: str) -> dict[str, datetime]:
    """When each was last done, by its name."""
    query = select(Beat.name, Beat.at).where(Beat.controller == controller)
    return dict(session.execute(query).all())
