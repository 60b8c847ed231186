"""What Slack's events and taps are to us: a member's words, a press, words taken back, or nothing that is answered.

Two events are answered: a message in the direct conversation with the app, and a mention of the app in a channel. A
mention in a direct message comes as both, and the message is the one that counts.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck
from sqlalchemy.orm import Session

from bot.channels import deletion
from bot.channels.asides import Aside
from bot.channels.gateway import Gateway
from bot.channels.intake import InboundEvent
from bot.channels.inward import accept, enqueue_aside, pass_by, put_aside, start
from bot.channels.slack import presses
from bot.channels.slack.places import CHANNEL, Place, is_direct, message_id, moment
from bot.channels.slack.presses import Press
from bot.channels.slack.text import typed_text
from bot.storage import inbox
from bot.storage.engine import reading
from bot.storage.models import Inbound

# A person's message all the same: with a file, written as /me, or a thread's answer shown in the channel too.
_WRITTEN = frozenset({None, "file_share", "me_message", "thread_broadcast"})

_log = structlog.get_logger(__name__)


class Listeners:
    """Called by Bolt with what Slack signed; when one returns, the request is acknowledged."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def on_message(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """A message in a direct conversation, or that one was edited or deleted."""
        if not is_direct(event.get("channel", "")) or event.get("channel_type") != "im":
            await self.on_other(event, body)
        elif event.get("subtype") == "message_deleted":
            await self._on_deleted(event, body)
        elif _is_by_member(event, body):
            await self._take(event, body, thread=event.get("thread_ts"))
        else:
            await self.on_other(event, body)

    async def on_mention(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """A message in a channel that names the app; it is answered in its thread."""
        if is_direct(event.get("channel", "")) or not _is_by_member(event, body):
            await self.on_other(event, body)
        else:
            await self._take(event, body, thread=event.get("thread_ts") or event["ts"])

    async def on_other(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Anything else is noted and not answered."""
        await pass_by(self._gateway, _event(event, body))
        _log.info("slack_event_ignored", type=event.get("type"))

    async def on_choice(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        """A press of a choice."""
        await presses.press(self._gateway, _press(body, action))
        await ack()

    async def on_tap(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        """A press of a button that the gateway answers itself."""
        await presses.tap(self._gateway, _press(body, action))
        await ack()

    async def on_other_action(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        """A button that opened a page, or one of another making."""
        pressed = _press(body, action)
        await pass_by(self._gateway, pressed.event(pressed.place.user_key))
        await ack()

    async def _take(self, event: dict[str, Any], body: dict[str, Any], *, thread: str | None) -> None:
        place = Place(body["team_id"], event["user"], event["channel"], thread)
        text = typed_text(event.get("text") or "", me=_own_id(body))
        inbound = _event(event, body, place=place, text=text or None)
        # Several events can tell of one message; at once they come one after the other.
        async with self._gateway.locks.of(f"slack:{inbound.message_id}"):
            if await asyncio.to_thread(self._was_taken, inbound):
                await pass_by(self._gateway, replace(inbound, message_id=None))
            elif text:
                along = partial(self._along, inbound, has_files=bool(event.get("files")))
                start(self._gateway, await accept(self._gateway, inbound, along))
            else:
                # It is no turn, so there is nothing that could be taken back.
                unread = Aside.FILE if event.get("files") else Aside.TEXT_ONLY
                await put_aside(self._gateway, replace(inbound, message_id=None), unread)

    def _was_taken(self, inbound: InboundEvent) -> bool:
        with reading(self._gateway.engine) as session:
            row = inbox.of_message(session, CHANNEL, inbound.message_id or "")
            return row is not None and row.event_id != inbound.event_id

    def _along(self, event: InboundEvent, session: Session, row: Inbound, now: datetime, *, has_files: bool) -> None:
        if inbox.was_noted(session, CHANNEL, event.message_id or ""):
            self._empty(session, row, now)
        elif has_files:
            enqueue_aside(session, self._gateway, event, Aside.FILE, now=now)

    async def _on_deleted(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Whoever deletes their message takes it back, also when the deletion is heard of first."""
        taken_back = message_id(event["channel"], event["deleted_ts"])

        def empty(session: Session, now: datetime) -> None:
            row = inbox.of_message(session, CHANNEL, taken_back)
            if row is not None and row.sealed_event is not None:
                self._empty(session, row, now)

        await pass_by(self._gateway, replace(_event(event, body), message_id=taken_back), empty)

    def _empty(self, session: Session, row: Inbound, now: datetime) -> None:
        deletion.take_back(session, self._gateway, row, now=now)


def _event(
    event: dict[str, Any], body: dict[str, Any], *, place: Place | None = None, text: str | None = None
) -> InboundEvent:
    return InboundEvent(
        channel=CHANNEL,
        event_id=body["event_id"],
        user_key=place.user_key if place else None,
        text=text,
        reply=place.reply() if place else None,
        occurred_at=moment(event.get("event_ts") or event.get("ts") or body.get("event_time")),
        message_id=message_id(place.channel, event["ts"]) if place else None,
    )


def _press(body: dict[str, Any], action: dict[str, Any]) -> Press:
    message = body.get("message") or {}
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id", "")
    place = Place((body.get("team") or body["user"])["id"], body["user"]["id"], channel, message.get("thread_ts"))
    return Press(
        place, message.get("ts") or container.get("message_ts", ""), action.get("value", ""), action["action_ts"]
    )


def _is_by_member(event: dict[str, Any], body: dict[str, Any]) -> bool:
    """Whether a person wrote this: not an edit, a system message, another app or this one."""
    author = event.get("user")
    is_written = event.get("subtype") in _WRITTEN and "bot_id" not in event
    return bool(author) and is_written and author != _own_id(body)


def _own_id(body: dict[str, Any]) -> str:
    return next((entry["user_id"] for entry in body.get("authorizations") or () if entry.get("is_bot")), "")
