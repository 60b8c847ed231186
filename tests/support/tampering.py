"""Somebody who may write everything and does: changes of one event that the trails' chains have to show.

Changes are made in a transaction that is rolled back, with the database's own guards out of the way, so that one
filled database serves thousands of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, create_engine, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from bot.register.audit import event_hash
from bot.register.models import AuditEvent, AuditHead, Request
from bot.staff.models import StaffEvent, StaffTrailHead
from bot.staff.trail import hash_of
from bot.storage.hash_chain import FIRST_HASH
from tests.support.postgres import as_superuser


@dataclass(frozen=True)
class Trail:
    """The tables of one sort of trail.

    Attributes:
        event: the table of events.
        head: the table of heads.
        owner: the column, of both, that says whose chain it is.
        true_hash: what the hash of an event has to be.
    """

    event: Any
    head: Any
    owner: str
    true_hash: Callable[[Any, list[str]], str]


OF_REQUESTS = Trail(AuditEvent, AuditHead, "request_id", event_hash)
OF_THE_CONSOLE = Trail(StaffEvent, StaffTrailHead, "controller", hash_of)


@contextmanager
def unguarded(engine: Engine) -> Iterator[Session]:
    """A session whose changes no trigger refuses and no commit keeps."""
    url = engine.url.render_as_string(hide_password=False)
    is_file = engine.dialect.name == "sqlite"
    free = engine if is_file else create_engine(as_superuser(url))
    with Session(free) as session:
        if not is_file:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            triggers = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in triggers:
                session.execute(text(f"DROP TRIGGER {name}"))
            # Until a commit that never comes.
            session.execute(text("PRAGMA defer_foreign_keys=ON"))
        yield session
        session.rollback()
    if free is not engine:
        free.dispose()


def tamper(session: Session, trail: Trail, random: Random) -> str:
    """Changes one thing about one event; gives in a word what it was."""
    ids = sorted(session.scalars(select(trail.event.id)))
    row = session.execute(select(*trail.event.__table__.columns).where(trail.event.id == random.choice(ids))).one()
    change = random.choice(_CHANGES)
    change(session, trail, row, random)
    return change.__name__.strip("_")


def tamper_at_will(session: Session, trail: Trail, random: Random) -> str:
    """Changes one thing that the chains show, or that only a digest kept elsewhere does; gives in a word what."""
    ids = sorted(session.scalars(select(trail.event.id)))
    row = session.execute(select(*trail.event.__table__.columns).where(trail.event.id == random.choice(ids))).one()
    change = random.choice((*_CHANGES, *_OF_WHOLE_CHAINS))
    change(session, trail, row, random)
    return change.__name__.strip("_")


def _edit(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - a row of either table
    values = {
        "at": row.at.replace(microsecond=(row.at.microsecond + 1) % 1_000_000),
        "actor": f"{row.actor}x",
        "action": "request:closed" if row.action != "request:closed" else "request:filed",
        "fields": [*row.fields, "name"],
        "prev_hash": _other_hash(row.prev_hash),
        "hash": _other_hash(row.hash),
    }
    column = random.choice(sorted(values))
    session.execute(update(trail.event).where(trail.event.id == row.id).values({column: values[column]}))


def _edit_with_its_hash(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - as above
    session.execute(update(trail.event).where(trail.event.id == row.id).values(actor=f"{row.actor}{random.random()}"))
    changed = session.execute(select(*trail.event.__table__.columns).where(trail.event.id == row.id)).one()
    session.execute(
        update(trail.event).where(trail.event.id == row.id).values(hash=trail.true_hash(changed, changed.fields))
    )


def _remove(session: Session, trail: Trail, row: Any, _random: Random) -> None:  # noqa: ANN401 - as above
    session.execute(delete(trail.event).where(trail.event.id == row.id))


def _cut_off(session: Session, trail: Trail, row: Any, _random: Random) -> None:  # noqa: ANN401 - as above
    owner = getattr(trail.event, trail.owner)
    session.execute(delete(trail.event).where(owner == getattr(row, trail.owner), trail.event.position >= row.position))


def _put_in(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - as above
    owner = getattr(trail.event, trail.owner) == getattr(row, trail.owner)
    last = session.scalar(select(func.max(trail.event.position)).where(owner)) or 0
    position = random.choice([-1, 0, last + 1, last + 2])
    values = dict(row._mapping) | {"id": f"{random.getrandbits(128):032x}", "position": position}
    session.execute(insert(trail.event).values(values))


def _put_between(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - as above
    owner = getattr(trail.event, trail.owner) == getattr(row, trail.owner)
    _make_room(session, trail, owner, row.position)
    values = dict(row._mapping) | {"id": f"{random.getrandbits(128):032x}"}
    session.execute(insert(trail.event).values(values))


def _swap(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - as above
    owner = getattr(trail.event, trail.owner) == getattr(row, trail.owner)
    others = session.scalars(select(trail.event.position).where(owner, trail.event.position != row.position)).all()
    if not others:
        _remove(session, trail, row, random)
        return
    other = random.choice(sorted(others))
    for source, target in ((row.position, -1000), (other, row.position), (-1000, other)):
        session.execute(update(trail.event).where(owner, trail.event.position == source).values(position=target))


def _set_head(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - as above
    column = random.choice(["position", "hash"])
    owner = getattr(trail.head, trail.owner) == getattr(row, trail.owner)
    head = session.execute(select(*trail.head.__table__.columns).where(owner)).one()
    changed = head.position + random.choice([-1, 1]) if column == "position" else _other_hash(head.hash)
    session.execute(update(trail.head).where(owner).values({column: changed}))


def _remove_head(session: Session, trail: Trail, row: Any, _random: Random) -> None:  # noqa: ANN401 - as above
    session.execute(delete(trail.head).where(getattr(trail.head, trail.owner) == getattr(row, trail.owner)))


_CHANGES: Sequence[Callable[[Session, Trail, Any, Random], None]] = (
    _edit,
    _edit_with_its_hash,
    _remove,
    _cut_off,
    _put_in,
    _put_between,
    _swap,
    _set_head,
    _remove_head,
)


def _edit_any_column(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - as above
    table = random.choice((trail.event, trail.head)).__table__
    mine = table.c[trail.owner] == getattr(row, trail.owner)
    if table is trail.event.__table__:
        mine = table.c.id == row.id
    column = random.choice(sorted(table.c, key=lambda one: str(one.name)))
    value = session.scalar(select(column).where(mine))
    session.execute(update(table).where(mine).values({column.name: _another(value)}))


def _another(value: Any) -> Any:  # noqa: ANN401 - what a column holds
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, list):
        return [*value, "name"]
    return "x" if value is None else f"{'y' if str(value).startswith('x') else 'x'}{str(value)[1:]}"


def _move_to_another_chain(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - as above
    owner = getattr(trail.event, trail.owner)
    others = sorted(set(session.scalars(select(owner).where(owner != getattr(row, trail.owner)))))
    target = random.choice(others)
    last = session.scalar(select(func.max(trail.event.position)).where(owner == target)) or 0
    moved = update(trail.event).where(trail.event.id == row.id)
    session.execute(moved.values({trail.owner: target, "position": last + 1}))


def _cut_and_set_the_head_back(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - as above
    owner = getattr(trail.event, trail.owner) == getattr(row, trail.owner)
    _cut_off(session, trail, row, random)
    last = session.execute(
        select(trail.event.position, trail.event.hash)
        .where(owner, trail.event.position < row.position)
        .order_by(trail.event.position.desc())
    ).first()
    position, own = (0, FIRST_HASH) if last is None else (last[0], last[1])
    head = update(trail.head).where(getattr(trail.head, trail.owner) == getattr(row, trail.owner))
    session.execute(head.values(position=position, hash=own))


def _rewrite_all_that_follows(session: Session, trail: Trail, row: Any, random: Random) -> None:  # noqa: ANN401 - as above
    events = trail.event.__table__
    owner = events.c[trail.owner] == getattr(row, trail.owner)
    session.execute(update(events).where(events.c.id == row.id).values(actor=f"{row.actor}{random.random()}"))
    prev_hash = row.prev_hash
    rest = select(events.c.id).where(owner, events.c.position >= row.position).order_by(events.c.position)
    for id_ in session.scalars(rest).all():
        mine = update(events).where(events.c.id == id_)
        session.execute(mine.values(prev_hash=prev_hash))
        event = session.execute(select(*events.c).where(events.c.id == id_)).one()
        prev_hash = trail.true_hash(event, event.fields)
        session.execute(mine.values(hash=prev_hash))
    head = update(trail.head).where(getattr(trail.head, trail.owner) == getattr(row, trail.owner))
    session.execute(head.values(hash=prev_hash))


def _remove_whole(session: Session, trail: Trail, row: Any, _random: Random) -> None:  # noqa: ANN401 - as above
    for table in (trail.event, trail.head):
        session.execute(delete(table).where(getattr(table, trail.owner) == getattr(row, trail.owner)))
    if trail is OF_REQUESTS:
        session.execute(delete(Request).where(Request.id == row.request_id))


_OF_WHOLE_CHAINS: Sequence[Callable[[Session, Trail, Any, Random], None]] = (
    _edit_any_column,
    _move_to_another_chain,
    _cut_and_set_the_head_back,
    _rewrite_all_that_follows,
    _remove_whole,
)


def _make_room(session: Session, trail: Trail, owner: Any, position: int) -> None:  # noqa: ANN401 - a condition
    # Away first and then back by one: no two events may ever have the same place.
    moved = trail.event.position >= position
    session.execute(update(trail.event).where(owner, moved).values(position=-trail.event.position - 1000))
    back = update(trail.event).where(owner, trail.event.position < -1000)
    session.execute(back.values(position=-trail.event.position - 1000 + 1))


def _other_hash(value: str) -> str:
    return ("1" if value[0] != "1" else "2") + value[1:]
