"""Rows of numbers as charts: bars that are stacked, and lines beside a limit; their totals stand in the description."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log10

from markupsafe import Markup

from bot.console.charts.canvas import Canvas, tag, text, tip

_CANVAS = Canvas(720, 220, left=48, right=8, top=10, bottom=26)
_GRID = 4
_MOST_LABELS = 10


@dataclass(frozen=True)
class Series:
    """One row of numbers; its colour is the class `chart__<tone>`."""

    title: str
    tone: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """What is drawn.

    Attributes:
        id: unique on its page.
        title: what it shows.
        unit: what its numbers count, such as 件.
        labels: one for each place on the axis.
        series: what stands at each place.
        limit: a height to be marked, if there is one.
        limit_title: what it means.
    """

    id: str
    title: str
    unit: str
    labels: Sequence[str]
    series: Sequence[Series]
    limit: float | None = None
    limit_title: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for each in self.series for value in each.values)

    @property
    def description(self) -> str:
        """What somebody hears who does not see it."""
        totals = (f"{each.title}は合計{_number(sum(v or 0 for v in each.values))}{self.unit}" for each in self.series)
        return f"{self.labels[0]}から{self.labels[-1]}まで。" + "、".join(totals) + "。" if self.labels else ""


def bars(chart: Chart) -> Markup:
    """Bars, the series of a place on top of each other."""
    heights = [sum(each.values[place] or 0 for each in chart.series) for place in range(len(chart.labels))]
    top = _top(max([*heights, chart.limit or 0]))
    return _drawn(chart, top, _stacks(chart, top))


def lines(chart: Chart) -> Markup:
    """A line for each series; where a value is missing, it is broken."""
    top = _top(max([*(value or 0 for each in chart.series for value in each.values), chart.limit or 0]))
    return _drawn(chart, top, _lines(chart, top))


def _drawn(chart: Chart, top: float, marks: Iterator[Markup]) -> Markup:
    named = Markup('aria-labelledby="{0}-title {0}-desc"').format(chart.id)
    told = Markup('<title id="{0}-title">{1}</title><desc id="{0}-desc">{2}</desc>').format(
        chart.id, chart.title, chart.description
    )
    grid = _CANVAS.scale((part / _GRID, _number(top * part / _GRID)) for part in range(_GRID + 1))
    return _CANVAS.picture(named, [told, *grid, *marks, *_labels(chart), *_limit(chart, top)])


def _stacks(chart: Chart, top: float) -> Iterator[Markup]:
    step = _step(chart)
    width = max(1.0, min(40.0, step * 0.72))
    for place, label in enumerate(chart.labels):
        below = 0.0
        for each in chart.series:
            value = each.values[place] or 0
            if value:
                yield tag(
                    "rect",
                    _told(label, each, value, chart.unit),
                    class_=f"chart__{each.tone}",
                    x=_x(chart, place) - width / 2,
                    y=_CANVAS.y((below + value) / top),
                    width=width,
                    height=_CANVAS.y(below / top) - _CANVAS.y((below + value) / top),
                )
            below += value


def _lines(chart: Chart, top: float) -> Iterator[Markup]:
    for each in chart.series:
        points = [(place, value) for place, value in enumerate(each.values) if value is not None]
        for (before, low), (after, high) in pairwise(points):
            if after == before + 1:
                yield tag(
                    "line",
                    class_=f"chart__line chart__line--{each.tone}",
                    x1=_x(chart, before),
                    y1=_CANVAS.y(low / top),
                    x2=_x(chart, after),
                    y2=_CANVAS.y(high / top),
                )
        for place, value in points:
            told = _told(chart.labels[place], each, value, chart.unit)
            yield tag("circle", told, class_=f"chart__{each.tone}", cx=_x(chart, place), cy=_CANVAS.y(value / top), r=3)


def _labels(chart: Chart) -> Iterator[Markup]:
    every = max(1, ceil(len(chart.labels) / _MOST_LABELS))
    for place in range(0, len(chart.labels), every):
        yield text(_x(chart, place), _CANVAS.height - 8, chart.labels[place], "middle")


def _limit(chart: Chart, top: float) -> Iterator[Markup]:
    if chart.limit is not None:
        share = chart.limit / top
        yield _CANVAS.rule(share, "chart__limit")
        yield text(_CANVAS.width - _CANVAS.right, _CANVAS.y(share) - 4, chart.limit_title, "end")


def _told(label: str, series: Series, value: float, unit: str) -> Markup:
    return tip(f"{label} {series.title} {_number(value)}{unit}")


def _step(chart: Chart) -> float:
    return _CANVAS.breadth / max(1, len(chart.labels))


def _x(chart: Chart, place: int) -> float:
    return _CANVAS.left + _step(chart) * (place + 0.5)


def _top(highest: float) -> float:
    """The end of the axis: a round number not below what is shown, of which quarters are round too."""
    unit = 10.0 ** max(0, int(log10(max(highest, _GRID) / _GRID)))
    return next(unit * times for times in range(_GRID, 11 * _GRID, _GRID) if unit * times >= highest)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
