"""The way in, the same for every channel: clean, mask, find the conversation, store; only then acknowledge."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.channels.masking.mask import Masked, mask
from bot.crash_points import CrashPoint, crash_point
from bot.errors import BadInputError
from bot.register import requests
from bot.spans import span, traceparent
from bot.storage import conversations, inbox, transcript
from bot.storage.conversations import Sender
from bot.storage.engine import transaction
from bot.storage.inbox import Event, TurnBody
from bot.storage.models import Conversation, Inbound, IssuedChoice, Member

LONGEST_TEXT = 1000
_GRACE_SECONDS = 5.0
_REPLACEMENT = "\ufffd"
_UNSEEN = ("Cc", "Cf")
_KEPT = "\n\t\u200c\u200d"
_T = TypeVar("_T")


class TextIsUnusableError(BadInputError):
    """The text is empty or too long; the message says which, for the member to read."""


class ChoiceIsUnknownError(BadInputError):
    """The choice was not issued in this conversation."""


class SenderIsUnknownError(BadInputError):
    """This web session does not exist (any more)."""


@dataclass(frozen=True, kw_only=True)
class InboundEvent:
    """One thing that happened on a channel: exactly one of `text`, `choice` and `payload` is given.

    Attributes:
        channel: `web`, `line`, `slack`, or `system` for what this project itself reports.
        event_id: the channel's own id of the event; unique on the channel.
        user_key: the platform's user id, or the token of a web session; for `system` only `conversation_id` says where.
        text: what a person typed.
        choice: the opaque id of a choice that was shown.
        payload: only from this project itself: what Rasa gets, such as `/details_received{…}`.
        conversation_id: where a payload belongs whose member is not named.
        reply: what the channel needs to answer this very event, such as a reply token.
        occurred_at: the platform's own moment, by which turns are ordered; None where there is none but ours.
        message_id: the platform's name of the message, by which the member can take it back.
    """

    channel: str
    event_id: str
    user_key: str | None = None
    text: str | None = None
    choice: str | None = None
    payload: str | None = None
    conversation_id: str | None = None
    reply: dict[str, Any] | None = None
    occurred_at: datetime | None = None
    message_id: str | None = None


Also = Callable[[Session, datetime], None]
"""What else happens when an event is noted, in its transaction: gets the session and the present moment."""


Along = Callable[[Session, Inbound, datetime], None]
"""What else happens when a turn is stored, in its transaction: gets the session, the turn's row, the present moment."""


@dataclass(frozen=True)
class Accepted:
    """The event is stored; `is_new` is False when it had been before."""

    turn_id: str
    conversation_id: str
    is_new: bool


async def receive(gateway: Gateway, event: InboundEvent, along: Along | None = None) -> Accepted:
    """Stores an event, masked, with what follows from it, and says where; then it may be acknowledged.

    Raises:
        TextIsUnusableError: nothing is left of the text, or it is too long.
        ChoiceIsUnknownError: the choice was not issued in the sender's conversation.
        SenderIsUnknownError: a web session that does not exist.
        EventHasAnotherBodyError: the same event id came before with other content.
    """
    masked = None if event.text is None else mask(clean(event.text), spared=gateway.spared)
    if masked is not None and masked.sorts:
        gateway.metrics.masked.inc(len(masked.sorts))
    with span("inbox.store", kind="producer", channel=event.channel):
        try:
            return await _soon(gateway, _store, gateway, event, masked, along)
        except IntegrityError:
            # Somebody else stored the same event or the same new member in this very moment; now it can be found.
            return await _soon(gateway, _store, gateway, event, masked, along)


async def note(gateway: Gateway, event: InboundEvent, also: Also | None = None) -> bool:
    """Stores that an event came which is no turn, with what follows from it; it may be acknowledged then.

    Returns:
        Whether it was new; if it was not, nothing follows again.

    Raises:
        EventHasAnotherBodyError: the same event id came before with other content.
    """
    try:
        return await _soon(gateway, _note, gateway, event, also)
    except IntegrityError:
        return await _soon(gateway, _note, gateway, event, also)


async def _soon(gateway: Gateway, work: Callable[..., _T], *arguments: object) -> _T:
    """Runs it on a thread that is kept for this: the platform waits for the end, and sends again if that takes long."""
    here = copy_context()
    return await asyncio.get_running_loop().run_in_executor(gateway.receiving, partial(here.run, work, *arguments))


def clean(text: str) -> str:
    """The text without what no person types: control characters, characters that are not seen, halves of characters.

    Tags, soft hyphens, marks of writing direction and the like change how a text looks or what is found in it, and say
    nothing. The joiners stay, of which emoji and names in some scripts are made, and so do variants of kanji.

    Raises:
        TextIsUnusableError: nothing is left, or more than a message may have.
    """
    kept = (_REPLACEMENT if "\ud800" <= c <= "\udfff" else c for c in text.replace("\r\n", "\n"))
    cleaned = "".join(c for c in kept if c in _KEPT or unicodedata.category(c) not in _UNSEEN).strip()
    if not cleaned:
        raise TextIsUnusableError("メッセージが空です。ご質問やご要望を入力してください。")
    if len(cleaned) > LONGEST_TEXT:
        raise TextIsUnusableError(f"メッセージが長すぎます。{LONGEST_TEXT}文字以内でお送りください。")
    return cleaned


def _store(gateway: Gateway, event: InboundEvent, masked: Masked | None, along: Along | None) -> Accepted:
    now = gateway.clock()
    outer = _outer(gateway, event)
    with transaction(gateway.engine, urgent=True) as session:
        known = inbox.find(session, outer)
        if known is not None:
            return Accepted(known.id, known.conversation_id or "", is_new=False)
        conversation, body, shown = _place(session, gateway, event, masked, now)
        due = now + timedelta(seconds=gateway.settings.rasa_timeout + _GRACE_SECONDS)
        body = replace(body, trace=traceparent())
        row = inbox.add(session, outer, conversation, body, vault=gateway.vault, now=now, due=due)
        if shown is not None:
            _show_members_line(session, gateway, conversation, row, shown)
        if along is not None:
            along(session, row, now)
        crash_point(CrashPoint.INBOX_BEFORE_COMMIT)
    crash_point(CrashPoint.INBOX_AFTER_COMMIT)
    return Accepted(row.id, conversation.id, is_new=True)


def _note(gateway: Gateway, event: InboundEvent, also: Also | None) -> bool:
    now = gateway.clock()
    outer = _outer(gateway, event)
    with transaction(gateway.engine, urgent=True) as session:
        if inbox.find(session, outer) is not None:
            return False
        inbox.note(session, outer, controller=gateway.controller, now=now)
        if also is not None:
            also(session, now)
        return True


def _place(
    session: Session, gateway: Gateway, event: InboundEvent, masked: Masked | None, now: datetime
) -> tuple[Conversation, TurnBody, str | None]:
    """Where the event belongs, what Rasa gets of it, and what the member sees of it again."""
    if event.payload is not None and event.user_key is None:
        conversation = _living(session, event.conversation_id, now)
        return conversation, TurnBody("press", event.payload), None
    member = _member(session, gateway, event, now)
    if event.payload is not None:
        conversation = _conversation_for_words(session, gateway, member, now)
        return conversation, TurnBody("press", event.payload, reply=event.reply), None
    if event.choice is not None:
        conversation, choice = _issued(session, member, event.choice)
        conversations.count_turn(conversation, now=now)
        return conversation, TurnBody("press", choice.payload, reply=event.reply), choice.title
    if masked is None:
        raise ValueError(f"event {event.event_id} of {event.channel} has neither text, choice nor payload")
    conversation = _conversation_for_words(session, gateway, member, now)
    conversations.count_turn(conversation, now=now)
    return conversation, TurnBody("say", masked.asked, masked.sorts, event.reply), masked.text


def _member(session: Session, gateway: Gateway, event: InboundEvent, now: datetime) -> Member:
    sender = Sender(gateway.controller, event.channel, event.user_key or "")
    member = conversations.find_member(session, sender, vault=gateway.vault)
    if member is not None:
        return member
    if event.channel == "web":
        raise SenderIsUnknownError("there is no such session")
    return conversations.add_member(session, sender, vault=gateway.vault, now=now)


def _issued(session: Session, member: Member, choice_id: str) -> tuple[Conversation, IssuedChoice]:
    conversation = conversations.current(session, member)
    choice = conversations.find_choice(session, choice_id)
    if conversation is None or choice is None or choice.conversation_id != conversation.id:
        raise ChoiceIsUnknownError("この選択肢は、この会話では使えません。お手数ですが、文字でお送りください。")
    return conversation, choice


def _conversation_for_words(session: Session, gateway: Gateway, member: Member, now: datetime) -> Conversation:
    """The current conversation, or a new one that takes over what the last one had open."""
    conversation = conversations.current(session, member)
    if conversation is not None and not conversations.is_over(conversation, gateway.limits, now=now):
        return conversation
    return _begin(session, member, now)


def _begin(session: Session, member: Member, now: datetime) -> Conversation:
    last = conversations.latest(session, member)
    # What a test goes on in is a test.
    new = conversations.start(session, member, now=now, is_test=last is not None and last.is_test)
    if last is not None:
        requests.carry(session, last.id, new.id, now=now)
    return new


def _living(session: Session, conversation_id: str | None, now: datetime) -> Conversation:
    """Where a report of ours belongs: its conversation, or the member's present one when that was deleted."""
    conversation = session.get_one(Conversation, conversation_id)
    if conversation.deleted_at is None:
        return conversation
    member = session.get_one(Member, conversation.member_id, with_for_update=True)
    return conversations.current(session, member) or _begin(session, member, now)


def _show_members_line(session: Session, gateway: Gateway, conversation: Conversation, row: Inbound, text: str) -> None:
    line = transcript.NewLine("member", {"kind": "member", "text": text})
    transcript.append(session, conversation, [line], vault=gateway.vault, now=row.received_at, turn_id=row.id)


def _outer(gateway: Gateway, event: InboundEvent) -> Event:
    body_hash = _body_hash(gateway, event)
    return Event(event.channel, event.event_id, body_hash, event.occurred_at, event.message_id)


def _body_hash(gateway: Gateway, event: InboundEvent) -> str:
    content = f"{event.text}\x00{event.choice}\x00{event.payload}"
    # A lone half of a character cannot be encoded; for telling bodies apart its escape is as good.
    return gateway.vault.keyed_hash(content.encode("utf-8", "backslashreplace").decode(), purpose="inbox-body")
