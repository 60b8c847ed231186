"""The manifest that an owner pastes asks for exactly what the code uses: no scope and no event more or less."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels.slack.webhook import PATHS

_ROOT = Path(__file__).resolve().parents[4]

# https://docs.slack.dev/reference/methods and https://docs.slack.dev/reference/events; in a direct conversation the
# two that read need no more than what the event `message.im` needs anyway.
_SCOPES = {
    "chat_postMessage": "chat:write",
    "chat_postEphemeral": "chat:write",
    "chat_update": "chat:write",
    "conversations_open": "im:write",
    "conversations_history": "im:history",
    "conversations_replies": "im:history",
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
}


@pytest.fixture
def manifest() -> dict[str, Any]:
    text = (_ROOT / "docs" / "slack_manifest.example.yml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def _source() -> str:
    return "\n".join(path.read_text("utf-8") for path in (_ROOT / "bot" / "channels" / "slack").glob("*.py"))


def test_the_scopes_are_those_of_what_is_called_and_heard(manifest: dict[str, Any]) -> None:
    called = set(re.findall(r"api\.([a-z]+_[a-zA-Z]+)", _source()))
    heard = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert called <= set(_SCOPES)
    assert len(scopes) == len(set(scopes))
    assert set(scopes) == {_SCOPES[use] for use in called | heard}


def test_the_events_are_those_that_are_answered(manifest: dict[str, Any]) -> None:
    listened = set(re.findall(r'app\.event\("([a-z_]+)"\)', _source()))
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert {event.partition(".")[0] for event in events} == listened
    assert events == ["app_mention", "message.im"]


def test_the_addresses_are_the_routes(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    urls = [settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]]
    assert urls == [f"https://chat.example.jp{path}" for path in PATHS]
    assert not settings["socket_mode_enabled"]
