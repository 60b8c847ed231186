"""The question that the last answer left open: an id in the slot of the answer's context, never its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KEY = "asked"

Context = dict[str, Any]


def remembered(context: Mapping[str, Any] | None, message_id: str) -> Context:
    """The context of the next turn, with the message whose question is open."""
    return {**(context or {}), _KEY: message_id}


def open_question(context: Mapping[str, Any] | None) -> str | None:
    """Id of the message whose question the last answer left open."""
    asked = (context or {}).get(_KEY)
    return asked if isinstance(asked, str) and asked else None


def forgotten(context: Context | None) -> Context | None:
    """The context without it: once the question is on its way to the desk, 「聞いて」 no longer means it."""
    return None if context is None else {name: value for name, value in context.items() if name != _KEY}
