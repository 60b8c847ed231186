"""Brings turns to their answers: one in flight a conversation, by the platform's time, failures told and retried."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from bot.channels import notices
from bot.channels.gateway import Gateway
from bot.channels.leasing import HeldLease, LeaseIsTakenError, alone
from bot.channels.rasa_client import RasaIsAwayError
from bot.channels.settling import settle
from bot.message import Message
from bot.storage import inbox, outbox, transcript
from bot.storage.engine import transaction
from bot.storage.inbox import Turn
from bot.storage.models import Conversation
from bot.storage.transcript import NewLine

log = structlog.get_logger()

_LEASE_MARGIN_SECONDS = 20.0
_PATIENCE_MARGIN_SECONDS = 5.0
_RETRY_POLL_SECONDS = 1.0
_OVERDUE_AT_ONCE = 4

# On these a failed first try says nothing: there is one free reply, and while the turn may still be answered it is
# not spent on an apology. When it has to be spent, the channel itself says how things stand.
_WITH_ONE_REPLY = ("line",)


def turn_lease(conversation_id: str) -> str:
    """The name of the lease under which a conversation's turns are run."""
    return f"conversation:{conversation_id}"


def lease_seconds(gateway: Gateway) -> float:
    """How long a turn may take before another process thinks that its holder died."""
    return gateway.settings.rasa_timeout + _LEASE_MARGIN_SECONDS


async def answer(gateway: Gateway, turn_id: str, conversation_id: str) -> None:
    """Brings one turn, and those before it, to an answer or to an apology; waits for a turn in flight.

    Returns without either when another process holds the conversation for longer than a turn may take.
    """
    patience = gateway.settings.rasa_timeout + _PATIENCE_MARGIN_SECONDS
    try:
        await _run(gateway, turn_id, conversation_id, patience=patience)
    except LeaseIsTakenError:
        log.warning("turn_left_to_another_process", turn=turn_id)


async def answer_overdue(gateway: Gateway) -> int:
    """Works off what was left by a crash or failed before; conversations that are busy are left alone.

    Returns:
        How many conversations were taken up.
    """
    overdue = await asyncio.to_thread(_overdue, gateway)
    # A Rasa that has just come back would not survive everything that waited for it at once.
    few = asyncio.Semaphore(_OVERDUE_AT_ONCE)
    await asyncio.gather(*(_take_up(gateway, turn, conversation, few) for conversation, turn in overdue))
    return len(overdue)


async def _take_up(gateway: Gateway, turn_id: str, conversation_id: str, few: asyncio.Semaphore) -> None:
    async with few:
        try:
            await _run(gateway, turn_id, conversation_id, patience=0.0)
        except LeaseIsTakenError:
            return
        except Exception:  # one conversation's trouble must not keep the others waiting
            log.exception("overdue_turn_failed", turn=turn_id)


async def keep_answering(gateway: Gateway) -> None:
    """Works off overdue turns as they come up, until it is cancelled."""
    while True:
        try:
            await answer_overdue(gateway)
        except Exception:  # a database that is away for a while must not end the retries
            log.exception("overdue_turns_not_read")
        await asyncio.sleep(_RETRY_POLL_SECONDS)


async def _run(gateway: Gateway, turn_id: str, conversation_id: str, *, patience: float) -> None:
    # The lock orders the turns of this process without polling; the lease orders processes. A slot is taken after the
    # lock, so that none stands idle behind another turn of the same conversation, and before the lease, which would
    # run out while its holder waits for a slot.
    async with gateway.locks.of(conversation_id), gateway.turn_slots:
        name = turn_lease(conversation_id)
        async with alone(gateway, name, seconds=lease_seconds(gateway), patience=patience) as lease:
            await _work_off(gateway, turn_id, conversation_id, lease)


async def _work_off(gateway: Gateway, turn_id: str, conversation_id: str, lease: HeldLease) -> None:
    away: RasaIsAwayError | None = None
    tried: set[str] = set()
    while turn := await asyncio.to_thread(_next_waiting, gateway, conversation_id, turn_id, tried):
        tried.add(turn.id)
        if away is None:
            away = await _attempt(gateway, turn, lease)
        else:  # the turns behind the first are told so at once instead of each waiting for Rasa
            await _fail(gateway, turn, lease, away)


async def _attempt(gateway: Gateway, turn: Turn, lease: HeldLease) -> RasaIsAwayError | None:
    """Answers one turn or apologises for it; returns the reason when Rasa is away."""
    begun = time.monotonic()
    try:
        await asyncio.to_thread(lease.renew)
        messages = await _ask(gateway, turn)
        asked = time.monotonic()
        await asyncio.to_thread(_keep_answer, gateway, turn, lease, messages)
    except LeaseIsTakenError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever failed, the turn counts as tried, or it would be tried forever
        await _fail(gateway, turn, lease, error)
        return error if isinstance(error, RasaIsAwayError) else None
    gateway.outbox_filled.set()
    kept = time.monotonic()
    gateway.metrics.turn_seconds.observe(kept - begun)
    gateway.metrics.turns.labels(turn.channel, "answered").inc()
    spent = {"rasa_ms": round((asked - begun) * 1000, 1), "keep_ms": round((kept - asked) * 1000, 1)}
    log.info("turn_answered", turn=turn.id, conversation=turn.conversation_id, channel=turn.channel, **spent)
    return None


async def _ask(gateway: Gateway, turn: Turn) -> list[Message]:
    door = gateway.rasa.say if turn.body.door == "say" else gateway.rasa.press
    return await door(turn.conversation_id, turn.body.content, channel=turn.channel, turn_id=turn.id)


async def _fail(gateway: Gateway, turn: Turn, lease: HeldLease, error: Exception) -> None:
    await asyncio.to_thread(_keep_failure, gateway, turn, lease)
    gateway.outbox_filled.set()
    # Only the error's type is told: the text of a database error shows the values of the statement.
    gateway.metrics.turns.labels(turn.channel, "failed").inc()
    log.warning("turn_failed", turn=turn.id, conversation=turn.conversation_id, error=type(error).__name__)


def _overdue(gateway: Gateway) -> list[tuple[str, str]]:
    with transaction(gateway.engine) as session:
        return inbox.overdue(session, now=gateway.clock())


def _next_waiting(gateway: Gateway, conversation_id: str, turn_id: str, tried: Collection[str]) -> Turn | None:
    with transaction(gateway.engine) as session:
        return inbox.next_waiting(session, conversation_id, turn_id, but=tried, vault=gateway.vault)


def _keep_answer(gateway: Gateway, turn: Turn, lease: HeldLease, messages: list[Message]) -> None:
    """Stores the answer, marks the turn done and fills the outbox, all or nothing, if the lease is still ours."""
    now = gateway.clock()
    with transaction(gateway.engine) as session:
        lease.renew_in(session)
        if not _is_wanted(session, turn):
            return
        conversation = session.get_one(Conversation, turn.conversation_id)
        lines = settle(session, gateway, conversation, messages, turn_id=turn.id)
        lines = _greeting(session, gateway, conversation) + lines + _remarks(turn)
        _keep(session, gateway, turn, conversation, lines)
        inbox.mark_done(session, turn.id, now=now)


def _keep_failure(gateway: Gateway, turn: Turn, lease: HeldLease) -> None:
    """Counts the failure; the first one is told the member, and so is the last."""
    now = gateway.clock()
    limit = timedelta(minutes=gateway.settings.retry_minutes)
    with transaction(gateway.engine) as session:
        lease.renew_in(session)
        if not _is_wanted(session, turn):
            return
        conversation = session.get_one(Conversation, turn.conversation_id)
        if inbox.mark_failed(session, turn.id, now=now, give_up_after=limit):
            lines = [NewLine("answer", notices.giving_up(gateway).to_public())]
        elif turn.attempts == 0 and turn.channel not in _WITH_ONE_REPLY:
            lines = [NewLine("provisional", notices.apology(gateway).to_public())]
        else:
            return
        _keep(session, gateway, turn, conversation, lines)


def _is_wanted(session: Session, turn: Turn) -> bool:
    """Whether the member did not take their message back while Rasa had it."""
    return inbox.state(session, turn.id) == "waiting"


def _keep(session: Session, gateway: Gateway, turn: Turn, conversation: Conversation, lines: list[NewLine]) -> None:
    now = gateway.clock()
    transcript.append(session, conversation, lines, vault=gateway.vault, now=now, turn_id=turn.id)
    if conversation.channel == "web":
        return  # a web page fetches its answers itself
    role = lines[-1].role
    outbox.enqueue(
        session,
        controller=conversation.controller,
        channel=conversation.channel,
        recipient=conversation.member_id,
        kind=outbox.ANSWER,
        body={"turn": turn.id, "role": role},
        dedupe_key=f"{role}:{turn.id}",
        now=now,
    )


def _greeting(session: Session, gateway: Gateway, conversation: Conversation) -> list[NewLine]:
    """The first message, on channels where a conversation begins with the member's words."""
    if conversation.channel == "web" or transcript.was_answered(session, conversation.member_id):
        return []
    return [NewLine("answer", notices.first_message(gateway, conversation.channel).to_public())]


def _remarks(turn: Turn) -> list[NewLine]:
    return [NewLine("answer", notices.masked(turn.body.masked).to_public())] if turn.body.masked else []
