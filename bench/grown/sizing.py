"""Computes how many processes, cores and gigabytes so many turns a second take, from the figures of docs/speed.md.

python -m bench.grown.sizing        writes the table into docs/operations.md
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.placing import Marks

SOURCE, TARGET = Path("docs/speed.md"), Path("docs/operations.md")
MARKS = Marks("<!-- sizes: computed by python -m bench.grown.sizing -->", "<!-- end of sizes -->")

RATES = (10, 100, 1000)
LOAD = 0.5
"""Which part of a core each process is planned for: a queue that is half full answers soon, and one may be away."""

# Of each there are two, so that one may be restarted or die; the jobs work by the clock, one of them at a time.
_LEAST = 2
_SCALED = ("rasa", "actions", "web")
_ROW = re.compile(r"^\| ours: (\w+) \| ([\d /]+) \| (\d+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Cost:
    """What one process of a kind takes.

    Attributes:
        milliseconds: of a core, for each turn: the most that was measured with any number of users.
        megabytes: of memory, whatever it does.
    """

    milliseconds: float
    megabytes: float


def costs(page: str) -> dict[str, Cost]:
    """What the page on speed says of each kind of process."""
    return {
        name: Cost(max(map(float, spent.split("/"))), float(megabytes)) for name, spent, megabytes in _ROW.findall(page)
    }


def processes(rate: float, cost: Cost) -> int:
    """How many of a kind carry so many turns a second, none of them beyond its load."""
    return max(_LEAST, math.ceil(rate * cost.milliseconds / 1000 / LOAD))


def table(found: Mapping[str, Cost]) -> Iterator[str]:
    """The table, line by line."""
    yield "| turns/s | rasa | actions | web | jobs | console | cores | memory GB |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for rate in RATES:
        numbers = {name: processes(rate, found[name]) for name in _SCALED} | {"jobs": _LEAST, "console": 1}
        cores = sum(rate * found[name].milliseconds for name in _SCALED) / 1000 / LOAD
        gigabytes = sum(number * found[name].megabytes for name, number in numbers.items()) / 1000
        told = " | ".join(str(number) for number in numbers.values())
        yield f"| {rate:,} | {told} | {math.ceil(cores)} | {math.ceil(gigabytes)} |"


def main() -> None:
    """Replaces what stands between the two marks."""
    made = "\n".join(table(costs(SOURCE.read_text("utf-8"))))
    TARGET.write_text(MARKS.placed(TARGET.read_text("utf-8"), made), "utf-8")


if __name__ == "__main__":
    main()
