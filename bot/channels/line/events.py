"""LINE's webhook events, read without trust in their shape: LINE adds fields and events without notice.

https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_ID = re.compile(r"[!-~]{1,200}")
_LONGEST_MESSAGE_ID = 100


@dataclass(frozen=True, kw_only=True)
class LineEvent:
    """One event; what it does not have is empty.

    Attributes:
        id: `webhookEventId`, by which a redelivery is known; of an event without one, a hash of the whole.
        kind: `message`, `postback`, `follow` …
        is_active: whether this bot shall answer: not while another module of the account has the chat.
        source: `user`, `group` or `room`.
        place_id: the id of the group or room.
        user_id: who did it, if LINE tells.
        at: LINE's own moment.
        reply_token: what answers it free of charge, once.
        message: the kind of the message: `text`, `sticker` …
        message_id: LINE's name of the message, also where it is taken back.
        text: what was typed.
        data: what a button sent.
        mentions_us: whether a message in a group speaks to this bot.
    """

    id: str
    kind: str
    is_active: bool
    source: str
    place_id: str
    user_id: str
    at: datetime | None
    reply_token: str
    message: str
    message_id: str
    text: str
    data: str
    mentions_us: bool


def read_event(raw: object, *, hashed: Callable[[str], str]) -> LineEvent | None:
    """The event; None for what is no object at all.

    Args:
        raw: one element of the webhook's `events`.
        hashed: gives an event its name that has no usable one of its own.
    """
    if not isinstance(raw, dict):
        return None
    source, message = _object(raw, "source"), _object(raw, "message")
    kind = _text(raw, "type")
    event_id = _text(raw, "webhookEventId")
    named = message if kind == "message" else _object(raw, "unsend")
    message_id = _text(named, "messageId" if kind == "unsend" else "id")
    return LineEvent(
        id=event_id if _ID.fullmatch(event_id) else hashed(json.dumps(raw, sort_keys=True)),
        kind=kind,
        is_active=_text(raw, "mode") == "active",
        source=_text(source, "type"),
        place_id=_name(source, "groupId") or _name(source, "roomId"),
        user_id=_name(source, "userId"),
        at=_moment(raw.get("timestamp")),
        reply_token=_name(raw, "replyToken"),
        message=_text(message, "type"),
        message_id=message_id if _ID.fullmatch(message_id) and len(message_id) <= _LONGEST_MESSAGE_ID else "",
        text=_text(message, "text"),
        data=_text(_object(raw, "postback"), "data"),
        mentions_us=_mentions_us(message),
    )


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _name(value: dict[str, Any], name: str) -> str:
    """One of LINE's ids: what could be none is empty, so that nothing is kept under it."""
    found = _text(value, name)
    return found if _ID.fullmatch(found) else ""


def _moment(milliseconds: object) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _mentions_us(message: dict[str, Any]) -> bool:
    mentionees = _object(message, "mention").get("mentionees")
    if not isinstance(mentionees, list):
        return False
    return any(isinstance(one, dict) and one.get("isSelf") is True for one in mentionees)
