"""Times one answered turn, warm, one user, SQLite, with every process real: `make bench`.

Prints p50 and p95 of the whole turn as a client sees it, and of its stages: what Rasa's pipeline takes alone (asked
over the inspect channel), what search and composing take in the action, what the gateway waits for Rasa, what it takes
to keep the answer. Says how often the question itself was embedded: once, in Rasa's featurizer, when the action reports
that it used that vector.
"""

from __future__ import annotations

import base64
import json
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.questions import QUESTIONS
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction
from bot.storage.models import Entry
from tests.support.chat import Member
from tests.support.product import Product

ROUNDS = 20
Samples = dict[str, list[float]]


def main() -> None:
    """Starts the product, asks, prints."""
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder))
        product.start()
        try:
            _ask(product, rounds=2)
            warm = _traces(product)
            samples = _ask(product, rounds=ROUNDS)
            samples["rasa: pipeline alone"] = _parses(product)
            traces = _traces(product)[len(warm) :]
            logged = _log(product, "turn_answered")[-len(samples["whole turn"]) :]
        finally:
            product.stop()
    _print(samples | _stages(traces) | _gateway(logged), traces)


def _ask(product: Product, *, rounds: int) -> Samples:
    samples: Samples = {"whole turn": []}
    for _ in range(rounds):
        member = Member(product.url)
        for question in QUESTIONS:
            samples["whole turn"].append(_milliseconds(partial(member.say, question)))
    return samples


def _parses(product: Product) -> list[float]:
    token = product.environment["MADOGUCHI_INTERNAL_TOKEN"]

    def parse(text: str) -> None:
        request = urllib.request.Request(
            f"{product.rasa_url}/webhooks/inspect/parse",
            data=json.dumps({"text": text}).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    return [_milliseconds(partial(parse, text)) for _ in range(ROUNDS) for text in QUESTIONS]


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _traces(product: Product) -> list[dict[str, Any]]:
    environment = product.environment
    keys = [base64.b64decode(environment[f"MADOGUCHI_{name}_KEY"]) for name in ("ENCRYPTION", "HASH")]
    vault = Vault(*keys)
    engine = open_engine(environment["MADOGUCHI_DATABASE_URL"])
    with transaction(engine) as session:
        rows = session.scalars(select(Entry).where(Entry.sealed_trace.is_not(None)).order_by(Entry.at)).all()
    engine.dispose()
    sealed = [(row.id, row.sealed_trace) for row in rows if row.sealed_trace]
    opened = [json.loads(vault.open(s, table="transcript", row=row, column="sealed_trace")) for row, s in sealed]
    return [trace["trace"] for trace in opened if "trace" in trace]


def _log(product: Product, event: str) -> list[dict[str, Any]]:
    lines = (product.folder / "log" / "web.log").read_text("utf-8").splitlines()
    return [entry for entry in map(json.loads, lines) if entry["event"] == event]


def _stages(traces: list[dict[str, Any]]) -> Samples:
    names = ("read", "embed", "search", "compose")
    return {f"action: {name}": [trace["ms"][name] for trace in traces] for name in names}


def _gateway(logged: list[dict[str, Any]]) -> Samples:
    return {
        "gateway: waiting for Rasa": [entry["rasa_ms"] for entry in logged],
        "gateway: keeping the answer": [entry["keep_ms"] for entry in logged],
    }


def _print(samples: Samples, traces: list[dict[str, Any]]) -> None:
    print(f"{'stage':<32}{'p50 ms':>8}{'p95 ms':>8}{'n':>6}")
    for stage, values in samples.items():
        p95 = statistics.quantiles(values, n=20)[-1]
        print(f"{stage:<32}{statistics.median(values):8.1f}{p95:8.1f}{len(values):6d}")
    used = sum(trace["query_vector"] == "used" for trace in traces)
    further = sum(trace["embedded"] for trace in traces)
    print(f"the question was embedded once (Rasa's vector used) in {used} of {len(traces)} turns;")
    print(f"further texts (everyday words put into policy words) embedded in the same turns: {further}")


if __name__ == "__main__":
    main()
