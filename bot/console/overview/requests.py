"""What of the register the overview shows: kinds, how long answers take, what is due, what is open and how old.

Tests never count. An answer is there when the member was told of it (`member:notified`) for the last time, since one
that bounced had not arrived; its days are those of the two weeks, counted from the day of arrival.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median_low

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.audit import Action
from bot.register.kinds import Kind
from bot.register.models import TOLD_OR_OVER, AuditEvent, Request, State
from bot.storage.talk_days import moments_of

TWO_WEEKS = 14
AGES = ("7日以内", "8〜14日", "14日超")
# In these very words there is an index of what runs (`register.models`).
_RUNNING = f"state NOT IN ({', '.join(repr(str(state)) for state in TOLD_OR_OVER)})"


@dataclass(frozen=True)
class Taken:
    """How many days the answers took that members got on one day, or in the whole period.

    Attributes:
        answers: how many there were.
        median: half of them took no longer.
        p90: nine of ten took no longer.
        late: how many took longer than two weeks.
    """

    answers: int
    median: int
    p90: int
    late: int


@dataclass(frozen=True)
class RequestFigures:
    """The register's half of the overview.

    Attributes:
        kinds: requests that arrived in the period, by kind.
        taken: of all answers of the period; None when there were none.
        taken_by_day: of each day with answers.
        due: requests whose last day is each of the next days, today first.
        overdue: requests past their last day.
        open: open requests by state, in the ages of `AGES`.
    """

    kinds: Mapping[Kind, int]
    taken: Taken | None
    taken_by_day: Mapping[date, Taken]
    due: Sequence[tuple[date, int]]
    overdue: int
    open: Mapping[State, tuple[int, int, int]]


def request_figures(session: Session, controller: str, first: date, today: date) -> RequestFigures:
    """The figures from `first` to `today`; what is due and open as it is now."""
    days = _days_taken(session, controller, moments_of(first)[0])
    every = [taken for each in days.values() for taken in each]
    arrived = _running_by_day(session, controller)
    due = Counter({day + timedelta(days=TWO_WEEKS): sum(states.values()) for day, states in arrived.items()})
    ahead = [today + timedelta(days=number) for number in range(TWO_WEEKS)]
    return RequestFigures(
        kinds=_kinds(session, controller, moments_of(first)[0]),
        taken=_taken(every),
        taken_by_day={day: taken for day, each in days.items() if (taken := _taken(each))},
        due=[(day, due[day]) for day in ahead],
        overdue=sum(count for day, count in due.items() if day < today),
        open=_by_age(arrived, today),
    )


def _kinds(session: Session, controller: str, since: datetime) -> Mapping[Kind, int]:
    query = (
        select(Request.kind, func.count())
        .where(Request.controller == controller, Request.received_at >= since, Request.is_test.is_(False))
        .group_by(Request.kind)
    )
    counts = {Kind(kind): count for kind, count in session.execute(query)}
    return {kind: counts[kind] for kind in Kind if kind in counts}


def _days_taken(session: Session, controller: str, since: datetime) -> dict[date, list[int]]:
    """For each day on which members were told, how many days each of the answers took."""
    told_at = func.max(AuditEvent.at)
    query = (
        select(Request.received_at, told_at)
        .join(AuditEvent, AuditEvent.request_id == Request.id)
        .where(
            AuditEvent.controller == controller,
            AuditEvent.action == Action.MEMBER_NOTIFIED,
            AuditEvent.at >= since,
            Request.is_test.is_(False),
        )
        .group_by(Request.id, Request.received_at)
    )
    days: dict[date, list[int]] = {}
    for received_at, told in session.execute(query):
        day = in_tokyo(told).date()
        days.setdefault(day, []).append((day - in_tokyo(received_at).date()).days)
    return days


def _taken(days: Sequence[int]) -> Taken | None:
    if not days:
        return None
    ordered = sorted(days)
    ninth = ordered[-(-9 * len(ordered) // 10) - 1]
    return Taken(len(ordered), median_low(ordered), ninth, sum(taken > TWO_WEEKS for taken in ordered))


def _running_by_day(session: Session, controller: str) -> dict[date, Counter[State]]:
    """Open requests by the day of their arrival and by state, counted along the index of what runs."""
    day = _japanese_day(session)
    query = (
        select(day, Request.state, func.count())
        .where(Request.controller == controller, text(_RUNNING), Request.is_test.is_(False))
        .group_by(day, Request.state)
    )
    days: dict[date, Counter[State]] = {}
    for told, state, count in session.execute(query):
        days.setdefault(date.fromisoformat(str(told)), Counter())[State(state)] += count
    return days


def _japanese_day(session: Session) -> ColumnElement[object]:
    """The day of arrival in Japan, which keeps no summer time: nine hours after UTC."""
    if session.get_bind().dialect.name == "sqlite":
        return func.date(Request.received_at, "+9 hours")
    return func.date(func.timezone("Asia/Tokyo", Request.received_at))


def _by_age(arrived: Mapping[date, Counter[State]], today: date) -> dict[State, tuple[int, int, int]]:
    counts: dict[State, list[int]] = {}
    for day, states in arrived.items():
        age = (today - day).days
        place = 0 if age <= TWO_WEEKS // 2 else 1 if age <= TWO_WEEKS else 2
        for state, count in states.items():
            counts.setdefault(state, [0, 0, 0])[place] += count
    return {state: (*counts[state],) for state in State if state in counts}  # type: ignore[misc]  # three each
