"""Deletes what a member said, here and in Rasa; what was filed stays."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.channels import delivery
from bot.channels.delivery import Notice, Sender
from bot.channels.dispatcher import lease_seconds, turn_lease
from bot.channels.gateway import Gateway
from bot.channels.intake import SenderIsUnknownError
from bot.channels.leasing import alone
from bot.register import drafts
from bot.storage import conversations, inbox, outbox, transcript
from bot.storage.conversations import Sender as Person
from bot.storage.engine import transaction
from bot.storage.models import Conversation, Inbound, Member

log = structlog.get_logger()

RASA = "rasa"
"""Outbox channel of the deletions that Rasa still has to hear of."""

_FORGET, _FORGET_WORDS = "forget", "forget_words"


async def delete_conversations(gateway: Gateway, person: Person) -> None:
    """Deletes every conversation of this person; a turn in flight is waited for.

    Rasa is told through the outbox, so that its copy goes too when it is away just now.

    Raises:
        SenderIsUnknownError: nobody of that key wrote yet.
        LeaseIsTakenError: a turn is in flight for longer than a turn may take; nothing more is deleted.
    """
    await delete_here(gateway, person)
    await delivery.drain(gateway, RASA, forgetting(gateway))


async def delete_here(gateway: Gateway, person: Person) -> None:
    """As `delete_conversations`, but leaves it to the jobs to tell Rasa, for who cannot wait for it.

    Raises:
        SenderIsUnknownError: nobody of that key wrote yet.
        LeaseIsTakenError: a turn is in flight for longer than a turn may take; nothing more is deleted.
    """
    for conversation_id in await asyncio.to_thread(_kept, gateway, person):
        await _delete(gateway, conversation_id)


def forget_words(session: Session, row: Inbound, *, now: datetime) -> None:
    """Notes that Rasa has to forget what was said in one turn; it hears of it as soon as it can."""
    outbox.enqueue(
        session,
        controller=row.controller,
        channel=RASA,
        recipient=str(row.conversation_id),
        kind=_FORGET_WORDS,
        body={"turn": row.id},
        dedupe_key=f"{_FORGET_WORDS}:{row.id}",
        now=now,
    )


def take_back(session: Session, gateway: Gateway, row: Inbound, *, now: datetime) -> None:
    """Deletes the words of one turn everywhere: what came in, what was shown, what waits to be filed, Rasa's copy."""
    if row.sealed_event is not None:
        text = inbox.open_body(row, gateway.vault).content
        drafts.take_back_words(session, str(row.conversation_id), text, vault=gateway.vault)
    inbox.empty(row, now=now)
    transcript.take_back(session, row.id, vault=gateway.vault)
    forget_words(session, row, now=now)


async def delete_expired(gateway: Gateway) -> None:
    """Deletes the conversations whose time of keeping, as the first message named it, is over.

    Raises:
        LeaseIsTakenError: one of them is in use; the rest is for the next time.
    """
    for conversation_id in await asyncio.to_thread(_expired, gateway):
        await _delete(gateway, conversation_id)


async def _delete(gateway: Gateway, conversation_id: str) -> None:
    seconds = lease_seconds(gateway)
    async with (
        gateway.locks.of(conversation_id),
        alone(gateway, turn_lease(conversation_id), seconds=seconds, patience=seconds),
    ):
        await asyncio.to_thread(_erase, gateway, conversation_id)
    log.info("conversation_deleted", conversation=conversation_id)


def forgetting(gateway: Gateway) -> Sender:
    """The sender of the channel `rasa`."""

    async def forget(notice: Notice) -> None:
        if notice.kind == _FORGET_WORDS:
            await gateway.rasa.forget_words(notice.recipient, notice.body["turn"])
        else:
            await gateway.rasa.forget(notice.recipient)

    return forget


def _kept(gateway: Gateway, person: Person) -> list[str]:
    with transaction(gateway.engine) as session:
        member = conversations.find_member(session, person, vault=gateway.vault)
        if member is None:
            raise SenderIsUnknownError("there is no such session")
        return [conversation.id for conversation in conversations.undeleted(session, member)]


def _expired(gateway: Gateway) -> list[str]:
    with transaction(gateway.engine) as session:
        oldest_kept = gateway.clock() - timedelta(days=gateway.settings.retention_days)
        return conversations.unused_since(session, oldest_kept)


def _erase(gateway: Gateway, conversation_id: str) -> None:
    now = gateway.clock()
    with transaction(gateway.engine) as session:
        conversation = session.get_one(Conversation, conversation_id)
        conversations.erase(session, conversation, now=now)
        _begin_anew(session, conversation)
        outbox.enqueue(
            session,
            controller=conversation.controller,
            channel=RASA,
            recipient=conversation_id,
            kind=_FORGET,
            body={},
            dedupe_key=f"{_FORGET}:{conversation_id}",
            now=now,
        )


def _begin_anew(session: Session, conversation: Conversation) -> None:
    member = session.get_one(Member, conversation.member_id, with_for_update=True)
    if member.conversation_id == conversation.id:
        conversations.forget_current(member)
