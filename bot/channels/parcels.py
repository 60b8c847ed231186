"""What a notice for LINE or Slack brings to a member, opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.channels.asides import Aside, aside_message
from bot.channels.delivery import Notice, NoticeIsUndeliverableError, open_answer
from bot.channels.gateway import Gateway
from bot.channels.inward import ASIDE
from bot.message import Message
from bot.storage import outbox


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
        NoticeIsUndeliverableError: it is of a kind that has no text for members.
    """
    if notice.kind == ASIDE:
        aside = aside_message(gateway, Aside(notice.body["aside"]), channel)
        return Parcel((aside,), notice.body["reply"], user_key=None)
    if notice.kind == outbox.ANSWER:
        answer = await open_answer(gateway, notice)
        return None if answer is None else Parcel(tuple(answer.messages), answer.reply, answer.user_key)
    raise NoticeIsUndeliverableError(f"{channel} does not know notices of the kind {notice.kind}")
