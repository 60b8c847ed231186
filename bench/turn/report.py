"""Writes the figures of the last run into docs/speed.md: `python -m bench.turn.report`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.placing import Marks

SOURCE = Path("var/bench/turn.json")
TARGET = Path("docs/speed.md")
MARKS = Marks("<!-- figures: written by make bench -->", "<!-- end of figures -->")

Json = dict[str, Any]


def main() -> None:
    """Replaces what stands between the two marks."""
    result = json.loads(SOURCE.read_text(encoding="utf-8"))
    TARGET.write_text(MARKS.placed(TARGET.read_text(encoding="utf-8"), "\n".join(figures(result))), encoding="utf-8")


def figures(result: Json) -> Iterator[str]:
    """The tables, line by line."""
    load = ", ".join(f"{each:.1f}" for each in result["load_before"])
    yield f"{result['distinct_questions']} distinct questions; our database: {result['database']}; load before: {load}."
    yield ""
    yield "| users | ours p50 / p95 ms | stock p50 / p95 ms | ratio p50 | ours /s | stock /s | ratio | failed |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    yield from map(_level, result["levels"])
    yield ""
    yield "| process | CPU ms a turn, by users | resident MB |"
    yield "| --- | ---: | ---: |"
    for side in ("ours", "stock"):
        yield from _processes(result, side)
    yield ""
    yield "| side | train s | ready s |"
    yield "| --- | ---: | ---: |"
    for side, told in result["sides"].items():
        yield f"| {side} | {told['train_seconds']:.0f} | {told['ready_seconds']:.0f} |"
    yield ""
    yield "| stage | p50 ms | p95 ms | n |"
    yield "| --- | ---: | ---: | ---: |"
    for stage, told in result["stages"].items():
        yield f"| {stage} | {told['p50']:.1f} | {told['p95']:.1f} | {told['n']} |"


def _level(level: Json) -> str:
    ours, stock = level["ours"], level["stock"]
    ratios = ours["p50"] / stock["p50"], ours["per_second"] / stock["per_second"]
    return (
        f"| {level['users']} | {ours['p50']:.0f} / {ours['p95']:.0f} | {stock['p50']:.0f} / {stock['p95']:.0f} "
        f"| {ratios[0]:.2f} | {ours['per_second']:.1f} | {stock['per_second']:.1f} | {ratios[1]:.2f} "
        f"| {sum(ours['failures'].values())} / {sum(stock['failures'].values())} |"
    )


def _processes(result: Json, side: str) -> Iterator[str]:
    for name, megabytes in result["sides"][side]["resident_mb"].items():
        spent = " / ".join(f"{level[side]['cpu_ms_a_turn'][name]:.0f}" for level in result["levels"])
        yield f"| {side}: {name} | {spent} | {megabytes:.0f} |"


if __name__ == "__main__":
    main()
