"""How the share of passed cases went from run to run, as a drawing; a table beside it says the same in figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from bot.console.charts.canvas import Canvas, tag, tip
from bot.console.frame.wording import short_moment
from bot.evaluation.runs.models import RegressionRun

_CANVAS = Canvas(640, 180, left=44, right=12, top=12, bottom=28)
_SCALE = ((0.0, "0%"), (0.5, "50%"), (1.0, "100%"))
_NAMED = Markup('aria-label="合格の割合の折れ線。数字は下の表にあります。"')


def trend_of(runs: Sequence[RegressionRun]) -> Markup | None:
    """The drawing of runs in the order of time; None for fewer than two, of which there is nothing to see."""
    if len(runs) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    step = _CANVAS.breadth / (len(runs) - 1)
    points = [(_CANVAS.left + step * place, _CANVAS.y(_share(run))) for place, run in enumerate(runs)]
    marks = [*_CANVAS.scale(_SCALE), _line(points), *_dots(points, runs)]
    return _CANVAS.picture(_NAMED, marks, "chart trend")


def _share(run: RegressionRun) -> float:
    return run.passed / run.cases if run.cases else 0.0


def _line(points: Sequence[tuple[float, float]]) -> Markup:
    return Markup('<polyline class="trend__line" points="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in points))


def _dots(points: Sequence[tuple[float, float]], runs: Sequence[RegressionRun]) -> Iterator[Markup]:
    for (x, y), run in zip(points, runs, strict=True):
        told = tip(f"{short_moment(run.started_at)} {run.passed} / {run.cases}")
        class_ = "trend__point" if run.is_green else "trend__point trend__point--red"
        yield tag("circle", told, class_=class_, cx=x, cy=y, r=4)
