"""From a platform's webhook to a turn that runs: stored when this returns, answered later."""

from __future__ import annotations

import asyncio

import structlog

from bot.channels import dispatcher
from bot.channels.asides import Aside
from bot.channels.gateway import Gateway
from bot.channels.intake import Accepted, ChoiceIsUnknownError, InboundEvent, TextIsUnusableError, receive
from bot.storage import outbox
from bot.storage.engine import transaction
from bot.storage.inbox import EventHasAnotherBodyError

ASIDE = "aside"
"""The kind of an outbox row whose text is fixed; its body names the code and how to reply."""

_log = structlog.get_logger(__name__)
_running: set[asyncio.Task[None]] = set()


async def take(gateway: Gateway, event: InboundEvent) -> None:
    """Stores the event and starts its turn; what cannot be a turn gets a short answer instead.

    When this returns the event may be acknowledged. A turn that does not live to its end is taken up by the jobs.
    """
    try:
        accepted = await receive(gateway, event)
    except TextIsUnusableError:
        await put_aside(gateway, event, Aside.TEXT_UNUSABLE)
    except ChoiceIsUnknownError:
        await put_aside(gateway, event, Aside.CHOICE_GONE)
    except EventHasAnotherBodyError:
        _log.warning("event_id_reused", channel=event.channel, event_id=event.event_id)
    else:
        if accepted.is_new:
            _start(gateway, accepted)


async def put_aside(gateway: Gateway, event: InboundEvent, aside: Aside) -> None:
    """Notes that the event gets this fixed answer; once, however often the event comes."""
    await asyncio.to_thread(_store, gateway, event, aside)
    gateway.outbox_filled.set()


def _store(gateway: Gateway, event: InboundEvent, aside: Aside) -> None:
    with transaction(gateway.engine) as session:
        outbox.enqueue(
            session,
            controller=gateway.controller,
            channel=event.channel,
            # The event may be the first that is seen of a person, so there is nobody to look up; `reply` says where.
            recipient="",
            kind=ASIDE,
            body={"aside": aside.value, "reply": event.reply},
            dedupe_key=f"{ASIDE}:{event.channel}:{event.event_id}",
            now=gateway.clock(),
        )


def _start(gateway: Gateway, accepted: Accepted) -> None:
    turn = asyncio.create_task(dispatcher.answer(gateway, accepted.turn_id, accepted.conversation_id))
    # The loop itself holds tasks only weakly.
    _running.add(turn)
    turn.add_done_callback(_running.discard)
