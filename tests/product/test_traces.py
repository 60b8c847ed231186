"""One turn through the real processes is one trace, in the collector and in the logs, without the member's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.chat import Member
from tests.support.otlp import collecting
from tests.support.product import Product

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

CANARY = "ひみつの合言葉"
QUESTION = f"{CANARY}なのですが、口座情報は何に使われますか"


def test_a_turn_is_one_connected_trace_over_all_processes(tmp_path: Path) -> None:
    with collecting() as collector:
        product = Product(tmp_path, TRACES_URL=collector.url)
        product.start()
        try:
            member = Member(product.url)
            answer = member.say(QUESTION)
        finally:
            # What is left is sent when the processes end.
            product.stop()

    assert answer[0]["kind"] != "error"
    top, stored, turn, call, action = map(
        collector.named, ("web.message", "inbox.store", "turn.answer", "rasa.call", "action.run")
    )
    assert [stored.parent, turn.parent, call.parent, action.parent] == [top.id, stored.id, turn.id, call.id]
    assert (top.process, action.process) == ("madoguchi-web", "madoguchi-actions")
    steps = {span.name for span in collector.spans if span.parent == action.id}
    assert {"policy.read", "policy.embed", "policy.search", "policy.compose"} <= steps
    assert {span.trace for span in collector.spans if span.name.startswith(("action.", "turn."))} == {top.trace}

    [told] = [line for line in lines(tmp_path / "log" / "web.log") if line["event"] == "turn_answered"]
    assert (told["trace"], told["reference"]) == (top.trace, turn.facts["madoguchi.reference"])

    sent = b"".join(collector.bodies)
    for personal in (CANARY, "口座情報", told["conversation"], told["turn"], answer[0]["text"][:20]):
        assert personal.encode() not in sent


def lines(log: Path) -> list[dict[str, str]]:
    found = (line for line in log.read_text("utf-8").splitlines() if line.startswith("{"))
    return [json.loads(line) for line in found]
