"""Whoever shows personal data says so in a trail: a check for the tests of every page that does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.register.audit import Action
from bot.register.models import AuditEvent
from bot.staff.models import StaffEvent
from bot.staff.trail import StaffAction
from bot.storage.engine import reading


@contextmanager
def assert_view_logged(
    engine: Engine, action: StaffAction | Action, *, about: str | None = None, actor: str | None = None
) -> Iterator[None]:
    """Fails unless what happens inside adds exactly one such event to a trail, with names of what was shown.

        with assert_view_logged(desk.console.engine, StaffAction.TALK_REVEALED, about=talk_id, actor=staff.actor):
            await staff.get(f"/talks/{talk_id}/revealed")

    Args:
        engine: the database.
        action: one of the console's own trail, or of the trail of a request (`bot.register.audit.Action`).
        about: the id that the event has to name; of the request, for an action of its trail.
        actor: who has to stand in it.
    """
    before = {event.id for event in _events(engine, action)}
    yield
    new = [event for event in _events(engine, action) if event.id not in before]
    assert len(new) == 1, f"{action} was noted {len(new)} times, not once"
    (event,) = new
    if about is not None:
        assert _object(event) == about
    if actor is not None:
        assert event.actor == actor
    assert isinstance(event.fields, list), "fields are names"
    assert all(isinstance(name, str) and len(name) <= 64 for name in event.fields), "fields are names, never values"


@contextmanager
def assert_nothing_logged(engine: Engine, *, but: tuple[StaffAction | Action, ...] = ()) -> Iterator[None]:
    """Fails when what happens inside adds to either trail anything but these actions."""
    before = _ids(engine, but)
    yield
    assert _ids(engine, but) - before == set()


def _events(engine: Engine, action: StaffAction | Action) -> list[StaffEvent] | list[AuditEvent]:
    with reading(engine) as session:
        if isinstance(action, StaffAction):
            return list(session.scalars(select(StaffEvent).where(StaffEvent.action == action)))
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def _object(event: StaffEvent | AuditEvent) -> str | None:
    return event.object_id if isinstance(event, StaffEvent) else event.request_id


def _ids(engine: Engine, but: tuple[StaffAction | Action, ...]) -> set[str]:
    with reading(engine) as session:
        return _ids_of(session, StaffEvent.id, StaffEvent.action, but) | _ids_of(
            session, AuditEvent.id, AuditEvent.action, but
        )


def _ids_of(
    session: Session,
    ids: InstrumentedAttribute[str],
    actions: InstrumentedAttribute[str],
    but: tuple[StaffAction | Action, ...],
) -> set[str]:
    return set(session.scalars(select(ids).where(actions.not_in(but))))
