"""The overview's numbers, as charts and tables of one period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot.console.charts.series import Chart, Series
from bot.console.overview.requests import TWO_WEEKS, RequestFigures, request_figures
from bot.console.talks.listing import CHANNELS
from bot.storage import talk_days
from bot.storage.talk_days import Figures

PERIODS = (7, 30, 90)
_OUTCOMES = (
    ("answers", "方針から回答", "a"),
    ("not_in_policy", "方針に書かれていない", "b"),
    ("clarify", "聞き返し", "c"),
    ("handovers", "窓口へのご案内", "d"),
    ("out_of_scope", "対象外", "e"),
    ("errors", "エラー", "f"),
)
_TONES = "abcdef"


@dataclass(frozen=True)
class Share:
    """One part of a whole; `percent` is None when the whole is nothing."""

    title: str
    count: int
    percent: int | None


@dataclass(frozen=True)
class Overview:
    """Everything the page shows of one period."""

    first: date
    last: date
    talks: int
    turns: int
    receipts: int
    outcomes: Sequence[Share]
    feedback: Sequence[Share]
    by_channel: Chart
    by_outcome: Chart
    answer_days: Chart
    due: Chart
    requests: RequestFigures


def overview(session: Session, controller: str, days: int, today: date) -> Overview:
    """The numbers of the last `days` days, today among them."""
    first = today - timedelta(days=days - 1)
    figures = talk_days.of_days(session, controller, first, today)
    axis = [first + timedelta(days=number) for number in range(days)]
    requests = request_figures(session, controller, first, today)
    total = _total(figures)
    return Overview(
        first=first,
        last=today,
        talks=sum(each.talks for each in figures),
        turns=total["turns"],
        receipts=total["receipts"],
        outcomes=_shares([(title, total[name]) for name, title, _ in _OUTCOMES]),
        feedback=_shares([("役に立った", total["helpful"]), ("役に立たなかった", total["unhelpful"])]),
        by_channel=_by_channel(figures, axis),
        by_outcome=_by_outcome(figures, axis),
        answer_days=_answer_days(requests, axis),
        due=_due(requests),
        requests=requests,
    )


def _total(figures: Sequence[Figures]) -> Mapping[str, int]:
    return {name: sum(each.counts[name] for each in figures) for name in talk_days.FIGURES}


def _shares(parts: Sequence[tuple[str, int]]) -> list[Share]:
    whole = sum(count for _, count in parts)
    return [Share(title, count, round(100 * count / whole) if whole else None) for title, count in parts]


def _by_channel(figures: Sequence[Figures], axis: Sequence[date]) -> Chart:
    talks = {(each.channel, each.day): each.talks for each in figures}
    channels = [*CHANNELS, *sorted({each.channel for each in figures} - set(CHANNELS))]
    series = [
        Series(CHANNELS.get(channel, channel), tone, [talks.get((channel, day), 0) for day in axis])
        for channel, tone in zip(channels, _TONES, strict=False)
    ]
    return Chart("by-channel", "会話の数（経路ごと）", "件", _labels(axis), series)


def _by_outcome(figures: Sequence[Figures], axis: Sequence[date]) -> Chart:
    series = [Series(title, tone, list(_per_day(figures, axis, name))) for name, title, tone in _OUTCOMES]
    return Chart("by-outcome", "返事の内訳", "件", _labels(axis), series)


def _per_day(figures: Sequence[Figures], axis: Sequence[date], name: str) -> Iterator[int]:
    for day in axis:
        yield sum(each.counts[name] for each in figures if each.day == day)


def _answer_days(requests: RequestFigures, axis: Sequence[date]) -> Chart:
    taken = [requests.taken_by_day.get(day) for day in axis]
    series = [
        Series("中央値", "a", [each.median if each else None for each in taken]),
        Series("9割がこの日数以内", "b", [each.p90 if each else None for each in taken]),
    ]
    return Chart("answer-days", "回答までの日数（回答した日ごと）", "日", _labels(axis), series, TWO_WEEKS, "2週間")


def _due(requests: RequestFigures) -> Chart:
    labels = [f"{day:%m/%d}" for day, _ in requests.due]
    return Chart(
        "due", "これから14日間に期限を迎える請求", "件", labels, [Series("期限", "a", [n for _, n in requests.due])]
    )


def _labels(axis: Sequence[date]) -> list[str]:
    return [f"{day:%m/%d}" for day in axis]
