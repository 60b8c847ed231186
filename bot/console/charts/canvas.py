"""The ground of every chart: an SVG of fixed size with a scale of heights, drawn here and without script.

Colours are classes of a stylesheet (`static/charts.css` and a room's own), since the console's policy of content allows
no style in a page. What a chart shows also stands, by its page, in a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Canvas:
    """The size of a chart and the margins around what it plots."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def breadth(self) -> float:
        """Between the margins."""
        return self.width - self.left - self.right

    def y(self, share: float) -> float:
        """Where a share of the whole height lies."""
        return self.height - self.bottom - (self.height - self.top - self.bottom) * share

    def rule(self, share: float, class_: str) -> Markup:
        """A line from margin to margin."""
        y = self.y(share)
        return tag("line", class_=class_, x1=self.left, x2=self.width - self.right, y1=y, y2=y)

    def scale(self, heights: Iterable[tuple[float, str]]) -> Iterator[Markup]:
        """A rule at each of these shares, with what it means beside it."""
        for share, label in heights:
            yield self.rule(share, "chart__grid")
            yield text(self.left - 6, self.y(share) + 4, label, "end")

    def picture(self, named: Markup, marks: Iterable[Markup], class_: str = "chart") -> Markup:
        """The whole of it; `named` are the attributes by which those who do not see it know what it shows."""
        return Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" {}>{}</svg>').format(
            class_, self.width, self.height, named, Markup("").join(marks)
        )


def tag(name: str, inner: str = "", *, class_: str, **numbers: float) -> Markup:
    """One shape; `inner` is Markup where it holds any."""
    placed = Markup(" ").join(Markup('{}="{:.1f}"').format(key, value) for key, value in numbers.items())
    return Markup('<{name} class="{class_}" {placed}>{inner}</{name}>').format(
        name=name, class_=class_, placed=placed, inner=inner
    )


def text(x: float, y: float, words: str, anchor: str) -> Markup:
    """Words in the picture."""
    return Markup('<text class="chart__text" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        x, y, anchor, words
    )


def tip(words: str) -> Markup:
    """What is told of a shape under the pointer."""
    return Markup("<title>{}</title>").format(words)
