"""A turn in the gateway is one trace, also when it is answered later, and nothing in it is the member's."""

from __future__ import annotations

from bot import spans
from bot.channels import dispatcher
from tests.support.fake_rasa import plain, raw
from tests.support.otlp import Collector, collecting
from tests.support.web_member import Desk

WORDS = "わたしの秘密の文"


async def test_a_turn_is_one_trace_from_its_arrival_to_its_answer(desk: Desk, collector: Collector) -> None:
    member = await desk.member()
    await member.send(text=WORDS)
    spans.close()

    top, stored, turn, call, kept = map(
        collector.named, ("web.message", "inbox.store", "turn.answer", "rasa.call", "answer.keep")
    )
    assert [stored.parent, turn.parent, call.parent, kept.parent] == [top.id, stored.id, turn.id, turn.id]
    [asked] = desk.rasa.heard
    assert asked["metadata"]["traceparent"].startswith(f"00-{top.trace}-{call.id}-")
    assert turn.facts["madoguchi.reference"] == asked["metadata"]["turn"][:8]
    sent = b"".join(collector.bodies)
    for personal in (WORDS, asked["sender"], asked["metadata"]["turn"]):
        assert personal.encode() not in sent


async def test_a_turn_that_is_answered_later_goes_on_in_its_trace(desk: Desk, collector: Collector) -> None:
    member = await desk.member()
    desk.rasa.turns = [raw([]), plain()]
    await member.send(text=WORDS)
    desk.clock.pass_time(minutes=1)
    await dispatcher.answer_overdue(desk.gateway)
    spans.close()

    tries = [span for span in collector.spans if span.name == "turn.answer"]
    calls = [span for span in collector.spans if span.name == "rasa.call"]
    assert [one.facts["madoguchi.attempt"] for one in tries] == [0, 1]
    assert {one.trace for one in (*tries, *calls)} == {collector.named("web.message").trace}
    assert [one.is_failed for one in calls] == [True, False]


async def test_a_collector_that_is_away_costs_a_turn_nothing(desk: Desk) -> None:
    with collecting() as gone:
        url = gone.url
    spans.configure(url, "web")
    try:
        member = await desk.member()
        [answer] = await member.send(text=WORDS)
        assert answer["text"] == "はい。"
    finally:
        spans.close()
