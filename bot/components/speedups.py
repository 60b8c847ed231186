"""Measured patches of Rasa 3.6.21: an action turn costs a fifth of what it costs without them.

They keep Rasa's behaviour towards members. They replace private parts of one exact version, so that any other version
is left alone.
"""

import logging
import sqlite3
from functools import lru_cache
from typing import Any, Dict, Union

import jsonschema
import rasa.version
import sqlalchemy as sa
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from rasa.core import tracker_store
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

KNOWN_VERSION = "3.6.21"

_log = logging.getLogger(__name__)
_rasas_engine_options = tracker_store.create_engine_kwargs


def install() -> bool:
    """Patches Rasa, once.

    Returns:
        Whether the patches are in place; with another version nothing is touched.
    """
    if rasa.version.__version__ != KNOWN_VERSION:
        _log.warning("speedups_left_out: rasa is %s, known is %s", rasa.version.__version__, KNOWN_VERSION)
        return False
    if not hasattr(Event.resolve_by_type, "cache_info"):
        # Rasa walks every subclass of Event for every stored event of the session, on every turn.
        Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))  # type: ignore[method-assign] # the patch itself
        RemoteAction._validate_action_result = _validate_action_result  # type: ignore[method-assign, assignment] # noqa: SLF001 - the patch itself
        RemoteAction._action_call_format = _action_call  # type: ignore[method-assign, assignment] # noqa: SLF001 - the patch itself
        tracker_store.create_engine_kwargs = _engine_options
        sa.event.listen(sa.engine.Engine, "connect", _prepare_sqlite)
    return True


def _validate_action_result(_self: RemoteAction, result: Dict[str, Any]) -> bool:
    """Checks what an action returned, as Rasa does.

    Raises:
        jsonschema.ValidationError: the answer does not have the agreed form.
    """
    error = best_match(_response_validator().iter_errors(result))
    if error is not None:
        raise error
    return True


def _action_call(self: RemoteAction, tracker: DialogueStateTracker, _domain: Domain) -> Dict[str, Any]:
    """What an action of ours is told: the tracker as it stands, and of its events what the member said.

    Rasa sends every event with all that was ever made of it, and the whole domain, so that a long conversation would
    cost more with every turn. Our actions read the newest message, the slots and earlier texts by their ids.
    """
    state = tracker.current_state(EventVerbosity.NONE)
    said = (event for event in tracker.events if isinstance(event, UserUttered))
    state["events"] = [{"event": "user", "text": event.text, "message_id": event.message_id} for event in said]
    return {
        "next_action": self.name(),
        "sender_id": tracker.sender_id,
        "tracker": state,
        "version": rasa.version.__version__,
        "domain": {},
    }


def _engine_options(url: Union[str, sa.engine.URL]) -> Dict[str, Any]:
    """As Rasa's own, but connections to an SQLite file stay open: a turn asks three times."""
    if sa.engine.make_url(url).get_backend_name() != "sqlite":
        return _rasas_engine_options(url)
    return {"poolclass": sa.pool.QueuePool, "connect_args": {"check_same_thread": False}}


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    # A commit waits for the disk once instead of three times, and is as safe: synchronous stays FULL.
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")


@lru_cache(maxsize=1)
def _response_validator() -> Validator:
    # Rasa checks this constant schema against its own schema before every use, which takes most of an action turn.
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
