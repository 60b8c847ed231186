"""The stored conversations of a running Rasa, reached through its own tracker store and locks."""

import asyncio
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore, TrackerStore

_PROBE = "readiness-probe"


class NoDurableStoreError(Exception):
    """Conversations are kept in memory only, or in a store this project does not know."""


def write_fault(agent: Agent) -> Optional[str]:
    """Why the primary tracker store cannot be written now, or nothing.

    Rasa itself never tells: when its database fails it goes on with a store in memory and answers 200.
    """
    try:
        store = _primary(agent)
        with store.session_scope() as session:
            session.add(store.SQLEvent(sender_id=_PROBE, type_name="probe", data="{}"))
            session.flush()
            session.rollback()
    except NoDurableStoreError:
        return "the tracker store is not a database"
    except sa.exc.SQLAlchemyError as error:
        return f"the tracker store cannot be written: {type(error).__name__}"
    return None


async def events(agent: Agent, conversation_id: str) -> List[Dict[str, Any]]:
    """Every stored event of one conversation, oldest first; empty when there is none."""
    tracker = await _primary(agent).retrieve_full_tracker(conversation_id)
    return [event.as_dict() for event in tracker.events] if tracker else []


async def delete(agent: Agent, conversation_id: str) -> int:
    """Deletes one conversation whole, after the turn in flight has ended.

    Rasa counts the rows of a session to know which events are new. Deleting some of them would make it store events
    twice, so that there is no way to delete less than a conversation.

    Returns:
        How many rows there were.
    """
    store = _primary(agent)
    async with agent.lock_store.lock(conversation_id):
        _forget_copies(agent.tracker_store, conversation_id)
        return await asyncio.to_thread(_delete_rows, store, conversation_id)


def _delete_rows(store: SQLTrackerStore, conversation_id: str) -> int:
    with store.session_scope() as session:
        if store.engine.dialect.name == "sqlite":
            # Otherwise the words stay readable in the free pages of the file.
            session.execute(sa.text("PRAGMA secure_delete = ON"))
        deleted = session.query(store.SQLEvent).filter_by(sender_id=conversation_id).delete()
        session.commit()
        return int(deleted)


def _primary(agent: Agent) -> SQLTrackerStore:
    store = agent.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        store = store._tracker_store  # noqa: SLF001 - Rasa offers no other way to the store behind the fallback
    if not isinstance(store, SQLTrackerStore):
        raise NoDurableStoreError
    return store


def _forget_copies(store: TrackerStore, conversation_id: str) -> None:
    # A turn that fell into the fallback store while the database was away left a copy there.
    fallback = getattr(store, "_fallback_tracker_store", None)
    if isinstance(fallback, InMemoryTrackerStore):
        fallback.store.pop(conversation_id, None)
