"""Times our whole product beside a stock Rasa assistant, in one run and in turns: `make bench`.

    python -m bench.turn [--seconds 8] [--rounds 3] [--users 1 8 32 128] [--tracker URL --database URL] [--out FILE]

Our turn searches the policy and answers with its words; stock Rasa's says one fixed text. Both sides run all the time,
and only one of them is asked at a time. What came of it goes to `var/bench/turn.json`, from which `bench.turn.report`
makes table and chart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.turn import costs, floors, stages
from bench.turn.asking import Slice, ask_for
from bench.turn.questions import endless, questions
from bench.turn.sides import Side, our_side, stock_side
from tests.support.product import AS_DELIVERED, Product

Json = dict[str, Any]


def main() -> None:
    """Starts both, asks both, writes what came of it."""
    options = _options()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        databases = {"DATABASE_URL": options.database, "TRACKER_URL": options.tracker}
        (folder / "ours").mkdir()
        given = {key: url for key, url in databases.items() if url}
        product = Product(folder / "ours", **AS_DELIVERED, **given)
        sides = [stack.enter_context(stock_side(folder)), stack.enter_context(our_side(product))]
        load = os.getloadavg()
        result = asyncio.run(_compare(sides, options))
        kept = stages.traces(product)
        samples = {"rasa: pipeline alone": stages.pipeline_alone(product)} | floors.measured(folder)
        samples |= stages.in_action(kept) | stages.in_gateway(product)
    reused = Counter(trace["query_vector"] for trace in kept)
    result |= {"stages": {stage: _spread(values) for stage, values in samples.items() if values}, "vectors": reused}
    result |= {"load_before": load, "distinct_questions": len(questions()), "database": options.database or "SQLite"}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    print(json.dumps(result, ensure_ascii=False, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.turn")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long one side is asked without a break")
    parser.add_argument("--rounds", type=int, default=3, help="how often the sides take turns")
    parser.add_argument("--users", type=int, nargs="+", default=[1, 8, 32, 128])
    parser.add_argument("--database", default="", help="our database; SQLite without it")
    parser.add_argument("--tracker", default="", help="our tracker's database; SQLite without it")
    parser.add_argument("--out", type=Path, default=Path("var/bench/turn.json"))
    return parser.parse_args()


async def _compare(sides: list[Side], options: argparse.Namespace) -> Json:
    texts = {side.name: endless() for side in sides}
    for side in sides:
        await ask_for(options.seconds / 2, side.begin, 1, texts[side.name])
    levels = []
    for users in options.users:
        slices: dict[str, list[Slice]] = {side.name: [] for side in sides}
        spent: dict[str, Counter[str]] = {side.name: Counter() for side in sides}
        for _ in range(options.rounds):
            for side in sides:
                before = costs.cpu(side.processes())
                slices[side.name].append(await ask_for(options.seconds, side.begin, users, texts[side.name]))
                spent[side.name].update(costs.between(before, costs.cpu(side.processes())))
        level = {name: _level(found, spent[name]) for name, found in slices.items()}
        levels.append({"users": users, **level})
        print(_line(levels[-1]), flush=True)
    return {"levels": levels, "sides": {side.name: _side(side) for side in sides}}


def _level(slices: list[Slice], spent: Counter[str]) -> Json:
    waits = [wait for each in slices for wait in each.milliseconds]
    kinds = sum((each.kinds for each in slices), Counter[str]())
    return {
        **_spread(waits),
        "per_second": len(waits) / sum(each.seconds for each in slices),
        "cpu_ms_a_turn": {name: 1000 * seconds / max(1, len(waits)) for name, seconds in spent.items()},
        "kinds": kinds,
        "failures": sum((each.failures for each in slices), Counter[str]()),
    }


def _side(side: Side) -> Json:
    return {
        "train_seconds": side.train_seconds,
        "ready_seconds": side.ready_seconds,
        "resident_mb": costs.resident(side.processes()),
    }


def _spread(values: list[float]) -> Json:
    ordered = sorted(values) or [float("nan")]
    return {"p50": ordered[len(ordered) // 2], "p95": ordered[int(len(ordered) * 0.95)], "n": len(ordered)}


def _line(level: Json) -> str:
    ours, stock = level["ours"], level["stock"]
    told = " ".join(
        f"{name}: p50 {side['p50']:.0f} p95 {side['p95']:.0f} ms {side['per_second']:.1f}/s"
        f" cpu { ({name: round(ms) for name, ms in side['cpu_ms_a_turn'].items()}) }"
        for name, side in (("ours", ours), ("stock", stock))
    )
    ratios = f"p50 ratio {ours['p50'] / stock['p50']:.2f}, rate ratio {ours['per_second'] / stock['per_second']:.2f}"
    return f"{level['users']} users | {told} | {ratios}"


if __name__ == "__main__":
    main()
