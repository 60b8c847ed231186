from __future__ import annotations

import json

import pytest

from bench.acknowledgements import BOUND_MS, MEMBERS, PER_SECOND, Run, _event

MINUTE = [_event(minute, number) for minute in range(3) for number in range(60 * PER_SECOND)]


def test_no_two_events_are_taken_for_one() -> None:
    assert len({(event.channel, event.event_id) for event in MINUTE}) == len(MINUTE)
    messages = [json.loads(event.body)["event"] for event in MINUTE if event.channel == "slack"]
    assert len({(message["channel"], message["ts"]) for message in messages}) == len(messages)


def test_half_of_them_come_from_each_platform_and_nobody_sends_more_than_a_person_may() -> None:
    assert sum(event.channel == "line" for event in MINUTE) == len(MINUTE) / 2
    assert 60 * PER_SECOND / MEMBERS <= 20


@pytest.mark.parametrize(("slow", "passes"), [(9, True), (11, False)])
def test_the_bound_is_on_ninety_nine_of_a_hundred(slow: int, passes: bool) -> None:  # noqa: FBT001 - a parameter
    run = Run([20.0] * (1000 - slow) + [3000.0] * slow, refused=0, processor_ms=1.0, answered=1000)
    assert (run.p99 <= BOUND_MS) == passes
