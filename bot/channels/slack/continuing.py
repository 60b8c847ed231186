"""What must not be read by others goes on in a direct message: a request that somebody began in a channel.

The thread's conversation ends there and gives up what it had begun. What the member said or pressed is put to the
assistant once more in their direct conversation, which knows what they filed before.
"""

from __future__ import annotations

import asyncio

from bot.channels.gateway import Gateway
from bot.channels.intake import LONGEST_TEXT, InboundEvent, receive
from bot.channels.inward import start
from bot.channels.slack.places import CHANNEL, person_of, user_of
from bot.message import Message
from bot.register.drafts import drop_draft, open_drafts
from bot.storage import conversations, inbox
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation, Inbound, Member

_PRIVATE_KINDS = frozenset({"request", "receipt", "status"})


def may_be_public(message: Message) -> bool:
    """Whether others may read it: nothing of a request, no receipt and no page that only one person shall open."""
    return (
        message.kind not in _PRIVATE_KINDS
        and message.request is None
        and message.receipt is None
        and message.link is None
    )


async def continue_directly(gateway: Gateway, turn_id: str, user_key: str) -> None:
    """Puts this turn of a thread to the assistant again, in the direct conversation; once, however often it is called.

    Args:
        gateway: where it is stored.
        turn_id: a turn whose answer holds something that is not for others.
        user_key: whose turn it is.
    """
    event = await asyncio.to_thread(_again, gateway, turn_id, user_key)
    if event is None:
        return
    accepted = await receive(gateway, event)
    await asyncio.to_thread(_end_thread, gateway, turn_id)
    start(gateway, accepted if accepted.is_new else None)


def _again(gateway: Gateway, turn_id: str, user_key: str) -> InboundEvent | None:
    with reading(gateway.engine) as session:
        row = session.get_one(Inbound, turn_id)
        if row.sealed_event is None:  # deleted or taken back in the meantime
            return None
        body = inbox.open_body(row, gateway.vault)
        is_typed = body.door == "say"
        return InboundEvent(
            channel=CHANNEL,
            event_id=f"direct:{turn_id}",
            user_key=person_of(user_key),
            # What was masked may have grown by it.
            text=body.content[:LONGEST_TEXT] if is_typed else None,
            payload=None if is_typed else body.content,
            reply={"channel": user_of(user_key), "thread_ts": None},
            occurred_at=row.occurred_at,
        )


def _end_thread(gateway: Gateway, turn_id: str) -> None:
    now = gateway.clock()
    with transaction(gateway.engine) as session:
        conversation = session.get_one(Conversation, session.get_one(Inbound, turn_id).conversation_id)
        for draft in open_drafts(session, conversation.id, now=now):
            drop_draft(session, draft.id, now=now)
        member = session.get_one(Member, conversation.member_id, with_for_update=True)
        if member.conversation_id == conversation.id:
            conversations.forget_current(member)
