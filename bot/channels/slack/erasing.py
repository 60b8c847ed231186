"""会話を消す on Slack: whatever a person said here, in direct messages and in threads."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from bot.channels.deletion import delete_conversations
from bot.channels.gateway import Gateway
from bot.channels.slack.places import CHANNEL, person_of
from bot.storage import conversations
from bot.storage.conversations import Sender
from bot.storage.engine import reading
from bot.storage.models import Member


async def erase_all(gateway: Gateway, user_key: str) -> bool:
    """Deletes every conversation of the person behind this key; a second time changes nothing.

    Returns:
        Whether something is kept because it is held.

    Raises:
        LeaseIsTakenError: a turn is in flight for longer than a turn may take.
    """
    held = [
        await delete_conversations(gateway, Sender(gateway.controller, CHANNEL, key))
        for key in await asyncio.to_thread(_keys, gateway, person_of(user_key))
    ]
    return any(held)


def _keys(gateway: Gateway, person: str) -> list[str]:
    # Hashes of keys cannot be searched by a part of them, so all are opened: some microseconds each, and deletion is
    # rare. A column for the person would be one more thing to keep about them.
    query = select(Member.id).where(Member.controller == gateway.controller, Member.channel == CHANNEL)
    with reading(gateway.engine) as session:
        keys = [conversations.user_key(session, member_id, vault=gateway.vault) for member_id in session.scalars(query)]
    return [key for key in keys if person_of(key) == person]
