"""The stored conversations of a running Rasa, reached through its own tracker store and locks."""

import asyncio
import json
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional

import sqlalchemy as sa
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore, TrackerStore

_PROBE = "readiness-probe"
_SECURE_DELETE = sa.text("PRAGMA secure_delete = ON")
# Whoever asks waits for three seconds, and is to hear of a lock, not to conclude that Rasa is away.
_PROBE_PATIENCE_MS = 1000
_PATIENCE = sa.text("PRAGMA busy_timeout")
_TRUNCATE = sa.text("PRAGMA wal_checkpoint(TRUNCATE)")


class NoDurableStoreError(Exception):
    """Conversations are kept in memory only, or in a store this project does not know."""


def write_fault(agent: Agent) -> Optional[str]:
    """Why the primary tracker store cannot be written now, or nothing.

    Rasa itself never tells: when its database fails it goes on with a store in memory and answers 200.
    """
    try:
        store = _primary(agent)
        row = sa.insert(store.SQLEvent).values(sender_id=_PROBE, type_name="probe", data="{}")
        with store.engine.connect() as connection, _impatient(connection), connection.begin() as probing:
            connection.execute(row)
            probing.rollback()
    except NoDurableStoreError:
        return "the tracker store is not a database"
    except sa.exc.SQLAlchemyError as error:
        return f"the tracker store cannot be written: {type(error).__name__}"
    return None


@contextmanager
def _impatient(connection: sa.engine.Connection) -> Iterator[None]:
    """Waits for SQLite's lock a moment only; a turn that gets this connection next has its patience back."""
    if connection.dialect.name != "sqlite":
        yield
        return
    patience = int(connection.execute(_PATIENCE).scalar() or 0)
    connection.execute(sa.text(f"PRAGMA busy_timeout = {_PROBE_PATIENCE_MS}"))
    try:
        yield
    finally:
        connection.execute(sa.text(f"PRAGMA busy_timeout = {patience}"))


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


async def blank(agent: Agent, conversation_id: str, turn_id: str) -> int:
    """Takes the words out of what a member said in one turn, after the turn in flight has ended.

    The rows stay, for the reason that `delete` gives; what they were taken for (the intent) stays too, so that the
    dialogue goes on from where it is. The turn is the one whose message came with `{"turn": turn_id}` as metadata.

    Returns:
        How many rows were blanked.
    """
    store = _primary(agent)
    async with agent.lock_store.lock(conversation_id):
        _forget_copies(agent.tracker_store, conversation_id)
        return await asyncio.to_thread(_blank_rows, store, conversation_id, turn_id)


def _blank_rows(store: SQLTrackerStore, conversation_id: str, turn_id: str) -> int:
    with store.session_scope() as session:
        if store.engine.dialect.name == "sqlite":
            session.execute(_SECURE_DELETE)
        rows = session.query(store.SQLEvent).filter_by(sender_id=conversation_id, type_name="user").all()
        said = [row for row in rows if _turn(row.data) == turn_id]
        for row in said:
            row.data = json.dumps(_without_words(json.loads(row.data)))
        session.commit()
    _empty_journal(store)
    return len(said)


def _turn(data: str) -> Optional[str]:
    return (json.loads(data).get("metadata") or {}).get("turn")


def _without_words(event: Dict[str, Any]) -> Dict[str, Any]:
    # Entities are slices of the text, and tokens tell its length word by word.
    taken_for = {key: value for key, value in event.get("parse_data", {}).items() if key != "text_tokens"}
    return {**event, "text": "", "parse_data": {**taken_for, "text": "", "entities": []}}


def _delete_rows(store: SQLTrackerStore, conversation_id: str) -> int:
    with store.session_scope() as session:
        if store.engine.dialect.name == "sqlite":
            # Otherwise the words stay readable in the free pages of the file.
            session.execute(_SECURE_DELETE)
        deleted = session.query(store.SQLEvent).filter_by(sender_id=conversation_id).delete()
        session.commit()
    _empty_journal(store)
    return int(deleted)


def _empty_journal(store: SQLTrackerStore) -> None:
    # Where the database keeps a write-ahead log, what was deleted stands there until it is emptied; in SQLite's own
    # mode this does nothing. A reader that is still at it leaves the log to the next deletion.
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as connection:
            connection.execute(_TRUNCATE)


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
