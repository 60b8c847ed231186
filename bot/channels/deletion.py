"""Deletes what a member said, here and in Rasa; what was filed stays."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import chain

import structlog
from sqlalchemy.orm import Session

from bot.channels import delivery
from bot.channels.delivery import Notice, Sender
from bot.channels.gateway import Gateway
from bot.channels.handing import Claim, hand
from bot.channels.intake import SenderIsUnknownError
from bot.channels.turn_leases import alone_in
from bot.crash_points import CrashPoint, crash_point
from bot.register import drafts
from bot.register.forgetting.hold import is_held, is_held_conversation
from bot.register.purge import TESTS_LAST
from bot.storage import conversations, inbox, outbox, transcript
from bot.storage.conversations import Sender as Person
from bot.storage.deletion_list import Sort
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation, Inbound, Member

log = structlog.get_logger()

RASA = "rasa"
"""Outbox channel of the deletions that Rasa still has to hear of."""

# Several turns may stand before us; each of them is waited for by somebody.
_PATIENCE_MARGIN_SECONDS = 20.0
_FORGET, _FORGET_WORDS = "forget", "forget_words"


async def delete_conversations(gateway: Gateway, person: Person) -> bool:
    """Deletes every conversation of this person; a turn in flight is waited for.

    Rasa is told through the outbox, so that its copy goes too when it is away just now. A conversation from which a
    request came that is held (`bot.register.forgetting.hold`) is only hidden from its member: it goes, here and in
    Rasa, as soon as nothing holds it.

    Returns:
        Whether something is kept because it is held.

    Raises:
        SenderIsUnknownError: nobody of that key wrote yet.
        LeaseIsTakenError: a turn is in flight for longer than a turn may take; nothing more is deleted.
    """
    is_held = await delete_here(gateway, person)
    await delivery.drain(gateway, RASA, forgetting(gateway))
    return is_held


async def delete_here(gateway: Gateway, person: Person) -> bool:
    """As `delete_conversations`, but leaves it to the jobs to tell Rasa, for who cannot wait for it.

    Raises:
        SenderIsUnknownError: nobody of that key wrote yet.
        LeaseIsTakenError: a turn is in flight for longer than a turn may take; nothing more is deleted.
    """
    went = [
        await _delete(gateway, conversation_id, by_member=True)
        for conversation_id in await asyncio.to_thread(_kept, gateway, person)
    ]
    return not all(went)


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
    _list_deletion(gateway, Sort.TURN, row.id, now=now)
    take_back_in(session, gateway.vault, row, now=now)


def take_back_in(session: Session, vault: Vault, row: Inbound, *, now: datetime) -> None:
    """As `take_back`, for who has it from the list of deletions already."""
    if row.sealed_event is not None:
        text = inbox.open_body(row, vault).content
        drafts.take_back_words(session, str(row.conversation_id), text, vault=vault)
    inbox.empty(row, now=now)
    transcript.take_back(session, row.id, vault=vault)
    forget_words(session, row, now=now)


async def delete_expired(gateway: Gateway) -> None:
    """Deletes the conversations whose time of keeping, as the first message named it, is over; those of tests sooner.

    Left are those that are held.

    Raises:
        LeaseIsTakenError: one of them is in use; the rest is for the next time.
    """
    for conversation_id in await asyncio.to_thread(_expired, gateway):
        await _delete(gateway, conversation_id)


async def _delete(gateway: Gateway, conversation_id: str, *, by_member: bool = False) -> bool:
    patience = gateway.settings.rasa_timeout + _PATIENCE_MARGIN_SECONDS
    async with gateway.locks.of(conversation_id), alone_in(gateway, conversation_id, patience=patience):
        went = await asyncio.to_thread(_erase, gateway, conversation_id, by_member=by_member)
    log.info("conversation_deleted" if went else "conversation_held", conversation=conversation_id)
    return went


def forgetting(gateway: Gateway) -> Sender:
    """The sender of the channel `rasa`."""

    async def forget(notice: Notice) -> None:
        conversation_id, patience = notice.recipient, gateway.settings.rasa_timeout
        # Only the Rasa that may be at the conversation can wait for its turn in flight, which would write words anew.
        async with (
            gateway.locks.of(conversation_id),
            alone_in(gateway, conversation_id, patience=patience) as lease,
        ):
            claim = Claim(gateway, lease, conversation_id)
            await hand(claim, lambda place: _forget(gateway, notice, place))
            await asyncio.to_thread(claim.release)

    return forget


async def _forget(gateway: Gateway, notice: Notice, place: str) -> None:
    if notice.kind == _FORGET_WORDS:
        await gateway.rasa.at(place).forget_words(notice.recipient, notice.body["turn"])
    else:
        await gateway.rasa.at(place).forget(notice.recipient)


def _kept(gateway: Gateway, person: Person) -> list[str]:
    with reading(gateway.engine) as session:
        member = conversations.find_member(session, person, vault=gateway.vault, is_locked=False)
        if member is None:
            raise SenderIsUnknownError("there is no such session")
        return [conversation.id for conversation in conversations.undeleted(session, member)]


def _expired(gateway: Gateway) -> list[str]:
    with reading(gateway.engine) as session:
        now = gateway.clock()
        oldest_kept = now - timedelta(days=gateway.settings.retention_days)
        found = (
            conversations.unused_since(session, now - TESTS_LAST, tests_only=True),
            conversations.unwanted(session, sparing=is_held_conversation()),
            conversations.unused_since(session, oldest_kept, sparing=is_held_conversation()),
        )
        return list(dict.fromkeys(chain.from_iterable(found)))


def erase_in(session: Session, conversation_id: str, *, by_member: bool, now: datetime) -> bool:
    """Deletes a conversation in an open transaction, and has Rasa hear of it; one that is held is hidden at most.

    Returns:
        Whether it went.
    """
    # Whoever holds a request locks its conversation, too: of the two of us one sees what the other did.
    conversation = session.get_one(Conversation, conversation_id, with_for_update=True)
    if is_held(session, conversation_id):
        if by_member:
            conversations.want_deleted(conversation, now=now)
            _begin_anew(session, conversation)
        return False
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
    return True


def _erase(gateway: Gateway, conversation_id: str, *, by_member: bool) -> bool:
    now = gateway.clock()
    with transaction(gateway.engine) as session:
        went = erase_in(session, conversation_id, by_member=by_member, now=now)
        if went or by_member:
            _list_deletion(gateway, Sort.CONVERSATION, conversation_id, now=now)
        if not went:
            return False
        crash_point(CrashPoint.DELETION_BEFORE_COMMIT)
    crash_point(CrashPoint.DELETION_AFTER_COMMIT)
    return True


def _list_deletion(gateway: Gateway, sort: Sort, id_: str, *, now: datetime) -> None:
    try:
        gateway.deletions.note(sort, id_, now=now)
    except OSError as error:
        # Members are promised the deletion; that a backup could bring it back is the operator's to mend.
        log.error("deletion_not_listed", sort=sort, error=type(error).__name__)  # noqa: TRY400 - a path is no news
        gateway.metrics.unlisted.inc()


def _begin_anew(session: Session, conversation: Conversation) -> None:
    member = session.get_one(Member, conversation.member_id, with_for_update=True)
    if member.conversation_id == conversation.id:
        conversations.forget_current(member)
