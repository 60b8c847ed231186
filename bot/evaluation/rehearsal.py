"""Conversations that staff hold as a test, through everything that a member's go through but the channel itself.

What they file is flagged, sends nothing, counts nowhere and goes after a day (DESIGN.md, rule 10).
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels import dispatcher, notices
from bot.channels.gateway import Gateway
from bot.channels.intake import Accepted, InboundEvent, receive
from bot.errors import BadInputError, UnavailableError
from bot.evaluation.talking import Said
from bot.storage import conversations, inbox, transcript
from bot.storage.conversations import Sender
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation, Entry
from bot.storage.transcript import NewLine

# Answers of the other channels go out by the outbox; those of the web wait to be fetched.
_CHANNEL = "web"


class RehearsalIsGoneError(BadInputError):
    """There is no such test conversation (any more)."""


@dataclass(frozen=True)
class Line:
    """One line of a test: what was said or what answered, with what only staff may see."""

    id: str
    turn_id: str | None
    role: str
    message: dict[str, Any]
    trace: dict[str, Any] = field(default_factory=dict)


class Rehearsals:
    """Where tests are held: a gateway in this process, whose Rasa and database are the real ones."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def begin(self) -> Rehearsal:
        """A new test, which begins with the first message as a member's chat does."""
        return Rehearsal(self._gateway, await asyncio.to_thread(self._begin))

    def resume(self, conversation_id: str) -> Rehearsal:
        """A test that was begun before; whether it is still there shows when something is said."""
        return Rehearsal(self._gateway, conversation_id)

    async def lines(self, conversation_id: str) -> list[Line]:
        """Everything said in a test.

        Raises:
            RehearsalIsGoneError: there is none, or the conversation is a member's.
        """
        return await asyncio.to_thread(self._lines, conversation_id)

    def _begin(self) -> str:
        gateway = self._gateway
        now, notice = gateway.clock(), notices.first_message(gateway, _CHANNEL)
        sender = Sender(gateway.controller, _CHANNEL, secrets.token_urlsafe(32))
        with transaction(gateway.engine) as session:
            member = conversations.add_member(session, sender, vault=gateway.vault, now=now)
            conversation = conversations.start(session, member, now=now, is_test=True)
            line = NewLine("notice", notice.to_public())
            transcript.append(session, conversation, [line], vault=gateway.vault, now=now)
            return conversation.id

    def _lines(self, conversation_id: str) -> list[Line]:
        with reading(self._gateway.engine) as session:
            _test(session, self._gateway, conversation_id)
            query = select(Entry).where(Entry.conversation_id == conversation_id).order_by(Entry.at, Entry.position)
            return [_line(row, self._gateway.vault) for row in session.scalars(query)]


class Rehearsal:
    """One test conversation."""

    def __init__(self, gateway: Gateway, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self._gateway = gateway

    async def say(self, text: str) -> Said:
        """Types a text.

        Raises:
            RehearsalIsGoneError: the test is over.
            TextIsUnusableError: the text is none.
            UnavailableError: Rasa gave no answer.
        """
        return await self._turn(text=text)

    async def press(self, choice_id: str) -> Said:
        """Presses a button.

        Raises:
            RehearsalIsGoneError: the test is over.
            ChoiceIsUnknownError: it was not offered here.
            UnavailableError: Rasa gave no answer.
        """
        return await self._turn(choice=choice_id)

    async def close(self) -> None:
        """Nothing is held open; what was said goes after a day."""

    async def _turn(self, *, text: str | None = None, choice: str | None = None) -> Said:
        user_key = await asyncio.to_thread(self._user_key)
        event_id = f"test:{secrets.token_hex(16)}"
        event = InboundEvent(channel=_CHANNEL, event_id=event_id, user_key=user_key, text=text, choice=choice)
        accepted = await receive(self._gateway, event)
        await dispatcher.answer(self._gateway, accepted.turn_id, accepted.conversation_id)
        return await asyncio.to_thread(self._said, accepted)

    def _user_key(self) -> str:
        with transaction(self._gateway.engine) as session:
            conversation = _test(session, self._gateway, self.conversation_id)
            # One that went on in a new conversation would show another's lines.
            if conversations.is_over(conversation, self._gateway.limits, now=self._gateway.clock()):
                raise RehearsalIsGoneError("このテスト会話は終わりました。新しく始めてください。")
            return conversations.user_key(session, conversation.member_id, vault=self._gateway.vault)

    def _said(self, accepted: Accepted) -> Said:
        with reading(self._gateway.engine) as session:
            state = inbox.state(session, accepted.turn_id)
            query = select(Entry).where(Entry.inbox_id == accepted.turn_id, Entry.role == "answer")
            lines = [_line(row, self._gateway.vault) for row in session.scalars(query.order_by(Entry.position))]
        if state != "done" or not lines:
            raise UnavailableError("Rasa から答えを得られませんでした")
        trace = next((line.trace for line in lines if line.trace), {})
        return Said([line.message for line in lines], trace)


def _test(session: Session, gateway: Gateway, conversation_id: str) -> Conversation:
    conversation = session.get(Conversation, conversation_id)
    # A member's conversation is nobody's to test in.
    if (
        conversation is None
        or not conversation.is_test
        or conversation.controller != gateway.controller
        or conversation.deleted_at is not None
    ):
        raise RehearsalIsGoneError("このテスト会話はありません。新しく始めてください。")
    return conversation


def _line(row: Entry, vault: Vault) -> Line:
    message = json.loads(vault.open(row.sealed_message, table="transcript", row=row.id, column="sealed_message"))
    sealed = row.sealed_trace
    trace = (
        {} if sealed is None else json.loads(vault.open(sealed, table="transcript", row=row.id, column="sealed_trace"))
    )
    return Line(row.id, row.inbox_id, row.role, message, trace)
