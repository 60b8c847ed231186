"""Slack's way out: one post a turn, to where the member wrote; nothing of a request where others read.

Slack knows no key by which it would drop a post that it took already, so a post whose fate is unknown may come twice.
Its first block carries the notice's id; where the app may read what it posted itself (direct messages, which it hears
anyway) it looks before it posts again. In channels it does not: the right to read them would be worth far more to a
thief than the rare second answer costs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.channels import limits, notices, taps
from bot.channels.asides import Aside, aside_message
from bot.channels.delivery import Notice, NoticeIsUndeliverableError, NoticeWaitsError, open_answer
from bot.channels.gateway import Gateway
from bot.channels.parcels import Parcel, open_parcel
from bot.channels.slack.api import asked, open_client
from bot.channels.slack.continuing import continue_directly, may_be_public
from bot.channels.slack.erasing import erase_all
from bot.channels.slack.messages import Posted, gone_post, slack_post
from bot.channels.slack.places import CHANNEL, is_direct, user_of
from bot.channels.slack.presses import ERASE, PRESSED
from bot.message import Link, Message
from bot.storage import conversations, outbox
from bot.storage.engine import reading
from bot.storage.models import IssuedChoice

# A row this old was sent before by a process that died, or it waited; either way it is looked for first.
_SUSPICIOUS = timedelta(seconds=30)


class SlackSender:
    """Posts on Slack."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._api = open_client(gateway.settings)
        self._last: dict[str, datetime] = {}
        self._kinds: dict[str, Callable[[Notice], Awaitable[None]]] = {PRESSED: self._press, ERASE: self._erase}

    async def send(self, notice: Notice) -> None:
        """Posts the notice as one message, in the thread of the event it answers if there was one.

        Raises:
            SlackIsAwayError: Slack did not take it, or not now.
            NoticeWaitsError: it is too early for one more in this channel.
            NoticeIsUndeliverableError: Slack will never take this.
        """
        await self._kinds.get(notice.kind, self._answer)(notice)

    async def _answer(self, notice: Notice) -> None:
        parcel = await open_parcel(self._gateway, CHANNEL, notice)
        if parcel is None:
            return
        place = _place(parcel)
        messages, is_public = parcel.messages, not is_direct(place["channel"])
        if is_public and not all(map(may_be_public, messages)):
            messages = await self._kept_from_others(notice, parcel)
        posted = Posted(seal=self._seal(parcel.user_key or ""), is_public=is_public)
        await self._post(notice, place, slack_post(messages, posted))

    async def _kept_from_others(self, notice: Notice, parcel: Parcel) -> tuple[Message, ...]:
        if notice.kind == outbox.ANSWER:
            await continue_directly(self._gateway, notice.body["turn"], parcel.user_key or "")
        return (*filter(may_be_public, parcel.messages), self._pointer())

    def _pointer(self) -> Message:
        page = Link(url=self._gateway.settings.public_url.rstrip("/") + "/", title="ウェブの窓口を開く")
        return aside_message(self._gateway, Aside.DIRECT_ONLY, CHANNEL).model_copy(update={"link": page})

    async def _press(self, notice: Notice) -> None:
        """Takes the buttons from a post and shows what was chosen, out of what is kept of that turn."""
        where = notice.body["post"]
        post = await self._pressed_post(notice) or gone_post()
        await self._ask(self._api.chat_update(channel=where["channel"], ts=where["ts"], **post))

    async def _pressed_post(self, notice: Notice) -> dict[str, Any] | None:
        answer = await open_answer(self._gateway, notice) if notice.body["turn"] else None
        if answer is None or not answer.messages:
            return None
        chosen = await asyncio.to_thread(self._title, notice.body["choice"])
        messages: tuple[Message, ...] = tuple(answer.messages)
        is_public = not is_direct(notice.body["post"]["channel"])
        if is_public:
            messages = tuple(filter(may_be_public, messages))
        posted = Posted(seal=self._seal(answer.user_key), is_public=is_public, is_pressed=True, chosen=chosen)
        return slack_post(messages, posted)

    async def _erase(self, notice: Notice) -> None:
        user_key = await asyncio.to_thread(self._user_key, notice.recipient)
        is_held = await erase_all(self._gateway, user_key)
        await self._post(notice, notice.body["reply"], slack_post([notices.deleted(is_held=is_held)], Posted(seal=str)))
        where = notice.body["post"]
        await self._ask(self._api.chat_update(channel=where["channel"], ts=where["ts"], **gone_post()))

    async def _post(self, notice: Notice, place: dict[str, Any], post: dict[str, Any]) -> None:
        channel = await self._channel(place["channel"])
        if "only" in place:
            await self._ask(self._api.chat_postEphemeral(user=place["only"], **_addressed(channel, place), **post))
            return
        if await self._was_posted(notice, channel, place):
            return
        self._keep_pace(channel)
        post["blocks"][0]["block_id"] = notice.id
        await self._ask(
            self._api.chat_postMessage(**_addressed(channel, place), unfurl_links=False, unfurl_media=False, **post)
        )

    async def _channel(self, channel: str) -> str:
        if channel.startswith("D") or not is_direct(channel):
            return channel
        opened = await self._ask(self._api.conversations_open(users=channel))
        return str(opened["channel"]["id"])

    async def _was_posted(self, notice: Notice, channel: str, place: dict[str, Any]) -> bool:
        age = self._gateway.clock() - notice.created_at
        if not is_direct(channel) or (not notice.attempts and age < _SUSPICIOUS):
            return False
        since = str(notice.created_at.timestamp())
        thread = place.get("thread_ts")
        look = partial(self._api.conversations_replies, ts=thread) if thread else self._api.conversations_history
        found = await self._ask(look(channel=channel, oldest=since, limit=limits.SLACK_HISTORY))
        return any(
            block.get("block_id") == notice.id for post in found["messages"] for block in post.get("blocks") or ()
        )

    def _keep_pace(self, channel: str) -> None:
        """Notes a post now.

        Raises:
            NoticeWaitsError: the last one there was a moment ago.
        """
        now = self._gateway.clock()
        pause = timedelta(seconds=limits.SLACK_SECONDS_BETWEEN_POSTS)
        self._last = {name: last for name, last in self._last.items() if now - last < pause}
        if channel in self._last:
            raise NoticeWaitsError("one post a second in a channel", until=self._last[channel] + pause)
        self._last[channel] = now

    async def _ask(self, call: Awaitable[Any]) -> dict[str, Any]:
        return await asked(call, clock=self._gateway.clock)

    def _seal(self, user_key: str) -> Callable[[str], str]:
        return partial(taps.sealed, self._gateway, CHANNEL, user_key)

    def _title(self, choice_id: str | None) -> str | None:
        with reading(self._gateway.engine) as session:
            choice = session.get(IssuedChoice, choice_id) if choice_id else None
            return None if choice is None else choice.title

    def _user_key(self, member_id: str) -> str:
        with reading(self._gateway.engine) as session:
            return conversations.user_key(session, member_id, vault=self._gateway.vault)


def _addressed(channel: str, place: dict[str, Any]) -> dict[str, Any]:
    thread = place.get("thread_ts")
    return {"channel": channel} | ({"thread_ts": thread} if thread else {})


def _place(parcel: Parcel) -> dict[str, Any]:
    if parcel.reply is not None:
        return parcel.reply
    if parcel.user_key is None:
        raise NoticeIsUndeliverableError("Slack: nobody to write to")
    return {"channel": user_of(parcel.user_key), "thread_ts": None}
