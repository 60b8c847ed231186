"""From a platform's webhook to a turn that runs: stored when this returns, answered later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.channels import dispatcher
from bot.channels.asides import Aside
from bot.channels.gateway import Gateway
from bot.channels.intake import (
    Accepted,
    Along,
    Also,
    ChoiceIsUnknownError,
    InboundEvent,
    TextIsUnusableError,
    note,
    receive,
)
from bot.channels.rates.members import may_be_told, may_speak
from bot.errors import UnavailableError
from bot.storage import conversations, outbox
from bot.storage.conversations import Sender
from bot.storage.inbox import EventHasAnotherBodyError


class StoringIsSlowError(UnavailableError):
    """An event was not stored in the platform's time; it comes again."""


ASIDE = "aside"
"""The kind of an outbox row whose text is fixed; its body names the code and how to reply."""

_log = structlog.get_logger(__name__)
_running: set[asyncio.Task[None]] = set()


@asynccontextmanager
async def in_time(seconds: float) -> AsyncIterator[None]:
    """Gives up on the block when the platform is about to: what is asked to come again is told so, not left waiting.

    What a thread has begun to store may still be stored. Then the next delivery is known, and the turn runs when it is
    due.

    Raises:
        StoringIsSlowError: the block took longer.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise StoringIsSlowError(f"an event could not be stored within {seconds} s") from None


async def accept(gateway: Gateway, event: InboundEvent, along: Along | None = None) -> Accepted | None:
    """Stores the event, and gives its turn if there is one to start; what cannot be a turn gets a short answer instead.

    When this returns the event may be acknowledged. A turn that does not live to its end is taken up by the jobs.
    Where one webhook brings several events, all are stored before the first is started, so that their turns run in
    the order of the platform's time.
    """
    if not await may_speak(gateway, event):
        # It is noted like any other, so that it is known when it is delivered again.
        unread = replace(event, message_id=None)
        if await may_be_told(gateway, event):
            await put_aside(gateway, unread, Aside.TOO_MANY)
        else:
            await pass_by(gateway, unread)
        return None
    try:
        accepted = await receive(gateway, event, along)
    except TextIsUnusableError:
        await put_aside(gateway, event, Aside.TEXT_UNUSABLE)
    except ChoiceIsUnknownError:
        await put_aside(gateway, event, Aside.CHOICE_GONE)
    except EventHasAnotherBodyError:
        _warn_of_reuse(event)
    else:
        return accepted if accepted.is_new else None
    return None


def start(gateway: Gateway, accepted: Accepted | None) -> None:
    """Runs the turn that was accepted, if there is one, without waiting for it."""
    if accepted is None:
        return
    turn = asyncio.create_task(dispatcher.answer(gateway, accepted.turn_id, accepted.conversation_id))
    # The loop itself holds tasks only weakly.
    _running.add(turn)
    turn.add_done_callback(_running.discard)


async def put_aside(gateway: Gateway, event: InboundEvent, aside: Aside, first: Also | None = None) -> None:
    """Notes the event, and that it gets this fixed answer; once, however often it comes.

    Args:
        gateway: whose database keeps it.
        event: what came.
        aside: which answer.
        first: what follows before, in the same transaction.
    """

    def enqueue(session: Session, now: datetime) -> None:
        if first is not None:
            first(session, now)
        enqueue_aside(session, gateway, event, aside, now=now)

    await pass_by(gateway, event, enqueue)
    gateway.outbox_filled.set()


def enqueue_aside(session: Session, gateway: Gateway, event: InboundEvent, aside: Aside, *, now: datetime) -> None:
    """Has this fixed answer sent to whoever the event came from."""
    outbox.enqueue(
        session,
        controller=gateway.controller,
        channel=event.channel,
        # The event may be the first that is seen of a person, and then there is nobody to look up; `reply` says
        # where it goes.
        recipient=_member_id(session, gateway, event),
        kind=ASIDE,
        body={"aside": aside.value, "reply": event.reply},
        dedupe_key=f"{ASIDE}:{event.channel}:{event.event_id}",
        now=now,
    )


async def pass_by(gateway: Gateway, event: InboundEvent, also: Also | None = None) -> None:
    """Notes an event that is no turn, with what follows from it; once, however often it comes."""
    try:
        await note(gateway, event, also)
    except EventHasAnotherBodyError:
        _warn_of_reuse(event)


def _member_id(session: Session, gateway: Gateway, event: InboundEvent) -> str:
    if event.user_key is None:
        return ""
    sender = Sender(gateway.controller, event.channel, event.user_key)
    member = conversations.find_member(session, sender, vault=gateway.vault)
    return "" if member is None else member.id


def _warn_of_reuse(event: InboundEvent) -> None:
    _log.warning("event_id_reused", channel=event.channel, event_id=event.event_id)
