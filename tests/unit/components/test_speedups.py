from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import rasa.version
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, SlotSet

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
