"""The database is away while LINE and Slack deliver: a clean 5xx in their time, and one turn when they come again."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import make_url
from structlog.testing import capture_logs

from bot.channels import intake, limits
from tests.support import fake_line, fake_slack
from tests.support.fake_line import text_event, webhook
from tests.support.fake_line_events import redelivered
from tests.unit.channels.conftest import Channels

_EVENT = text_event("ラインの質問", event_id="L1")
_LINE, _LINE_AGAIN = webhook(_EVENT), webhook(redelivered(_EVENT))
_SLACK = fake_slack.event_callback(
    fake_slack.direct_message("スラックの質問", ts="1795426200.000001", event_ts="1795426200.000001"), event_id="S1"
).encode()
_PATIENCE_OF_A_WRITER = 5.0


@pytest.fixture(autouse=True)
async def _impatient(channels: Channels, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Platforms that give up soon; what waits in a thread ends before the gateway does."""
    channels.line.hand_out(_EVENT["replyToken"])
    monkeypatch.setattr(limits, "LINE_ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(limits, "SLACK_ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(limits, "SLACK_SECONDS_BETWEEN_POSTS", 0.0)
    # What was stored after all is due at once, and not only when the turn of a process that died would be.
    monkeypatch.setattr(intake, "_GRACE_SECONDS", -channels.gateway.settings.rasa_timeout)
    with capture_logs():
        yield


@contextmanager
def locked(channels: Channels) -> Iterator[None]:
    """Another process writes, and does not come to an end."""
    file = make_url(channels.gateway.settings.database_url).database
    with closing(sqlite3.connect(str(file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def line(channels: Channels, body: bytes) -> int:
    async with channels.client.post("/line/webhook", data=body, headers=fake_line.signed(body)) as answer:
        return answer.status


async def slack(channels: Channels, body: bytes) -> int:
    headers = fake_slack.signed(body.decode())
    async with channels.client.post("/slack/events", data=body, headers=headers) as answer:
        return answer.status


async def test_both_are_asked_to_come_again_in_their_time_and_then_each_event_is_one_turn(
    channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.get_running_loop().time()
    with locked(channels):
        assert [await line(channels, _LINE), await slack(channels, _SLACK)] == [503, 503]
        assert asyncio.get_running_loop().time() - begun < _PATIENCE_OF_A_WRITER

    monkeypatch.setattr(limits, "LINE_ANSWER_SECONDS", 60.0)
    monkeypatch.setattr(limits, "SLACK_ANSWER_SECONDS", 60.0)
    assert [await line(channels, _LINE_AGAIN), await slack(channels, _SLACK)] == [200, 200]
    assert sorted((row.channel, row.event_id) for row in channels.inbox()) == [("line", "L1"), ("slack", "S1")]
    await channels.settle()
    assert sorted(channels.rasa.heard) == [("say", "スラックの質問"), ("say", "ラインの質問")]
