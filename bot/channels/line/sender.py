"""LINE's way out: free replies to what members sent; a push only for formal news.

Every event can be answered once, within a minute. So an answer goes out with the reply of its own event if that is
still good, else with that of a later tap on 「続きを見る」, else it is kept for the next event of the member.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from sqlalchemy.orm import Session

from bot.channels import deletion, notices
from bot.channels.asides import Aside, aside_message
from bot.channels.delivery import Afterwards, Notice, NoticeIsSkippedError, NoticeIsUndeliverableError
from bot.channels.gateway import Gateway
from bot.channels.inward import ASIDE
from bot.channels.line import holds, replies
from bot.channels.line.answers import Answers
from bot.channels.line.api import LineApi, LineRefusesError, TokenIsSpentError, open_api
from bot.channels.line.arrivals import ERASE, LEAVE
from bot.channels.line.holds import CHANNEL, HOLD, Token
from bot.channels.line.loading import Loading, open_loading
from bot.channels.line.pushes import Pushes
from bot.channels.line.replies import before, settling
from bot.channels.line.situation import Situation, look
from bot.message import Message
from bot.register.notices import DOOR
from bot.storage import conversations, outbox, transcript
from bot.storage.conversations import Sender as Person
from bot.storage.engine import reading
from bot.storage.models import Member
from bot.storage.transcript import NewLine

# Deleting waits for a turn in flight; what does not get through in this time is tried again.
_ERASURE_SECONDS = 5


class LineSender:
    """Sends what waits in the outbox for LINE."""

    def __init__(self, gateway: Gateway, api: LineApi, loading: Loading) -> None:
        self._gateway = gateway
        self._api = api
        answers = Answers(gateway, api, loading)
        self._by_kind: dict[str, Callable[[Notice], Awaitable[Afterwards | None]]] = {
            outbox.ANSWER: answers.answer,
            HOLD: answers.hold,
            ASIDE: self._aside,
            ERASE: self._erase,
            LEAVE: self._leave,
            DOOR: Pushes(gateway, api).send,
        }

    async def send(self, notice: Notice) -> Afterwards | None:
        """Sends one notice, or finds that it has to wait.

        Raises:
            LineIsAwayError: LINE did not take it now.
            NoticeWaitsError: it comes later, or with the next event of the member.
            NoticeIsSkippedError: it is not wanted any more.
            NoticeIsUndeliverableError: LINE will never take it.
        """
        by_kind = self._by_kind.get(notice.kind)
        if by_kind is None:
            raise NoticeIsUndeliverableError(f"LINE does not know notices of the kind {notice.kind}")
        try:
            return await by_kind(notice)
        except TokenIsSpentError:
            raise NoticeIsSkippedError("the event was answered before, or too long ago") from None
        except LineRefusesError as error:
            raise NoticeIsUndeliverableError(str(error)) from None

    async def _aside(self, notice: Notice) -> Afterwards | None:
        aside = Aside(notice.body["aside"])
        message = aside_message(self._gateway, aside, CHANNEL)
        situation = await self._situation(notice.recipient)
        reply = before(situation.answers if situation else (), message)
        token = self._token(notice)
        await replies.send(self._gateway, self._api, token, situation.user_key if situation else "", reply.messages)
        settled = settling(reply, token)

        def then(session: Session, now: datetime) -> None:
            settled(session, now)
            if aside is Aside.WELCOME:
                self._keep_welcome(session, notice.recipient, message, now)

        return then

    async def _erase(self, notice: Notice) -> Afterwards | None:
        situation, is_held = await self._situation(notice.recipient), False
        if situation is not None:
            async with asyncio.timeout(_ERASURE_SECONDS):
                person = Person(self._gateway.controller, CHANNEL, situation.user_key)
                is_held = await deletion.delete_here(self._gateway, person)
        await replies.send(self._gateway, self._api, self._token(notice), "", (notices.deleted(is_held=is_held),))
        return None

    async def _leave(self, notice: Notice) -> Afterwards | None:
        place = self._gateway.vault.open(
            base64.b64decode(notice.body["place"]), table="outbox", row=notice.body["event"], column="place"
        )
        # Whether or not the word of farewell is taken, we go; and who is put out is gone too.
        with suppress(LineRefusesError, NoticeIsSkippedError):
            farewell = aside_message(self._gateway, Aside.JOINED, CHANNEL)
            await replies.send(self._gateway, self._api, self._token(notice), "", (farewell,))
        with suppress(LineRefusesError):
            await self._api.leave(notice.body["source"], place)
        return None

    def _token(self, notice: Notice) -> Token:
        token = holds.token_of(notice.body["reply"], now=self._gateway.clock())
        if token is None:
            raise NoticeIsSkippedError("there is no reply to the event, or its minute is over")
        return token

    async def _situation(self, member_id: str) -> Situation | None:
        return await asyncio.to_thread(self._look, member_id) if member_id else None

    def _look(self, member_id: str) -> Situation:
        with reading(self._gateway.engine) as session:
            return look(session, self._gateway, member_id)

    def _keep_welcome(self, session: Session, member_id: str, message: Message, now: datetime) -> None:
        conversation = conversations.current(session, session.get_one(Member, member_id))
        if conversation is not None and conversation.deleted_at is None:
            line = NewLine("notice", message.to_public())
            transcript.append(session, conversation, [line], vault=self._gateway.vault, now=now)


@asynccontextmanager
async def open_sender(gateway: Gateway) -> AsyncIterator[LineSender]:
    """The sender with the one API client of this process, closed at the end."""
    async with open_api(gateway.settings) as api, open_loading(gateway, api) as loading:
        yield LineSender(gateway, api, loading)
