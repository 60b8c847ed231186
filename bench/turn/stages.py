"""Where the time of our turns goes: what Rasa's pipeline takes alone, and what the product noted of its turns."""

from __future__ import annotations

import base64
import json
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import select

from bench.turn.questions import questions
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, reading
from bot.storage.models import Entry
from tests.support.product import Product

Samples = dict[str, list[float]]
Trace = dict[str, Any]

_PARSED = 100
_IN_ACTION = ("read", "embed", "search", "judge", "select", "compose")


def milliseconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def pipeline_alone(product: Product) -> list[float]:
    """What Rasa takes to understand a text, asked over its private channel: no dialogue, no tracker."""
    token = product.environment["MADOGUCHI_INTERNAL_TOKEN"]

    def parse(text: str) -> None:
        request = urllib.request.Request(
            f"{product.rasa_url}/webhooks/inspect/parse",
            data=json.dumps({"text": text}).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    return [milliseconds(partial(parse, text)) for text in questions()[:_PARSED]]


def traces(product: Product) -> list[Trace]:
    """The traces of every answer so far, oldest first."""
    environment = product.environment
    vault = Vault(*(base64.b64decode(environment[f"MADOGUCHI_{name}_KEY"]) for name in ("ENCRYPTION", "HASH")))
    engine = open_engine(environment["MADOGUCHI_DATABASE_URL"], controller="eparkrelax")
    with reading(engine) as session:
        rows = session.scalars(select(Entry).where(Entry.sealed_trace.is_not(None)).order_by(Entry.at)).all()
    engine.dispose()
    sealed = [(row.id, row.sealed_trace) for row in rows if row.sealed_trace]
    opened = [json.loads(vault.open(s, table="transcript", row=row, column="sealed_trace")) for row, s in sealed]
    return [trace["trace"] for trace in opened if "ms" in (trace.get("trace") or {})]


def in_action(kept: list[Trace]) -> Samples:
    """The stages of the action."""
    return {f"action: {name}": [trace["ms"][name] for trace in kept if name in trace["ms"]] for name in _IN_ACTION}


def in_gateway(product: Product) -> Samples:
    """What the gateway noted of each turn."""
    lines = (product.folder / "log" / "web.log").read_text("utf-8").splitlines()
    logged = [entry for entry in map(json.loads, lines) if entry["event"] == "turn_answered"]
    return {
        "gateway: waiting for Rasa": [entry["rasa_ms"] for entry in logged],
        "gateway: keeping the answer": [entry["keep_ms"] for entry in logged],
    }
