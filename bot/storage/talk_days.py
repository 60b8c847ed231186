"""The figures of each Japanese day: worked out anew for every day whose conversations changed, and never lost.

A conversation counts on the day on which it began, with everything that came of it. Counting the same day again gives
the same row; after an outage every day that was left over is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, select, text, update
from sqlalchemy.orm import Session

from bot.clock import TOKYO, in_tokyo
from bot.storage.models import UNCOUNTED, Conversation, TalkDay

FIGURES = (
    "turns",
    "answers",
    "not_in_policy",
    "out_of_scope",
    "clarify",
    "handovers",
    "errors",
    "receipts",
    "helpful",
    "unhelpful",
)
"""The columns that a conversation and a day have in common."""

_DAY = timedelta(days=1)
AT_ONCE = 7
"""As many days in one transaction as never hold up whoever waits behind it."""


@dataclass(frozen=True)
class Figures:
    """What the conversations of one day on one channel came to."""

    day: date
    channel: str
    talks: int
    counts: Mapping[str, int]


def count_days(session: Session, controller: str, *, most: int = AT_ONCE) -> list[date]:
    """Counts days anew of which conversations changed since they were counted, the latest first.

    One process at a time does so: the jobs.

    Returns:
        The days; there may be more when there are `most` of them.
    """
    days = list(_uncounted(session, controller, most))
    for day in days:
        _empty_deleted(session, controller, day)
        _claim(session, controller, day)
        _replace(session, controller, day, _counted(session, controller, day))
    return days


def is_one_uncounted(session: Session, controller: str) -> bool:
    """Whether `count_days` has something to do; changes nothing."""
    return next(_uncounted(session, controller, 1), None) is not None


def of_days(session: Session, controller: str, first: date, last: date) -> list[Figures]:
    """The figures from `first` to `last`, deleted conversations among them, `last` as it is at this moment."""
    columns = [func.sum(getattr(TalkDay, name)) for name in ("talks", *FIGURES)]
    query = (
        select(TalkDay.day, TalkDay.channel, *columns)
        .where(TalkDay.controller == controller, TalkDay.day.between(first, last))
        # The last day still goes on: what is kept of it is counted now.
        .where(TalkDay.of_deleted | (TalkDay.day < last))
        .group_by(TalkDay.day, TalkDay.channel)
    )
    rows = [_figures(*row) for row in session.execute(query)]
    return rows + _counted(session, controller, last, waiting=True)


def moments_of(day: date) -> tuple[datetime, datetime]:
    """Where a Japanese day begins, and where the next one does."""
    start = datetime(day.year, day.month, day.day, tzinfo=TOKYO)
    return start, start + _DAY


def _uncounted(session: Session, controller: str, most: int) -> Iterator[date]:
    before: datetime | None = None
    for _ in range(most):
        query = select(Conversation.started_at).where(Conversation.controller == controller, text(UNCOUNTED))
        if before is not None:
            query = query.where(Conversation.started_at < before)
        latest = session.scalar(query.order_by(Conversation.started_at.desc()).limit(1))
        if latest is None:
            return
        day = in_tokyo(latest).date()
        yield day
        before, _ = moments_of(day)


def _of_day(controller: str, day: date) -> ColumnElement[bool]:
    first, following = moments_of(day)
    return and_(
        Conversation.controller == controller,
        Conversation.started_at >= first,
        Conversation.started_at < following,
    )


def _empty_deleted(session: Session, controller: str, day: date) -> None:
    """Moves the numbers of what was deleted to the day, so that a row of theirs tells nothing more."""
    deleted = (_of_day(controller, day), text(UNCOUNTED), Conversation.deleted_at.is_not(None))
    rows = session.scalars(select(Conversation).where(*deleted).order_by(Conversation.id).with_for_update()).all()
    for row in rows:
        if row.turns and not row.is_test:
            _add_to_deleted(session, day, row)
        for name in FIGURES:
            if name != "turns":  # ids, times and turns are what stays of a conversation
                setattr(row, name, 0)
        row.is_counted = True
    session.flush()


def _claim(session: Session, controller: str, day: date) -> None:
    # Before the sums are taken: what changes afterwards sets the mark again, and waits for this transaction to do so.
    claimed = update(Conversation).where(_of_day(controller, day), text(UNCOUNTED))
    session.execute(claimed.values(is_counted=True).execution_options(synchronize_session=False))


def _counted(session: Session, controller: str, day: date, *, waiting: bool = False) -> list[Figures]:
    """The sums of the day's conversations that are kept; if `waiting`, of those too whose numbers wait to be moved."""
    columns = [func.sum(getattr(Conversation, name)) for name in FIGURES]
    is_kept = Conversation.deleted_at.is_(None)
    query = (
        select(Conversation.channel, func.count(), *columns)
        .where(
            _of_day(controller, day),
            is_kept | text(UNCOUNTED) if waiting else is_kept,
            Conversation.turns > 0,
            Conversation.is_test.is_(False),
        )
        .group_by(Conversation.channel)
        .order_by(Conversation.channel)
    )
    return [_figures(day, *row) for row in session.execute(query)]


def _figures(day: date, channel: str, talks: int, *counts: int) -> Figures:
    return Figures(day, channel, int(talks), {name: int(count) for name, count in zip(FIGURES, counts, strict=True)})


def _replace(session: Session, controller: str, day: date, counted: Sequence[Figures]) -> None:
    session.execute(
        delete(TalkDay).where(TalkDay.controller == controller, TalkDay.day == day, TalkDay.of_deleted.is_(False))
    )
    session.add_all(
        TalkDay(controller=controller, day=day, channel=each.channel, of_deleted=False, talks=each.talks, **each.counts)
        for each in counted
    )
    session.flush()


def _add_to_deleted(session: Session, day: date, conversation: Conversation) -> None:
    row = session.get(TalkDay, (conversation.controller, day, conversation.channel, True))
    if row is None:
        row = TalkDay(controller=conversation.controller, day=day, channel=conversation.channel, of_deleted=True)
        row.talks = 0
        for name in FIGURES:
            setattr(row, name, 0)
        session.add(row)
        session.flush()
    row.talks += 1
    for name in FIGURES:
        setattr(row, name, getattr(row, name) + getattr(conversation, name))
