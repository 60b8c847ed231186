"""Buttons: what Rasa gets when one is pressed. Only the gateway may send these texts; members see opaque ids."""

from __future__ import annotations

import json

from actions import texts
from bot.message import Choice

LEAVE = "leave"
FILE = "file"
GO_ON = "go_on"
REWRITE = "rewrite"
TAKE_BACK = "take_back"
KEEP, ADD, REPLACE = "keep", "add", "replace"
SWITCHES = frozenset({KEEP, ADD, REPLACE})
ALL_SCOPES = "all"
NO_OPTION = "none"

_SEPARATOR = "+"


def press(title: str, step: str, value: str, *, draft: str | None = None, kinds: tuple[str, ...] = ()) -> Choice:
    """A button of a request's step."""
    values = {"step": step, "value": value, "draft": draft, "kind": join_kinds(kinds)}
    return Choice(title=title, payload=_payload("choose", values))


def leave(step: str) -> Choice:
    """The button that ends the running request with nothing filed; offered at every step."""
    return press(texts.CHOICE_LEAVE, step, LEAVE)


def begin_request(kinds: tuple[str, ...], *, title: str = texts.CHOICE_BEGIN, language: str | None = None) -> Choice:
    """The button that starts a request of these kinds; its first message says a line in `language` too."""
    values = {"kind": join_kinds(kinds), "language": language}
    return Choice(title=title, payload=_payload("open_request", values))


def ask_desk(message_id: str, *, title: str = texts.CHOICE_ASK_DESK, language: str | None = None) -> Choice:
    """The button that takes the question of this message to the desk."""
    return Choice(title=title, payload=_payload("inquiry", {"value": message_id, "language": language}))


def choose_option(title: str, question: str, message_id: str) -> Choice:
    """The button that answers an unclear question as if `question` had been asked."""
    return Choice(title=title, payload=_payload("ask_policy", {"option": question, "value": message_id}))


def join_kinds(kinds: tuple[str, ...]) -> str:
    """Several kinds as the one string that an entity can carry."""
    return _SEPARATOR.join(kinds)


def split_kinds(joined: str | None) -> tuple[str, ...]:
    """What `join_kinds` put together."""
    return tuple(kind for kind in (joined or "").split(_SEPARATOR) if kind)


def _payload(intent: str, values: dict[str, str | None]) -> str:
    given = {name: value for name, value in values.items() if value}
    # `/intent{}` would make Rasa warn about an unreadable rest.
    return f"/{intent}" + (json.dumps(given, ensure_ascii=False) if given else "")
