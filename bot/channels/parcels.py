"""What a notice for LINE or Slack brings to a member, opened."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.channels import notices
from bot.channels.asides import Aside, aside_message
from bot.channels.delivery import Notice, NoticeIsSkippedError, NoticeIsUndeliverableError, open_answer
from bot.channels.gateway import Gateway
from bot.channels.inward import ASIDE
from bot.message import Message
from bot.register.models import Request
from bot.register.notices import DOOR, MemberNotice
from bot.storage import conversations, outbox
from bot.storage.engine import reading
from bot.storage.models import Conversation, Member


@dataclass(frozen=True)
class Parcel:
    """Messages and where they go.

    Attributes:
        messages: in their order, never empty.
        reply: what the platform gave to answer the event with, if an event is answered.
        user_key: the platform's own id of the member, if it is known who that is.
    """

    messages: tuple[Message, ...]
    reply: dict[str, Any] | None
    user_key: str | None


async def open_parcel(gateway: Gateway, channel: str, notice: Notice) -> Parcel | None:
    """The parcel of this notice; None when the conversation it belongs to was deleted since.

    Raises:
        NoticeIsSkippedError: the member has left, or the request is nobody's any more.
        NoticeIsUndeliverableError: it is of a kind that has no text for members.
    """
    if notice.kind == ASIDE:
        aside = aside_message(gateway, Aside(notice.body["aside"]), channel)
        return Parcel((aside,), notice.body["reply"], user_key=None)
    if notice.kind == outbox.ANSWER:
        answer = await open_answer(gateway, notice)
        return None if answer is None else Parcel(tuple(answer.messages), answer.reply, answer.user_key)
    if notice.kind == DOOR:
        return await asyncio.to_thread(_open_news, gateway, notice)
    raise NoticeIsUndeliverableError(f"{channel} does not know notices of the kind {notice.kind}")


def _open_news(gateway: Gateway, notice: Notice) -> Parcel:
    with reading(gateway.engine) as session:
        request = session.get(Request, notice.body["request_id"])
        conversation = session.get(Conversation, request.conversation_id) if request else None
        member = session.get(Member, conversation.member_id) if conversation else None
        if request is None or member is None:
            raise NoticeIsSkippedError("the request belongs to no conversation any more")
        if member.left_at is not None:
            raise NoticeIsSkippedError("the member has left")
        news = notices.news(gateway, MemberNotice(notice.body["notice"]), request.number)
        return Parcel((news,), None, conversations.user_key(session, member.id, vault=gateway.vault))
