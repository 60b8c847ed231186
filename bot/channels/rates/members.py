"""Limits of one person on LINE or Slack, where a server of the platform connects for everybody."""

from __future__ import annotations

import asyncio

import structlog

from bot.channels.gateway import Gateway
from bot.channels.intake import InboundEvent
from bot.channels.rates.limit import Limit, LimitIsReachedError
from bot.channels.slack import places
from bot.storage import inbox
from bot.storage.engine import reading

log = structlog.get_logger()


async def may_speak(gateway: Gateway, event: InboundEvent) -> bool:
    """Counts what a member sent, unless that would be one too many; what came before is not counted again.

    What is refused is acknowledged and becomes no turn: to answer a flood later would be no help to whoever sent it.
    """
    if event.user_key is None or await asyncio.to_thread(_is_known, gateway, event):
        return True
    try:
        await gateway.limiter.admit((Limit.MEMBER_MESSAGES, _key(gateway, event)))
    except LimitIsReachedError:
        log.info("member_over_limit", channel=event.channel, event_id=event.event_id)
        return False
    return True


async def may_be_told(gateway: Gateway, event: InboundEvent) -> bool:
    """Whether a member who is over the limit is told so now: once a minute."""
    return await gateway.limiter.is_first(_key(gateway, event))


def _key(gateway: Gateway, event: InboundEvent) -> str:
    # A thread of Slack is a conversation of its own; whoever opens many is still one person.
    is_on_slack = event.channel == places.CHANNEL
    person = places.person_of(event.user_key or "") if is_on_slack else event.user_key
    return gateway.vault.keyed_hash(f"{event.channel}\x00{person}", purpose="rate_member")


def _is_known(gateway: Gateway, event: InboundEvent) -> bool:
    # Platforms deliver again what they think was lost.
    with reading(gateway.engine) as session:
        return inbox.has_come(session, event.channel, event.event_id)
