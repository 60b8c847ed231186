"""The inbox: every event is a row before it is acknowledged, and stays one until it is answered."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, exists, func, select, text
from sqlalchemy.orm import Session, object_session

from bot.clock import CLOCKS_DIFFER
from bot.errors import BadInputError
from bot.storage.encryption import Vault
from bot.storage.forgetting import remove, rows
from bot.storage.models import EMPTIED, Conversation, Inbound
from bot.storage.retiring import retire

_LONGEST_DELAY_SECONDS = 30

# The platform's moment decides; what it cannot tell apart (two events of one millisecond) goes as it came.
_ORDER = (Inbound.occurred_at, Inbound.received_at, Inbound.id)


class EventHasAnotherBodyError(BadInputError):
    """The same event id came before with other content; the first one stands."""


@dataclass(frozen=True)
class TurnBody:
    """What a turn says to Rasa, and what its answer needs to know.

    `door` is how it goes in: `say` for what a person typed, `press` for a payload that we issued. `masked` names
    the sorts of personal data that were taken out; `reply` is what the channel needs to answer (a reply token). `trace`
    is where a trace goes on, in whichever process and however late the turn is answered; empty where none is kept.
    """

    door: Literal["say", "press"]
    content: str
    masked: tuple[str, ...] = ()
    reply: dict[str, Any] | None = None
    trace: str = ""


@dataclass(frozen=True)
class Turn:
    """An event in the inbox, opened."""

    id: str
    channel: str
    conversation_id: str
    body: TurnBody
    attempts: int
    received_at: datetime


@dataclass(frozen=True)
class Event:
    """The outer facts of an event.

    Attributes:
        channel: where it came from.
        event_id: the channel's own id of it.
        body_hash: tells whether the same id came with the same content.
        occurred_at: the platform's own moment, by which turns are ordered; None takes the moment of storing.
        message_id: the platform's name of the message, if it is one that can be taken back.
    """

    channel: str
    event_id: str
    body_hash: str
    occurred_at: datetime | None = None
    message_id: str | None = None


def find(session: Session, event: Event) -> Inbound | None:
    """The row of an event that came before.

    Raises:
        EventHasAnotherBodyError: it came with other content.
    """
    row = session.scalar(_of_event(event.channel, event.event_id))
    if row is not None and row.body_hash != event.body_hash:
        raise EventHasAnotherBodyError("this id was used for another message")
    return row


def has_come(session: Session, channel: str, event_id: str) -> bool:
    """Whether an event of this id came before, with whatever content."""
    return session.scalar(_of_event(channel, event_id).with_only_columns(Inbound.id)) is not None


def add(  # noqa: PLR0913 - what came, where it belongs, when it came and when it is looked after
    session: Session,
    event: Event,
    conversation: Conversation,
    body: TurnBody,
    *,
    vault: Vault,
    now: datetime,
    due: datetime,
) -> Inbound:
    """Stores an event; `due` is when somebody else takes over if whoever stored it does not finish."""
    row = _row(event, conversation.controller, now=now, due=due)
    row.conversation_id = conversation.id
    # A process of the release before reads a turn as well, as long as nothing is in it that it does not know.
    said = {name: value for name, value in asdict(body).items() if name != "trace" or value}
    plain = json.dumps(said, ensure_ascii=False)
    row.sealed_event = vault.seal(plain, table="inbox", row=row.id, column="sealed_event")
    session.add(row)
    session.flush()
    return row


def note(session: Session, event: Event, *, controller: str, now: datetime) -> Inbound:
    """Stores that an event came which asks Rasa for nothing; only its outer facts are kept."""
    row = _row(event, controller, now=now, due=now)
    row.state, row.done_at = "noted", now
    session.add(row)
    session.flush()
    return row


def next_waiting(
    session: Session, conversation_id: str, turn_id: str, *, but: Collection[str], vault: Vault
) -> Turn | None:
    """The first unanswered turn of a conversation, up to the turn `turn_id`, by the platform's own moment.

    Whoever works through them asks anew after each, so that one which comes late but happened earlier is next.

    Args:
        session: the open transaction.
        conversation_id: whose turns.
        turn_id: how far to go.
        but: ids of turns that were tried in this pass already.
        vault: opens the event.
    """
    row = _first_waiting(session, conversation_id, turn_id, but)
    return None if row is None else _turn(row, vault)


def is_one_waiting(session: Session, conversation_id: str, turn_id: str, *, but: Collection[str]) -> bool:
    """Whether `next_waiting` would give one."""
    return _first_waiting(session, conversation_id, turn_id, but) is not None


def overdue(session: Session, *, now: datetime, most: int = 100) -> list[tuple[str, str]]:
    """Pairs of conversation and its last turn that waits beyond its time.

    Nobody puts a turn off for minutes: one that is due later than that was put off by a clock that was ahead.
    """
    return _last_of_each(session, _is_due(now), most=most)


def to_be_told(session: Session, *, now: datetime, given_up_from: datetime, most: int = 100) -> list[tuple[str, str]]:
    """Pairs, as of `overdue`, whose member is to hear something even if Rasa is away.

    Either nobody has tried the turn yet, or it came before `given_up_from` and is given up.
    """
    is_news = (Inbound.attempts == 0) | (Inbound.received_at <= given_up_from)
    return _last_of_each(session, _is_due(now), is_news, most=most)


def mark_done(session: Session, turn_id: str, *, now: datetime) -> None:
    """The turn has its answer."""
    row = session.get_one(Inbound, turn_id)
    row.state, row.done_at, row.attempts = "done", now, row.attempts + 1


def mark_failed(session: Session, turn_id: str, *, now: datetime, give_up_after: timedelta) -> bool:
    """The turn could not be answered: it is tried again later and later, until it is given up.

    Returns:
        Whether it was given up now.
    """
    row = session.get_one(Inbound, turn_id)
    row.attempts += 1
    row.due_at = now + timedelta(seconds=min(2**row.attempts, _LONGEST_DELAY_SECONDS))
    # One that has not come yet came by a clock that was ahead; it would be tried until that moment has come.
    if -CLOCKS_DIFFER <= now - row.received_at < give_up_after:
        return False
    row.state, row.done_at = "failed", now
    return True


def state(session: Session, turn_id: str) -> str:
    """How the turn stands: waiting, done, failed or deleted."""
    return session.get_one(Inbound, turn_id).state


def is_awaited(session: Session, member_id: str) -> bool:
    """Whether any turn of this member waits for an answer."""
    mine = select(Conversation.id).where(Conversation.member_id == member_id)
    waiting = exists().where(Inbound.conversation_id.in_(mine), Inbound.state == "waiting")
    return bool(session.scalar(select(waiting)))


def of_message(session: Session, channel: str, message_id: str) -> Inbound | None:
    """The turn that this message of the platform is, locked; None when it did not come, or asked for no turn."""
    query = select(Inbound).where(
        Inbound.channel == channel, Inbound.message_id == message_id, Inbound.conversation_id.is_not(None)
    )
    return session.scalars(query.limit(1).with_for_update()).first()


def was_noted(session: Session, channel: str, message_id: str) -> bool:
    """Whether an event that is no turn named this message of the platform: it was taken back before it came."""
    noted = exists().where(
        Inbound.channel == channel, Inbound.message_id == message_id, Inbound.conversation_id.is_(None)
    )
    return bool(session.scalar(select(noted)))


def empty(row: Inbound, *, now: datetime) -> None:
    """Deletes what an event says; if it waits for an answer, it does so no longer."""
    if (session := object_session(row)) is not None:
        retire(session, [row.sealed_event])
    row.state, row.sealed_event, row.done_at = "deleted", None, now


def purge(session: Session, *, controller: str, before: datetime, most: int = 500) -> int:
    """Removes events that say nothing any more, or never did, and were seen to by this moment; gives how many.

    Until then they keep a redelivery from being answered anew.
    """
    seen_to = (Inbound.controller == controller, text(EMPTIED), Inbound.done_at <= before)
    return remove(session, rows(Inbound, *seen_to, most=most))


def is_waiting(session: Session, turn_id: str) -> bool:
    """Whether the turn waits for an answer; it stays so until this transaction ends."""
    return session.get_one(Inbound, turn_id, with_for_update=True, populate_existing=True).state == "waiting"


def count_waiting(session: Session) -> int:
    """How many turns wait for an answer."""
    return session.scalar(select(func.count()).select_from(Inbound).where(Inbound.state == "waiting")) or 0


def oldest_waiting(session: Session) -> datetime | None:
    """When the turn came that has waited for its answer the longest."""
    return session.scalar(select(func.min(Inbound.received_at)).where(Inbound.state == "waiting"))


def open_body(row: Inbound, vault: Vault) -> TurnBody:
    """What the event says; only for rows whose conversation was not deleted."""
    if row.sealed_event is None:
        raise ValueError(f"inbox row {row.id} was emptied with its conversation")
    fields = json.loads(vault.open(row.sealed_event, table="inbox", row=row.id, column="sealed_event"))
    return TurnBody(**(fields | {"masked": tuple(fields["masked"])}))


def _of_event(channel: str, event_id: str) -> Select[Inbound]:
    return select(Inbound).where(Inbound.channel == channel, Inbound.event_id == event_id)


def _row(event: Event, controller: str, *, now: datetime, due: datetime) -> Inbound:
    return Inbound(
        id=secrets.token_hex(16),
        controller=controller,
        channel=event.channel,
        event_id=event.event_id,
        body_hash=event.body_hash,
        message_id=event.message_id,
        state="waiting",
        attempts=0,
        occurred_at=event.occurred_at or now,
        received_at=now,
        due_at=due,
    )


def _first_waiting(session: Session, conversation_id: str, turn_id: str, but: Collection[str]) -> Inbound | None:
    last = session.get(Inbound, turn_id)
    if last is None:
        return None
    query = (
        select(Inbound)
        .where(
            Inbound.conversation_id == conversation_id,
            Inbound.state == "waiting",
            Inbound.occurred_at <= last.occurred_at,
            Inbound.id.not_in(but),
        )
        .order_by(*_ORDER)
    )
    # Of several of the same moment those behind `turn_id` have a pass of their own.
    return next((row for row in session.scalars(query) if _place(row) <= _place(last)), None)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return (Inbound.due_at <= now) | (Inbound.due_at > now + CLOCKS_DIFFER)


def _last_of_each(session: Session, *conditions: ColumnElement[bool], most: int) -> list[tuple[str, str]]:
    query = select(Inbound.conversation_id, Inbound.id).where(Inbound.state == "waiting", *conditions)
    # A row that waits has a conversation: only noted ones have none.
    rows = session.execute(query.order_by(*_ORDER).limit(most))
    return list({str(row.conversation_id): row.id for row in rows}.items())


def _place(row: Inbound) -> tuple[datetime, datetime, str]:
    return row.occurred_at, row.received_at, row.id


def _turn(row: Inbound, vault: Vault) -> Turn:
    return Turn(
        id=row.id,
        channel=row.channel,
        conversation_id=str(row.conversation_id),
        body=open_body(row, vault),
        attempts=row.attempts,
        received_at=row.received_at,
    )
