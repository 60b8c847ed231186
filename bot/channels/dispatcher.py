"""Brings turns to their answers: one in flight a conversation, by the platform's time, failures told and retried."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from bot.channels import notices
from bot.channels.gateway import Gateway
from bot.channels.handing import Claim, OneRasaIsAwayError, hand
from bot.channels.leasing import HeldLease, LeaseIsTakenError
from bot.channels.rasa_client import RasaIsAwayError
from bot.channels.settling import settle
from bot.channels.turn_leases import alone_in
from bot.crash_points import CrashPoint, crash_point
from bot.errors import UnavailableError
from bot.message import Message
from bot.references import of_turn, referring
from bot.spans import Fact, span, traceparent
from bot.storage import inbox, outbox, transcript
from bot.storage.engine import DatabaseIsClosedError, reading, transaction
from bot.storage.inbox import Turn
from bot.storage.models import Conversation
from bot.storage.transcript import NewLine, Role

log = structlog.get_logger()
_going_on: set[asyncio.Task[None]] = set()

_PATIENCE_MARGIN_SECONDS = 5.0
_RETRY_POLL_SECONDS = 1.0
_OVERDUE_AT_ONCE = 4
# The widget gives up after 20 seconds, and could not say then whom else to turn to.
_PAGE_SECONDS = 17.0

# On these a failed first try says nothing: there is one free reply, and while the turn may still be answered it is
# not spent on an apology. When it has to be spent, the channel itself says how things stand.
_WITH_ONE_REPLY = ("line",)


async def answer(gateway: Gateway, turn_id: str, conversation_id: str) -> None:
    """Brings one turn, and those before it, to an answer or to an apology; waits for a turn in flight.

    Returns without either when this process ends, or another holds the conversation for longer than a turn may take.
    """
    patience = gateway.settings.rasa_timeout + _PATIENCE_MARGIN_SECONDS
    try:
        await _run(gateway, turn_id, conversation_id, patience=patience)
    except LeaseIsTakenError:
        log.warning("turn_left_to_another_process", turn=turn_id)
    except DatabaseIsClosedError:
        log.info("turn_left_as_the_process_ends", turn=turn_id)


async def answer_soon(gateway: Gateway, turn_id: str, conversation_id: str) -> None:
    """As `answer`, but waits no longer than a page does; the turn goes on all the same.

    Raises:
        UnavailableError: the database does not answer; the turn is stored, and is taken up later.
    """
    turn = asyncio.create_task(answer(gateway, turn_id, conversation_id))
    # The loop itself holds tasks only weakly.
    _going_on.add(turn)
    turn.add_done_callback(_going_on.discard)
    await asyncio.wait({turn}, timeout=_PAGE_SECONDS)
    if turn.done():
        turn.result()
    else:
        turn.add_done_callback(_note_end)


def _note_end(turn: asyncio.Task[None]) -> None:
    if not turn.cancelled() and (error := turn.exception()) is not None:
        log.warning("turn_left_unanswered", error=type(error).__name__)


async def answer_overdue(gateway: Gateway) -> int:
    """Works off what was left by a crash or failed before; conversations that are busy are left alone.

    While Rasa is away one turn finds it out for all: the others stay as they are, but for those whose member is to
    be told something all the same.

    Returns:
        How many conversations were looked at.
    """
    overdue = [pair for pair in await asyncio.to_thread(_overdue, gateway) if not gateway.locks.is_held(pair[0])]
    found = _Round(gateway)
    for conversation_id, turn_id in overdue[:1]:
        await found.take_up(conversation_id, turn_id)
    await asyncio.gather(*(found.take_up(*pair) for pair in overdue[1:]))
    if found.away is not None:
        for conversation_id, turn_id in await asyncio.to_thread(_to_be_told, gateway):
            await _take_up(gateway, conversation_id, turn_id, found.away)
    return len(overdue)


@dataclass
class _Round:
    """One look at what is overdue, over as soon as Rasa turns out to be away."""

    gateway: Gateway
    away: RasaIsAwayError | None = None
    # A Rasa that has just come back would not survive everything that waited for it at once.
    few: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_OVERDUE_AT_ONCE))

    async def take_up(self, conversation_id: str, turn_id: str) -> None:
        async with self.few:
            if self.away is None:
                self.away = await _take_up(self.gateway, conversation_id, turn_id) or self.away


async def _take_up(
    gateway: Gateway, conversation_id: str, turn_id: str, away: RasaIsAwayError | None = None
) -> RasaIsAwayError | None:
    try:
        return await _run(gateway, turn_id, conversation_id, patience=0.0, away=away)
    except LeaseIsTakenError:
        return None
    except Exception:  # one conversation's trouble must not keep the others waiting
        log.exception("overdue_turn_failed", turn=turn_id)
        return None


async def keep_answering(gateway: Gateway) -> None:
    """Works off overdue turns as they come up, until it is cancelled."""
    while True:
        try:
            await answer_overdue(gateway)
        except UnavailableError as error:
            # While the database is away this is one line a second, which a traceback would make unreadable.
            log.warning("overdue_turns_not_read", error=type(error).__name__)
        except Exception:  # whatever else fails for a while must not end the retries
            log.exception("overdue_turns_not_read")
        await asyncio.sleep(_RETRY_POLL_SECONDS)


@dataclass
class _Pass:
    """One way through a conversation: its waiting turns up to the turn `turn_id`, each tried once.

    `away` is why Rasa is known to be away: what is left is then not asked, but told so at once.
    """

    gateway: Gateway
    conversation_id: str
    turn_id: str
    lease: HeldLease
    away: RasaIsAwayError | None
    claim: Claim
    tried: set[str] = field(default_factory=set)

    def next_turn(self) -> Turn | None:
        """The turn to try now; None at the end."""
        if self.lease.is_released:
            return None
        with reading(self.gateway.engine) as session:
            vault, but = self.gateway.vault, self.tried
            turn = inbox.next_waiting(session, self.conversation_id, self.turn_id, but=but, vault=vault)
        if turn is not None:
            self.tried.add(turn.id)
        return turn

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The transaction that keeps what came of a turn, if the lease is still ours; the last one gives it back."""
        with transaction(self.gateway.engine) as session:
            self.lease.renew_in(session)
            yield session
            self.claim.release_in(session)
            session.flush()
            if not inbox.is_one_waiting(session, self.conversation_id, self.turn_id, but=self.tried):
                self.lease.release_in(session)


async def _run(
    gateway: Gateway, turn_id: str, conversation_id: str, *, patience: float, away: RasaIsAwayError | None = None
) -> RasaIsAwayError | None:
    # The lock orders the turns of this process without polling; the lease orders processes. A slot is taken after the
    # lock, so that none stands idle behind another turn of the same conversation, and before the lease, which keeps
    # every other process from the conversation.
    place, *_ = gateway.rasa.shares.order(conversation_id)
    async with (
        gateway.locks.of(conversation_id),
        gateway.turn_slots.of(place),
        alone_in(gateway, conversation_id, patience=patience) as lease,
    ):
        way = _Pass(gateway, conversation_id, turn_id, lease, away, Claim(gateway, lease, conversation_id))
        while turn := await asyncio.to_thread(way.next_turn):
            reference, trace = of_turn(turn.id), turn.body.trace
            facts: dict[str, Fact] = {"channel": turn.channel, "reference": reference, "attempt": turn.attempts}
            with referring(reference), span("turn.answer", kind="consumer", parent=trace, **facts):
                if way.away is None:
                    way.away = await _attempt(way, turn)
                else:
                    await _fail(way, turn, way.away)
        return way.away


async def _attempt(way: _Pass, turn: Turn) -> RasaIsAwayError | None:
    """Answers one turn or apologises for it; returns the reason when Rasa is away."""
    gateway = way.gateway
    begun = time.monotonic()
    try:
        messages = await hand(way.claim, lambda place: _ask(gateway, turn, place))
        crash_point(CrashPoint.RASA_AFTER_CALL)
        asked = time.monotonic()
        await asyncio.to_thread(_keep_answer, way, turn, _with_time(messages, asked - begun))
    except LeaseIsTakenError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever failed, the turn counts as tried, or it would be tried forever
        await _fail(way, turn, error)
        # One of several that is away says nothing of the others.
        if isinstance(error, OneRasaIsAwayError):
            return None
        return error if isinstance(error, RasaIsAwayError) else None
    crash_point(CrashPoint.ANSWER_AFTER_COMMIT)
    gateway.outbox_filled.set()
    kept = time.monotonic()
    gateway.metrics.turn_seconds.observe(kept - begun)
    gateway.metrics.turns.labels(turn.channel, "answered").inc()
    spent = {"rasa_ms": round((asked - begun) * 1000, 1), "keep_ms": round((kept - asked) * 1000, 1)}
    log.info("turn_answered", turn=turn.id, conversation=turn.conversation_id, channel=turn.channel, **spent)
    return None


async def _ask(gateway: Gateway, turn: Turn, place: str) -> list[Message]:
    crash_point(CrashPoint.RASA_BEFORE_CALL)
    rasa = gateway.rasa.at(place)
    door = rasa.say if turn.body.door == "say" else rasa.press
    with span("rasa.call", kind="client", door=turn.body.door):
        return await door(turn.conversation_id, turn.body.content, channel=turn.channel, turn_id=turn.id)


def _with_time(messages: list[Message], seconds: float) -> list[Message]:
    """The first message's trace also tells how long Rasa and the action took together."""
    first, *rest = messages
    trace = (first.trace or {}) | {"rasa_ms": round(seconds * 1000, 1)}
    return [first.model_copy(update={"trace": trace}), *rest]


async def _fail(way: _Pass, turn: Turn, error: Exception) -> None:
    gateway = way.gateway
    await asyncio.to_thread(_keep_failure, way, turn)
    gateway.outbox_filled.set()
    # Only the error's type is told: the text of a database error shows the values of the statement.
    gateway.metrics.turns.labels(turn.channel, "failed").inc()
    log.warning("turn_failed", turn=turn.id, conversation=turn.conversation_id, error=type(error).__name__)


def _overdue(gateway: Gateway) -> list[tuple[str, str]]:
    with reading(gateway.engine) as session:
        return inbox.overdue(session, now=gateway.clock())


def _to_be_told(gateway: Gateway) -> list[tuple[str, str]]:
    now, limit = gateway.clock(), timedelta(minutes=gateway.settings.retry_minutes)
    with reading(gateway.engine) as session:
        return inbox.to_be_told(session, now=now, given_up_from=now - limit)


def _keep_answer(way: _Pass, turn: Turn, messages: list[Message]) -> None:
    """Stores the answer, marks the turn done and fills the outbox, all or nothing, if the lease is still ours."""
    gateway = way.gateway
    now = gateway.clock()
    with span("answer.keep"), way.transaction() as session:
        if not _is_wanted(session, turn):
            return
        conversation = session.get_one(Conversation, turn.conversation_id)
        lines = settle(session, gateway, conversation, messages, turn_id=turn.id)
        lines = _greeting(session, gateway, conversation, "answer") + lines + _remarks(turn)
        _keep(session, gateway, turn, conversation, lines)
        inbox.mark_done(session, turn.id, now=now)
        session.flush()
        crash_point(CrashPoint.ANSWER_BEFORE_COMMIT)


def _keep_failure(way: _Pass, turn: Turn) -> None:
    """Counts the failure; the first one is told the member, and so is the last."""
    gateway = way.gateway
    now = gateway.clock()
    limit = timedelta(minutes=gateway.settings.retry_minutes)
    role: Role
    with way.transaction() as session:
        if not _is_wanted(session, turn):
            return
        conversation = session.get_one(Conversation, turn.conversation_id)
        if inbox.mark_failed(session, turn.id, now=now, give_up_after=limit):
            role, told = "answer", notices.giving_up(gateway, turn.id)
        elif turn.attempts == 0 and turn.channel not in _WITH_ONE_REPLY:
            role, told = "provisional", notices.apology(gateway, turn.id)
        else:
            return
        lines = [*_greeting(session, gateway, conversation, role), NewLine(role, told.to_public())]
        _keep(session, gateway, turn, conversation, lines)


def _is_wanted(session: Session, turn: Turn) -> bool:
    """Whether the member did not take their message back while Rasa had it."""
    return inbox.is_waiting(session, turn.id)


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
        body={"turn": turn.id, "role": role, **_traced()},
        dedupe_key=f"{role}:{turn.id}",
        now=now,
    )


def _traced() -> dict[str, str]:
    return {"trace": trace} if (trace := traceparent()) else {}


def _greeting(session: Session, gateway: Gateway, conversation: Conversation, role: Role) -> list[NewLine]:
    """The first message, on channels where a conversation begins with the member's words; it goes before anything."""
    if conversation.channel == "web" or transcript.was_answered(session, conversation.member_id):
        return []
    return [NewLine(role, notices.first_message(gateway, conversation.channel).to_public())]


def _remarks(turn: Turn) -> list[NewLine]:
    return [NewLine("answer", notices.masked(turn.body.masked).to_public())] if turn.body.masked else []
