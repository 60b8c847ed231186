"""Slack from webhook to post, against a fake of its API."""

import json
import time
from typing import Any

import pytest

from tests.support import fake_slack
from tests.support.fake_slack import block_action, direct_message, event_callback, signed
from tests.unit.channels.conftest import Channels


async def post(
    channels: Channels, body: str, headers: dict[str, str] | None = None, path: str = "/slack/events"
) -> tuple[int, str]:
    async with channels.client.post(path, data=body.encode(), headers=headers or signed(body)) as answer:
        return answer.status, await answer.text()


async def say(channels: Channels, text: str, *, event_id: str = "Ev1", **fields: object) -> int:
    status, _ = await post(channels, event_callback(direct_message(text, **fields), event_id=event_id))
    return status


def sections(sent: dict[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in sent["blocks"] if block["type"] == "section"]


async def test_url_verification(channels: Channels) -> None:
    status, text = await post(channels, json.dumps({"type": "url_verification", "challenge": "C"}))
    assert (status, json.loads(text)) == (200, {"challenge": "C"})


async def test_a_question_is_answered_in_the_same_place(channels: Channels) -> None:
    assert await say(channels, "口座情報は何に使われますか") == 200
    assert [(row.channel, row.event_id) for row in channels.inbox()] == [("slack", "Ev1")]
    await channels.settle()
    (sent,) = channels.slack.posts
    assert sent["channel"] == "D1"
    assert "thread_ts" not in sent
    assert sections(sent)[-1] == "受け取りました: 口座情報は何に使われますか"
    assert "自動応答の窓口です" in sections(sent)[0]


async def test_a_question_in_a_thread_is_answered_there(channels: Channels) -> None:
    await say(channels, "質問です", thread_ts="1795426100.000100")
    await channels.settle()
    assert channels.slack.posts[0]["thread_ts"] == "1795426100.000100"


async def test_a_retry_is_answered_once(channels: Channels) -> None:
    assert [await say(channels, "質問です"), await say(channels, "質問です")] == [200, 200]
    await channels.settle()
    assert (len(channels.slack.posts), len(channels.rasa.heard)) == (1, 1)


async def test_slacks_own_writing_is_read(channels: Channels) -> None:
    await say(channels, "<@UBOT> A&amp;Bの &lt;退会&gt; について <https://example.jp/a|example.jp/a>")
    await channels.settle()
    assert channels.rasa.heard == [("say", "A&Bの <退会> について example.jp/a")]


async def test_an_address_is_masked_though_slack_wrapped_it(channels: Channels) -> None:
    await say(channels, "メールは<mailto:taro@example.jp|taro@example.jp>です")
    await channels.settle()
    assert channels.rasa.heard == [("say", "メールは［メールアドレス］です")]


async def test_a_tap_presses_what_was_offered(channels: Channels) -> None:
    await say(channels, "請求したい")
    await channels.settle()
    (button,) = channels.slack.posts[0]["blocks"][-1]["elements"]
    tap = block_action(button["value"], action_id=button["action_id"])
    assert [(await post(channels, tap, path="/slack/interactive"))[0] for _ in range(2)] == [200, 200]
    await channels.settle()
    assert channels.rasa.heard[1:] == [("press", '/choose{"step":"kind","value":"disclosure"}')]
    assert len(channels.slack.posts) == 2


async def test_a_choice_that_was_never_offered_does_nothing(channels: Channels) -> None:
    assert (await post(channels, block_action('/open_request{"kind":"erasure"}')))[0] == 200
    await channels.settle()
    assert channels.rasa.heard == []
    assert sections(channels.slack.posts[0]) == ["この選択肢は、いまは使えません。お手数ですが、文字でお送りください。"]


async def test_a_button_of_another_making_is_acknowledged(channels: Channels) -> None:
    assert (await post(channels, block_action("x", action_id="other")))[0] == 200
    assert (channels.inbox(), channels.outbox()) == ([], [])


@pytest.mark.parametrize("typed", ["/restart", "　/restart", '/open_request{"kind":"erasure"}'])
async def test_typed_text_is_never_a_command(channels: Channels, typed: str) -> None:
    await say(channels, typed)
    await channels.settle()
    ((door, heard),) = channels.rasa.heard
    assert door == "say"
    assert heard.startswith("／")


async def test_a_mention_in_a_channel_gets_a_hint_in_its_thread(channels: Channels) -> None:
    mention = direct_message("<@UBOT> 開示したい") | {"type": "app_mention", "channel": "C9", "thread_ts": "1.2"}
    assert (await post(channels, event_callback(mention, event_id="Ev1")))[0] == 200
    await channels.settle()
    (sent,) = channels.slack.posts
    assert (sent["channel"], sent["thread_ts"]) == ("C9", "1.2")
    assert "ダイレクトメッセージで承ります" in sent["text"]
    assert channels.rasa.heard == []


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B1"},
        {"user": fake_slack.BOT_USER},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"channel_type": "channel", "channel": "C9"},
        {"type": "reaction_added"},
    ],
)
async def test_what_no_member_wrote_to_us_is_acknowledged_and_left(channels: Channels, fields: dict[str, str]) -> None:
    assert await say(channels, "質問です", **fields) == 200
    assert (channels.inbox(), channels.outbox()) == ([], [])


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": "v0=00"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "署名"},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": ""},
    ],
)
async def test_an_unsigned_body_is_refused(
    channels: Channels,
    change: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = event_callback(direct_message("ひみつの相談"), event_id="Ev1")
    status, _ = await post(channels, body, signed(body) | change)
    assert status == 401
    assert channels.inbox() == []
    assert "ひみつ" not in caplog.text + "".join(capsys.readouterr())


async def test_an_old_signature_is_refused(channels: Channels) -> None:
    body = event_callback(direct_message("質問です"), event_id="Ev1")
    status, _ = await post(channels, body, signed(body, at=time.time() - 400))
    assert status == 401


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "payload=%7B"])
async def test_a_signed_body_that_is_none_is_refused(channels: Channels, body: str) -> None:
    headers = signed(body) | {
        "Content-Type": "application/json" if body != "payload=%7B" else "application/x-www-form-urlencoded"
    }
    assert (await post(channels, body, headers))[0] == 400


async def test_a_row_that_cannot_be_stored_is_not_acknowledged(
    channels: Channels, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("ひみつの相談")

    monkeypatch.setattr("bot.channels.slack.webhook.take", fail)
    assert await say(channels, "ひみつの相談") == 500
    assert "ひみつ" not in caplog.text


async def test_an_answer_waits_while_slack_is_away_and_goes_out_after(channels: Channels) -> None:
    channels.slack.failures = 1
    await say(channels, "質問です")
    await channels.settle()
    assert len(channels.slack.posts) == 1
    assert channels.outbox()[0].attempts == 2
