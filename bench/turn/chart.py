"""Draws the comparison as an SVG that can be read on a light and on a dark page.

    .venv-rasa/bin/python bench/turn/chart.py var/bench/turn.json docs/images/speed.svg

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
_INK = "#7d8590"
_COLOURS = {"ours": "#2f81f7", "stock": "#b7791f"}
_NAMES = {"ours": "Madoguchi: search and answer", "stock": "stock Rasa 3.6.21: one fixed text"}
_PANELS = (("p50", "one turn, p50, ms"), ("per_second", "answered turns a second"))
_WIDTH = 0.38


def main() -> None:
    """Reads what the bench wrote, writes the picture."""
    source, target = map(Path, sys.argv[1:])
    levels = json.loads(source.read_text(encoding="utf-8"))["levels"]
    mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "speed", "text.color": _INK, "font.size": 10}
    mpl.rcParams |= {f"{part}.{key}": _INK for part in ("xtick", "ytick") for key in ("color", "labelcolor")}
    figure, axes = plt.subplots(1, len(_PANELS), figsize=(8, 3.3))
    for axis, (key, title) in zip(axes, _PANELS, strict=True):
        _draw(axis, levels, key, title)
    figure.tight_layout(rect=(0, 0.1, 1, 1))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="lower center", ncol=2, frameon=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, transparent=True, metadata={"Date": None})


def _draw(axis: Any, levels: "list[dict[str, Any]]", key: str, title: str) -> None:  # noqa: ANN401 - of matplotlib
    for place, side in enumerate(("ours", "stock")):
        places = [number + (place - 0.5) * _WIDTH for number in range(len(levels))]
        bars = axis.bar(
            places, [level[side][key] for level in levels], _WIDTH, color=_COLOURS[side], label=_NAMES[side]
        )
        axis.bar_label(bars, fmt="%.0f", color=_INK, fontsize=8)
    axis.set_title(title, color=_INK, fontsize=10)
    axis.set_xticks(range(len(levels)), [str(level["users"]) for level in levels])
    axis.set_xlabel("users at once", color=_INK)
    for edge in ("top", "right"):
        axis.spines[edge].set_visible(False)
    for edge in ("left", "bottom"):
        axis.spines[edge].set_color(_INK)


if __name__ == "__main__":
    main()
