"""Answers and the replies that carry them: given at once, offered for later, or kept for the member's next event."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.channels import notices
from bot.channels.asides import Aside, aside_message
from bot.channels.delivery import Afterwards, Notice, NoticeIsSkippedError, NoticeWaitsError
from bot.channels.gateway import Gateway
from bot.channels.line import holds, replies
from bot.channels.line.api import LineApi, TokenIsSpentError
from bot.channels.line.holds import CHANNEL, Token
from bot.channels.line.loading import Loading
from bot.channels.line.replies import Reply, settling, with_open_answers
from bot.channels.line.situation import Situation, look
from bot.storage import outbox, transcript
from bot.storage.engine import reading
from bot.storage.models import Conversation, Inbound, Outbound
from bot.storage.transcript import NewLine


@dataclass(frozen=True)
class _View:
    """What a notice finds when its time has come; `turn_waits` says whether its own turn is without answer."""

    is_open: bool
    situation: Situation
    token: Token | None
    turn_waits: bool


class Answers:
    """Sends the notices of the kinds `answer` and `hold`."""

    def __init__(self, gateway: Gateway, api: LineApi, loading: Loading) -> None:
        self._gateway = gateway
        self._api = api
        self._loading = loading

    async def answer(self, notice: Notice) -> Afterwards | None:
        """Gives an answer, with those that are open before it.

        Raises:
            NoticeWaitsError: there is no reply left to give it with.
            NoticeIsSkippedError: it was taken back, or the member has left.
            LineIsAwayError: LINE did not take it now.
            LineRefusesError: LINE does not take it.
        """
        view = await asyncio.to_thread(self._view, notice)
        if not view.is_open:
            return None
        situation = view.situation
        if situation.has_left or notice.id not in {answer.notice_id for answer in situation.answers}:
            raise NoticeIsSkippedError("the member has left, or took the question back")
        if view.token is None:
            raise NoticeWaitsError("no reply is left for it")
        # What still waits after it has a reply of its own, unless this one was asked for by a tap.
        rest = (notices.not_ready(),) if view.token.of_tap and situation.awaits else ()
        return await self._give(notice, view, with_open_answers(situation.answers, rest))

    async def hold(self, notice: Notice) -> Afterwards | None:
        """Looks after a reply that was not used: shows that something happens, and at last offers what will come.

        Raises:
            NoticeWaitsError: it is not time to spend it.
            NoticeIsSkippedError: the member has left.
            LineIsAwayError: LINE did not take it now.
            LineRefusesError: LINE does not take it.
        """
        view = await asyncio.to_thread(self._view, notice)
        if not view.is_open or view.token is None:
            return None
        if view.situation.has_left:
            raise NoticeIsSkippedError("the member has left")
        is_early = self._gateway.clock() < holds.offer_at(notice.body)
        return await (self._early(notice, view) if is_early else self._offer(notice, view))

    async def _early(self, notice: Notice, view: _View) -> Afterwards | None:
        is_tap = notice.body["turn"] is None
        situation = view.situation
        if is_tap and situation.answers:
            return await self._offer(notice, view)
        if is_tap and not situation.awaits:
            nothing = aside_message(self._gateway, Aside.NOTHING_OPEN, CHANNEL)
            return await self._give(notice, view, Reply((nothing,), ()))
        if view.turn_waits or is_tap:
            self._loading.show(situation.user_key)
        elif not situation.answers:
            return None
        raise NoticeWaitsError("it is not time to spend it", until=holds.offer_at(notice.body))

    async def _offer(self, notice: Notice, view: _View) -> Afterwards | None:
        situation = view.situation
        if not situation.answers and not situation.awaits:
            return None
        rest = (notices.not_ready(),) if situation.awaits else ()
        greeting = () if situation.is_greeted else (notices.first_message(self._gateway, CHANNEL),)
        reply = with_open_answers(situation.answers, rest)
        return await self._give(notice, view, Reply((*greeting, *reply.messages), reply.given))

    async def _give(self, notice: Notice, view: _View, reply: Reply) -> Afterwards:
        token = view.token
        if token is None:
            raise NoticeWaitsError("no reply is left for it")
        try:
            await replies.send(self._gateway, self._api, token, view.situation.user_key, reply.messages)
        except TokenIsSpentError:
            if notice.kind != outbox.ANSWER:
                raise
            spent = settling(Reply((), ()), token)
            raise NoticeWaitsError("its reply was used before, or is too old", then=spent) from None
        then = self._following(notice, token, reply)
        if notice.kind == outbox.ANSWER and notice.id not in reply.given:
            raise NoticeWaitsError("it did not fit into the reply", then=then)
        return then

    def _following(self, notice: Notice, token: Token, reply: Reply) -> Afterwards:
        settled = settling(reply, token)

        def then(session: Session, now: datetime) -> None:
            settled(session, now)
            if notice.kind == holds.HOLD and notice.body["turn"] is not None:
                self._keep_said(session, notice, reply, now)

        return then

    def _keep_said(self, session: Session, notice: Notice, reply: Reply, now: datetime) -> None:
        """Keeps what the channel itself said where it was said, so that staff see what the member saw."""
        turn = session.get_one(Inbound, notice.body["turn"])
        conversation = session.get_one(Conversation, turn.conversation_id)
        if conversation.deleted_at is None:
            lines = [NewLine("provisional", one.to_public()) for one in reply.messages if one.kind == "notice"]
            transcript.append(session, conversation, lines, vault=self._gateway.vault, now=now, turn_id=turn.id)

    def _view(self, notice: Notice) -> _View:
        now = self._gateway.clock()
        with reading(self._gateway.engine) as session:
            row = session.get(Outbound, notice.id)
            turn = session.get(Inbound, notice.body["turn"]) if notice.body["turn"] else None
            return _View(
                is_open=row is not None and row.state in outbox.OPEN,
                situation=look(session, self._gateway, notice.recipient),
                token=self._token(session, notice, row, now),
                turn_waits=turn is not None and turn.state == "waiting",
            )

    @staticmethod
    def _token(session: Session, notice: Notice, row: Outbound | None, now: datetime) -> Token | None:
        if notice.kind == holds.HOLD:
            return None if row is None else holds.token_of_hold(row, now=now)
        return holds.token_for_turn(session, notice.recipient, notice.body["turn"], now=now)
