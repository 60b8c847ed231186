from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from actions.registry import HANDLERS
from bot.message import Message
from tests.support.talk import ACTIONS

PAYLOAD_ONLY = {"choose", "details_received"}


def domain() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    return loaded


def rules() -> dict[str, str]:
    """Intent to action, as data/rules say."""
    found: dict[str, str] = {}
    for path in sorted(Path("data/rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            (intent, action) = rule["steps"]
            assert intent["intent"] not in found, f"two rules for {intent['intent']}"
            found[intent["intent"]] = action["action"]
    return found


def test_every_intent_has_one_rule_with_one_action() -> None:
    assert set(rules()) == set(domain()["intents"])


def test_every_action_has_a_handler_and_a_rule() -> None:
    assert set(domain()["actions"]) == set(HANDLERS) == set(rules().values())


def test_the_tests_driver_follows_the_rules() -> None:
    assert {intent: ACTIONS.get(intent, "action_smalltalk") for intent in rules()} == rules()


def test_payload_only_intents_have_no_examples() -> None:
    intents = set()
    for path in Path("data/nlu").glob("*.yml"):
        intents |= {block["intent"] for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]}
    assert intents == set(domain()["intents"]) - PAYLOAD_ONLY - {"nlu_fallback"}


def test_every_response_is_one_typed_message() -> None:
    for name, variations in domain()["responses"].items():
        assert len(variations) == 1, name
        assert set(variations[0]) == {"custom"}, name
        Message.model_validate(variations[0]["custom"])


def test_slots_and_entities_decide_nothing() -> None:
    loaded = domain()
    assert all(slot["influence_conversation"] is False for slot in loaded["slots"].values())
    assert all(facts == {"influence_conversation": False} for entity in loaded["entities"] for facts in entity.values())


def test_rasa_never_cuts_a_conversation() -> None:
    assert domain()["session_config"]["session_expiration_time"] == 0
