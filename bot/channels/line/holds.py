"""The free reply of each event, kept as a row of the outbox until it is used.

A row of the kind `hold` is due when the member should first see that something happens, and again when the token has
to be spent whether or not there is an answer. Nothing of that is remembered by a process: whoever sends for LINE finds
the row when its time has come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.channels import limits
from bot.channels.gateway import Gateway
from bot.channels.line.events import LineEvent
from bot.storage import outbox
from bot.storage.models import Outbound

CHANNEL = "line"
HOLD = "hold"
"""The kind of the row; its body names the turn, if it belongs to one, and the token."""

# What is left of the minute when the answer has to be on its way.
_REPLY_LEAD_SECONDS = 5


@dataclass(frozen=True)
class Token:
    """A reply token that should still work; `hold_id` is its row, if it has one, `of_tap` whether a tap brought it."""

    value: str
    hold_id: str | None = None
    of_tap: bool = False


def reply_of(event: LineEvent, now: datetime) -> dict[str, Any]:
    """What answers this event; a redelivered one has the token of its first delivery, and may be too late."""
    usable = timedelta(seconds=limits.LINE_REPLY_SECONDS - _REPLY_LEAD_SECONDS)
    return {"token": event.reply_token, "until": (now + usable).isoformat()}


def keep_for_turn(
    session: Session, gateway: Gateway, event: LineEvent, *, member_id: str, turn_id: str, now: datetime
) -> None:
    """Keeps the reply of an event that asks for a turn."""
    first = now + timedelta(seconds=limits.LINE_LOADING_AFTER_SECONDS)
    _keep(session, gateway, event, member_id, turn_id, key=f"{HOLD}:{turn_id}", now=now, due=first)


def keep_for_tap(session: Session, gateway: Gateway, event: LineEvent, member_id: str, *, now: datetime) -> None:
    """Keeps the reply of a tap on 「続きを見る」, which takes whatever answer there is, or the next."""
    _keep(session, gateway, event, member_id, None, key=f"{HOLD}:tap:{event.id}", now=now, due=now)


def token_of(reply: dict[str, Any], *, now: datetime) -> Token | None:
    """The token that answers an event, while it should still work."""
    works = bool(reply["token"]) and now < datetime.fromisoformat(reply["until"])
    return Token(str(reply["token"])) if works else None


def token_of_hold(row: Outbound, *, now: datetime) -> Token | None:
    """The token that a row keeps, while it should still work and was not used."""
    token = token_of(row.body["reply"], now=now) if row.state in outbox.OPEN else None
    return None if token is None else replace(token, hold_id=row.id, of_tap=row.body["turn"] is None)


def token_for_turn(session: Session, member_id: str, turn_id: str, *, now: datetime) -> Token | None:
    """What can answer a turn: its own token, else that of a tap with which the member asked for answers since."""
    rows = outbox.open_rows(session, CHANNEL, recipient=member_id, kind=HOLD)
    own = [row for row in rows if row.body["turn"] == turn_id]
    taps = [row for row in rows if row.body["turn"] is None]
    tokens = (token_of_hold(row, now=now) for row in own + taps)
    return next((token for token in tokens if token is not None), None)


def offer_at(body: dict[str, Any]) -> datetime:
    """When the token is spent on offering the answer for later."""
    return datetime.fromisoformat(body["offer_at"])


def _keep(  # noqa: PLR0913 - the row has this many facts
    session: Session,
    gateway: Gateway,
    event: LineEvent,
    member_id: str,
    turn_id: str | None,
    *,
    key: str,
    now: datetime,
    due: datetime,
) -> None:
    if not event.reply_token:
        return
    offer = now + timedelta(seconds=limits.LINE_HOLD_SECONDS)
    outbox.enqueue(
        session,
        controller=gateway.controller,
        channel=CHANNEL,
        recipient=member_id,
        kind=HOLD,
        body={"turn": turn_id, "reply": reply_of(event, now), "offer_at": offer.isoformat()},
        dedupe_key=key,
        now=now,
        due=due,
    )
