"""The one outbox: every notice is a row, in the transaction that causes it, before it is sent."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from bot.clock import CLOCKS_DIFFER
from bot.storage.forgetting import remove, rows
from bot.storage.models import OVER, Outbound

ANSWER = "answer"
"""The kind of a row that brings the answer of a turn to where the member wrote."""

OPEN = ("waiting", "kept")
"""The states of what is still to be sent: when its time has come, or when there is an occasion."""

_FIRST_DELAY_SECONDS = 2
_LONGEST_DELAY_SECONDS = 600
_LONGEST_ABSENCE_SECONDS = 30
_MOST_ATTEMPTS = 200


def enqueue(  # noqa: PLR0913 - one notice has this many facts, and every caller names them
    session: Session,
    *,
    controller: str,
    channel: str,
    recipient: str,
    kind: str,
    body: dict[str, Any],
    dedupe_key: str,
    now: datetime,
    due: datetime | None = None,
) -> str:
    """Notes that something shall be sent; the same `dedupe_key` again changes nothing.

    Args:
        session: the open transaction that causes the notice.
        controller: whose notice it is.
        channel: which sender takes it: `line`, `slack`, `mail`, `rasa` …
        recipient: an id the sender can look up, never an address in clear.
        kind: what the notice is, for the sender and for staff.
        body: ids and codes only; the sender looks up what is personal.
        dedupe_key: names the occasion within this company, so that a repeated cause does not send twice.
        now: the present moment.
        due: when to send it; at once when absent.

    Returns:
        The id of the row, new or found.
    """
    same = select(Outbound.id).where(Outbound.controller == controller, Outbound.dedupe_key == dedupe_key)
    known = session.scalar(same)
    if known is not None:
        return known
    row = Outbound(
        id=secrets.token_hex(16),
        controller=controller,
        channel=channel,
        recipient=recipient,
        kind=kind,
        body=body,
        dedupe_key=dedupe_key,
        state="waiting",
        attempts=0,
        created_at=now,
        due_at=due or now,
        sent_at=None,
    )
    session.add(row)
    session.flush()
    return row.id


def due_rows(session: Session, channel: str, *, now: datetime, most: int = 50) -> list[Outbound]:
    """What waits for this channel's sender, oldest first.

    What a clock that was ahead has written is due at once when the clock is corrected.
    """
    is_due = (Outbound.due_at <= now) | (Outbound.created_at > now + CLOCKS_DIFFER)
    return list(
        session.scalars(
            select(Outbound)
            .where(Outbound.channel == channel, Outbound.state == "waiting", is_due)
            .order_by(Outbound.created_at, Outbound.id)
            .limit(most)
        )
    )


@dataclass(frozen=True)
class Waiting:
    """What of one channel should have gone out by now: how many notices, and when the oldest of them was caused."""

    channel: str
    count: int
    oldest: datetime


def waiting_rows(session: Session, *, now: datetime) -> list[Waiting]:
    """What waits, by channel; not what is only due later, unless it was tried before and is tried again."""
    is_late = (Outbound.due_at <= now) | (Outbound.attempts > 0)
    query = select(Outbound.channel, func.count(), func.min(Outbound.created_at))
    found = session.execute(query.where(Outbound.state == "waiting", is_late).group_by(Outbound.channel))
    return [Waiting(*row) for row in found]


def count_given_up(session: Session) -> int:
    """How many notices were given up, and are left for a person to see."""
    return session.scalar(select(func.count()).select_from(Outbound).where(Outbound.state == "failed")) or 0


def find(session: Session, dedupe_key: str) -> Outbound | None:
    """The row of this occasion."""
    return session.scalar(select(Outbound).where(Outbound.dedupe_key == dedupe_key))


def open_rows(session: Session, channel: str, *, recipient: str, kind: str) -> list[Outbound]:
    """What of this kind is still to be sent to one recipient, oldest first, whether or not its time has come."""
    query = select(Outbound).where(
        Outbound.channel == channel,
        Outbound.recipient == recipient,
        Outbound.kind == kind,
        Outbound.state.in_(OPEN),
    )
    return list(session.scalars(query.order_by(Outbound.created_at, Outbound.id)))


def drop(session: Session, channel: str, *, recipient: str) -> None:
    """Nothing more goes to this recipient of what is still to be sent."""
    session.execute(
        update(Outbound)
        .where(Outbound.channel == channel, Outbound.recipient == recipient, Outbound.state.in_(OPEN))
        .values(state="skipped")
    )


def mark_sent(session: Session, row_id: str, *, now: datetime) -> None:
    """The sender's other side has taken it."""
    row = session.get_one(Outbound, row_id)
    row.state, row.sent_at, row.attempts = "sent", now, row.attempts + 1


def mark_failed(session: Session, row_id: str, *, now: datetime) -> None:
    """It did not go out: tried again later and later, at last left for a person to see."""
    row = session.get_one(Outbound, row_id)
    row.attempts += 1
    row.due_at = now + timedelta(seconds=min(_FIRST_DELAY_SECONDS * 2**row.attempts, _LONGEST_DELAY_SECONDS))
    if row.attempts >= _MOST_ATTEMPTS:
        row.state = "failed"


def mark_unreached(session: Session, row_id: str, *, now: datetime) -> None:
    """The other side was away, which is no fault of the notice: it goes out soon after that is back, however late."""
    row = session.get_one(Outbound, row_id)
    row.attempts += 1
    row.due_at = now + timedelta(seconds=min(_FIRST_DELAY_SECONDS * 2**row.attempts, _LONGEST_ABSENCE_SECONDS))


def mark_postponed(session: Session, row_id: str, *, due: datetime) -> None:
    """Its time has not come yet."""
    session.get_one(Outbound, row_id).due_at = due


def mark_kept(session: Session, row_id: str, *, now: datetime) -> None:
    """It waits for an occasion, not for a time: whoever has one sends it. `due_at` keeps the moment of the finding."""
    row = session.get_one(Outbound, row_id)
    row.state, row.due_at = "kept", now


def mark_skipped(session: Session, row_id: str, *, now: datetime) -> None:
    """It shall not be sent, and nothing is wrong. `due_at` keeps the moment of the finding."""
    row = session.get_one(Outbound, row_id)
    row.state, row.due_at = "skipped", now


def purge(session: Session, *, controller: str, before: datetime, most: int = 500) -> int:
    """Removes notices that were sent, or set aside, by this moment; gives how many.

    Until then they keep the same occasion from being told twice, and say what went out.
    """
    # What was sent late was due before; the index is by that.
    over = (
        Outbound.controller == controller,
        text(OVER),
        Outbound.due_at <= before,
        func.coalesce(Outbound.sent_at, Outbound.due_at) <= before,
    )
    return remove(session, rows(Outbound, *over, most=most))


def mark_undeliverable(session: Session, row_id: str, *, now: datetime) -> None:
    """It can never go out: left for a person to see, not tried again. `due_at` keeps the moment of the finding."""
    row = session.get_one(Outbound, row_id)
    row.state, row.due_at, row.attempts = "failed", now, row.attempts + 1
