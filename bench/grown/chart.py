"""Draws the curve as an SVG that can be read on a light and on a dark page.

    .venv-rasa/bin/python bench/grown/chart.py var/bench/grown.json docs/images/grown.svg

Rasa's environment brings matplotlib along, pinned with it; the application's does not need it.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl  # type: ignore[import-not-found, unused-ignore] # it is in Rasa's environment

mpl.use("svg")
from matplotlib import pyplot as plt  # type: ignore[import-not-found, unused-ignore] # as above

# Each has a contrast of 3:1 or more against white and against GitHub's dark page.
_INK, _LINE, _OTHER = "#7d8590", "#2f81f7", "#b7791f"


def main() -> None:
    """Reads what the bench wrote, writes the picture."""
    source, target = map(Path, sys.argv[1:])
    levels = json.loads(source.read_text(encoding="utf-8"))["levels"]
    mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "grown", "text.color": _INK, "font.size": 10}
    mpl.rcParams |= {f"{part}.{key}": _INK for part in ("xtick", "ytick") for key in ("color", "labelcolor")}
    figure, (rate, wait) = plt.subplots(1, 2, figsize=(8, 3.3))
    numbers = [level["rasas"] for level in levels]
    measured = [level["per_second"] for level in levels]
    rate.plot(numbers, [measured[0] * number for number in numbers], "--", color=_INK, label="one, times their number")
    _draw(rate, numbers, measured, _LINE, "measured", "%.1f")
    rate.set_title("answered turns a second", color=_INK, fontsize=10)
    for key, colour in (("p50", _LINE), ("p95", _OTHER)):
        _draw(wait, numbers, [level[key] for level in levels], colour, key, "%.0f")
    wait.set_title("one turn, ms", color=_INK, fontsize=10)
    for axis in (rate, wait):
        _frame(axis, numbers)
    figure.tight_layout()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, transparent=True, metadata={"Date": None})


def _draw(axis: Any, numbers: "list[int]", values: "list[float]", colour: str, name: str, form: str) -> None:  # noqa: ANN401 - of matplotlib
    axis.plot(numbers, values, "o-", color=colour, label=name)
    for number, value in zip(numbers, values, strict=True):
        axis.annotate(form % value, (number, value), textcoords="offset points", xytext=(0, 7), color=_INK, fontsize=8)


def _frame(axis: Any, numbers: "list[int]") -> None:  # noqa: ANN401 - as above
    axis.set_xticks(numbers)
    axis.set_xlabel("Rasas")
    axis.xaxis.label.set_color(_INK)
    axis.set_ylim(bottom=0)
    axis.margins(x=0.15, y=0.2)
    axis.legend(frameon=False, fontsize=8)
    for edge in ("top", "right"):
        axis.spines[edge].set_visible(False)
    for edge in ("left", "bottom"):
        axis.spines[edge].set_color(_INK)


if __name__ == "__main__":
    main()
