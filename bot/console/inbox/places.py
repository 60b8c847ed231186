"""Where the page of a request is, and where lists of requests go on: what several screens spell alike."""

from __future__ import annotations

from datetime import datetime

from bot.console.frame.paging import PlaceIsWrongError, read
from bot.console.requests import words
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK
from bot.register.models import State
from bot.register.queue import Place

_WITHOUT_IDENTITY = {
    State.IDENTITY_PENDING: "回答待ち",
    State.IDENTITY_EXPIRED: "回答待ち",
    State.VERIFIED: "回答待ち",
}


def place_of(kind: Kind, request_id: str) -> str:
    """The path of a request's own page: an inquiry or a complaint is answered in the inbox."""
    return f"/{'inbox' if kind in TO_THE_DESK else 'requests'}/{request_id}"


def state_of(state: State) -> str:
    """Where an inquiry or a complaint stands; nobody has to be identified for one, whatever the register notes."""
    return _WITHOUT_IDENTITY.get(state, words.STATES[state])


def arrival_place(text: str) -> Place | None:
    """The place of a list in the order of arrival that an address names; None when it names none.

    Raises:
        PlaceIsWrongError: it is no place of such a list.
    """
    place = read(text, 2)
    if place is None:
        return None
    try:
        moment = datetime.fromisoformat(str(place[0]))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PlaceIsWrongError("一覧の続きの指定が正しくありません")
    return Place(moment, str(place[1]))
