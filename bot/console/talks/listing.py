"""The list of conversations: what it can be narrowed to, and a page of it, without anything that is sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, TextClause, and_, or_, select, text
from sqlalchemy.orm import Session

from bot.storage import models
from bot.storage.models import Conversation
from bot.storage.talks import Review

CHANNELS = MappingProxyType({"web": "ウェブ", "line": "LINE", "slack": "Slack"})
REVIEWS = MappingProxyType({Review.OPEN: "未確認", Review.CHECKED: "確認済", Review.IMPROVE: "要改善"})
PERIODS = MappingProxyType({"": "すべて", "1": "24時間以内", "7": "7日以内", "30": "30日以内"})
MARKS = MappingProxyType(
    {"missed": "答えられなかった", "low": "確信が低い", "disliked": "役に立たなかった", "receipt": "受付あり"}
)
_CONDITIONS = {
    "missed": models.MISSED,
    "low": models.LOW,
    "disliked": models.DISLIKED,
    "receipt": models.WITH_RECEIPT,
}

# What conversations can be narrowed to, the rarest first.
_RAREST = ("improve", "disliked", "receipt", "low", "channel", "missed", "review")


@dataclass(frozen=True)
class Filter:
    """The choices as the form shows them; none of them is about a person."""

    channel: str = ""
    review: str = ""
    period: str = ""
    marks: frozenset[str] = frozenset()

    def query(self, **changes: str) -> str:
        """The address of the list with these choices, changed in some."""
        given = {"channel": self.channel, "review": self.review, "period": self.period}
        given |= dict.fromkeys(sorted(self.marks), "1")
        return "/talks?" + urlencode({name: value for name, value in (given | changes).items() if value})


@dataclass(frozen=True)
class Place:
    """Where a page goes on: after the conversation of this id, in which something happened last at this moment."""

    last_at: datetime
    id: str


@dataclass(frozen=True)
class TalkRow:
    """One conversation in numbers."""

    id: str
    channel: str
    last_at: datetime
    turns: int
    answers: int
    missed: int
    helpful: int
    unhelpful: int
    receipts: int
    lowest_stated: float | None
    review: Review


def read_filter(query: Mapping[str, str]) -> Filter:
    """The choices of an address; what is no choice counts as none."""
    return Filter(
        channel=_known(query.get("channel", ""), CHANNELS),
        review=_known(query.get("review", ""), REVIEWS),
        period=_known(query.get("period", ""), PERIODS),
        marks=frozenset(mark for mark in MARKS if query.get(mark) == "1"),
    )


def list_talks(
    session: Session, controller: str, wanted: Filter, *, after: Place | None, most: int, now: datetime
) -> list[TalkRow]:
    """At most `most` conversations, the latest on top: a short walk along the index of what is wanted."""
    query = select(Conversation).where(Conversation.controller == controller, text(models.LISTED))
    query = query.where(*_conditions(wanted))
    if wanted.period:
        query = query.where(Conversation.last_at >= now - timedelta(days=int(wanted.period)))
    if after is not None:
        is_same_moment = and_(Conversation.last_at == after.last_at, Conversation.id < after.id)
        # Said twice, since the first says to the index where to begin.
        query = query.where(Conversation.last_at <= after.last_at)
        query = query.where(or_(Conversation.last_at < after.last_at, is_same_moment))
    rows = session.scalars(query.order_by(Conversation.last_at.desc(), Conversation.id.desc()).limit(most))
    return [_row(row) for row in rows]


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool] | TextClause]:
    """What is wanted, in words by which only the index of the rarest of it can be walked.

    SQLite has no figures to choose an index by and would take a common one, along which it looks at every conversation
    when few are wanted. A sum with 0 and a text with nothing after it are the same values, and no index has them.
    """
    leading = next((sort for sort in _RAREST if _wants(wanted, sort)), "")
    for mark in sorted(wanted.marks):
        yield text(_CONDITIONS[mark]) if mark == leading else text(f"0 + {_CONDITIONS[mark]}")
    if wanted.channel:
        channel = Conversation.channel if leading == "channel" else Conversation.channel.concat("")
        yield channel == wanted.channel
    if wanted.review:
        is_leading = leading in ("improve", "review")
        yield (Conversation.review if is_leading else Conversation.review.concat("")) == wanted.review


def _wants(wanted: Filter, sort: str) -> bool:
    given = {"channel": wanted.channel, "review": wanted.review}
    return sort in wanted.marks or bool(given.get(sort)) or wanted.review == sort


def place_of(row: TalkRow) -> Sequence[str]:
    """What `Place` is spelt from."""
    return row.last_at.isoformat(), row.id


def _row(row: Conversation) -> TalkRow:
    return TalkRow(
        id=row.id,
        channel=row.channel,
        last_at=row.last_at,
        turns=row.turns,
        answers=row.answers,
        missed=row.not_in_policy + row.out_of_scope + row.clarify + row.errors,
        helpful=row.helpful,
        unhelpful=row.unhelpful,
        receipts=row.receipts,
        lowest_stated=row.lowest_stated,
        review=Review(row.review),
    )


def _known(value: str, choices: Iterable[str]) -> str:
    return value if value in set(choices) else ""
