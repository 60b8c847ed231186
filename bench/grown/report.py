"""Writes the figures of the last run into docs/speed.md: `python -m bench.grown.report`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.placing import Marks

SOURCE = Path("var/bench/grown.json")
TARGET = Path("docs/speed.md")
MARKS = Marks("<!-- grown: written by python -m bench.grown.report -->", "<!-- end of grown -->")

Json = dict[str, Any]


def main() -> None:
    """Replaces what stands between the two marks."""
    result = json.loads(SOURCE.read_text(encoding="utf-8"))
    TARGET.write_text(MARKS.placed(TARGET.read_text(encoding="utf-8"), "\n".join(figures(result))), encoding="utf-8")


def figures(result: Json) -> Iterator[str]:
    """The table, line by line."""
    before, after = (", ".join(f"{each:.1f}" for each in result[f"load_{when}"]) for when in ("before", "after"))
    yield (
        f"{result['users']} members at once; each Rasa held to {result['cores']:g} of a core ({result['held_by']}); "
        f"all else free, at nice {result['nice']}; load before: {before}; after: {after}."
    )
    yield ""
    yield "| Rasas | turns/s | of one | p50 ms | p95 ms | Rasa's CPU ms a turn | web's | turns | failed |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    one = result["levels"][0]["per_second"]
    for level in result["levels"]:
        cpu = level["cpu_ms_a_turn"]
        yield (
            f"| {level['rasas']} | {level['per_second']:.1f} | {level['per_second'] / one:.2f} | {level['p50']:.0f} "
            f"| {level['p95']:.0f} | {cpu['rasa']:.0f} | {cpu['web']:.0f} | {level['n']} | {level['failed']} |"
        )
    yield ""
    held = ", ".join(f"{part:.0%}" for part in result["throttled"])
    yield f"The quota held the Rasas back in {held} of its periods, those included in which they were not asked."


if __name__ == "__main__":
    main()
