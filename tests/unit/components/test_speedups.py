from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rasa.version
from rasa.core.actions.action import RemoteAction
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components import speedups


def test_the_patches_were_made_for_this_version() -> None:
    assert rasa.version.__version__ == speedups.KNOWN_VERSION, "measure and check the patches against this Rasa again"


def test_another_version_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasa.version, "__version__", "3.6.22")
    before = RemoteAction._validate_action_result
    assert not speedups.install()
    assert RemoteAction._validate_action_result is before


@pytest.fixture
def action() -> RemoteAction:
    assert speedups.install()
    assert speedups.install()
    return RemoteAction("action_answer", None)


def test_a_good_answer_of_an_action_passes(action: RemoteAction) -> None:
    assert action._validate_action_result({"events": [{"event": "slot", "name": "a", "value": 1}], "responses": []})


def test_a_bad_answer_of_an_action_is_refused(action: RemoteAction) -> None:
    with pytest.raises(jsonschema.ValidationError):
        action._validate_action_result({"events": [{"name": "no event"}], "responses": []})


@pytest.mark.usefixtures("action")
def test_event_classes_are_found_once() -> None:
    assert Event.resolve_by_type("slot") is SlotSet
    cached: Any = Event.resolve_by_type
    hits = cached.cache_info().hits
    assert Event.resolve_by_type("slot") is SlotSet
    assert cached.cache_info().hits == hits + 1
    with pytest.raises(ValueError, match="Unknown event name"):
        Event.resolve_by_type("no_such_event")


def test_an_action_is_told_what_was_said_and_not_what_was_made_of_it(action: RemoteAction) -> None:
    said = [UserUttered("口座番号は？", {"name": "ask_policy"}, message_id="m1"), BotUttered("はい")]
    tracker = DialogueStateTracker.from_events("c1", [*said, UserUttered("期間は？", message_id="m2")])
    call = action._action_call_format(tracker, Domain.empty())
    assert call["next_action"] == "action_answer"
    assert call["domain"] == {}
    assert call["tracker"]["latest_message"]["text"] == "期間は？"
    assert call["tracker"]["events"] == [
        {"event": "user", "text": "口座番号は？", "message_id": "m1"},
        {"event": "user", "text": "期間は？", "message_id": "m2"},
    ]


@pytest.mark.usefixtures("action")
def test_a_tracker_on_sqlite_waits_for_the_disk_once_a_commit(tmp_path: Path) -> None:
    store = SQLTrackerStore(Domain.empty(), host=f"sqlite:///{tmp_path}/tracker.db")
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    store.engine.dispose()
