"""Presses of buttons: each post of ours is answered once, by the member it was for, and then shows what was chosen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.channels import inward, taps
from bot.channels.asides import Aside
from bot.channels.gateway import Gateway
from bot.channels.intake import InboundEvent
from bot.channels.slack.places import CHANNEL, Place, is_direct, message_id, moment, user_of
from bot.channels.taps import Tap
from bot.storage import conversations, inbox, outbox
from bot.storage.conversations import Sender
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation, Inbound, Member

PRESSED = "pressed"
"""The kind of an outbox row that takes the buttons from a post; its body names post, turn and choice."""

ERASE = "erase"
"""The kind of an outbox row that deletes what a person said; its body names the post with the button."""


@dataclass(frozen=True)
class Press:
    """One tap as Slack tells it: `value` is what the button brought back, `ts` names the post it stands on."""

    place: Place
    ts: str
    value: str
    action_ts: str

    def event(self, user_key: str, *, choice: str | None = None, only: bool = False) -> InboundEvent:
        """The inbox's event; a tap is known again by who tapped and the moment Slack gave it."""
        return InboundEvent(
            channel=CHANNEL,
            event_id=f"{self.place.user}:{self.action_ts}",
            user_key=user_key,
            choice=choice,
            reply=self.place.reply(only=only and not is_direct(self.place.channel)),
            occurred_at=moment(self.action_ts),
            message_id=message_id(self.place.channel, self.ts),
        )


@dataclass(frozen=True)
class _Issued:
    """A choice that was shown: to whom, in which turn's answer, whether it still counts, whether its post is used."""

    user_key: str
    member_id: str
    turn_id: str
    counts: bool
    is_used: bool


async def press(gateway: Gateway, pressed: Press) -> None:
    """Takes a tap on a choice; when this returns it may be acknowledged."""
    # Two taps at once on one post are one after the other, so that the second finds the post used.
    async with gateway.locks.of(f"slack:{message_id(pressed.place.channel, pressed.ts)}"):
        issued = await asyncio.to_thread(_issued, gateway, pressed)
        if issued is None:
            await inward.put_aside(gateway, pressed.event(pressed.place.user_key, only=True), Aside.CHOICE_GONE)
            await asyncio.to_thread(_take_buttons, gateway, pressed, None)
        elif user_of(issued.user_key) != pressed.place.user:
            await inward.put_aside(gateway, pressed.event(pressed.place.user_key, only=True), Aside.NOT_YOURS)
        elif issued.is_used:
            await inward.pass_by(gateway, pressed.event(issued.user_key))
        elif not issued.counts:
            await inward.put_aside(gateway, pressed.event(issued.user_key, only=True), Aside.CHOICE_GONE)
            await asyncio.to_thread(_take_buttons, gateway, pressed, issued)
        else:
            await _take(gateway, pressed, issued)


async def tap(gateway: Gateway, pressed: Press) -> None:
    """Takes a tap on a button that the gateway answers itself; anybody else's than the member's does nothing."""
    user_key = pressed.place.user_key
    if taps.read(gateway, CHANNEL, user_key, pressed.value) is not Tap.ERASE:
        await inward.put_aside(gateway, pressed.event(user_key, only=True), Aside.NOT_YOURS)
        return

    body = {"reply": pressed.place.reply()}

    def enqueue(session: Session, now: datetime) -> None:
        member = _member(session, gateway, user_key)
        if member is not None:
            _enqueue(session, gateway, pressed, kind=ERASE, recipient=member.id, body=body, now=now)

    await inward.pass_by(gateway, pressed.event(user_key), enqueue)
    gateway.outbox_filled.set()


async def _take(gateway: Gateway, pressed: Press, issued: _Issued) -> None:
    body = {"turn": issued.turn_id, "choice": pressed.value}

    def update(session: Session, _row: Inbound, now: datetime) -> None:
        _enqueue(session, gateway, pressed, kind=PRESSED, recipient=issued.member_id, body=body, now=now)

    event = pressed.event(issued.user_key, choice=pressed.value)
    accepted = await inward.accept(gateway, event, update)
    gateway.outbox_filled.set()
    inward.start(gateway, accepted)


def _issued(gateway: Gateway, pressed: Press) -> _Issued | None:
    with reading(gateway.engine) as session:
        choice = conversations.find_choice(session, pressed.value)
        if choice is None or choice.turn_id is None:
            return None
        conversation = session.get_one(Conversation, choice.conversation_id)
        member = session.get_one(Member, conversation.member_id)
        return _Issued(
            user_key=conversations.user_key(session, member.id, vault=gateway.vault),
            member_id=member.id,
            turn_id=choice.turn_id,
            counts=member.conversation_id == conversation.id,
            is_used=inbox.of_message(session, CHANNEL, message_id(pressed.place.channel, pressed.ts)) is not None,
        )


def _take_buttons(gateway: Gateway, pressed: Press, issued: _Issued | None) -> None:
    body = {"turn": issued.turn_id if issued else None, "choice": None}
    with transaction(gateway.engine) as session:
        recipient = issued.member_id if issued else ""
        _enqueue(session, gateway, pressed, kind=PRESSED, recipient=recipient, body=body, now=gateway.clock())
    gateway.outbox_filled.set()


def _enqueue(  # noqa: PLR0913 - a row of the outbox has this many facts
    session: Session,
    gateway: Gateway,
    pressed: Press,
    *,
    kind: str,
    recipient: str,
    body: dict[str, Any],
    now: datetime,
) -> None:
    post = {"channel": pressed.place.channel, "ts": pressed.ts}
    outbox.enqueue(
        session,
        controller=gateway.controller,
        channel=CHANNEL,
        recipient=recipient,
        kind=kind,
        body=body | {"role": "answer", "post": post},
        dedupe_key=f"{kind}:{message_id(pressed.place.channel, pressed.ts)}",
        now=now,
    )


def _member(session: Session, gateway: Gateway, user_key: str) -> Member | None:
    return conversations.find_member(session, Sender(gateway.controller, CHANNEL, user_key), vault=gateway.vault)
