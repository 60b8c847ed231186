"""Slack's events, from the webhook to an inbox row and a turn."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import pytest

from bot.channels.rasa_client import RasaIsAwayError
from bot.message import Message
from bot.storage import transcript
from bot.storage.engine import transaction
from tests.support import fake_slack
from tests.support.channel_gateway import echo
from tests.support.fake_slack import block_action, deleted_message, direct_message, event_callback, mention, signed
from tests.support.slack_member import SlackMember, words
from tests.support.waiting import until


async def test_url_verification(slack: SlackMember) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "C"})
    client = slack.channels.client
    async with client.post("/slack/events", data=body.encode(), headers=signed(body)) as answer:
        assert (answer.status, await answer.json()) == (200, {"challenge": "C"})
    assert slack.channels.inbox() == []


async def test_a_question_is_answered_in_the_same_place(slack: SlackMember) -> None:
    assert await slack.say("口座情報は何に使われますか", event_id="Ev1", ts="1795426200.000300") == 200
    (row,) = slack.channels.inbox()
    assert (row.channel, row.event_id, row.message_id) == ("slack", "Ev1", "D1:1795426200.000300")
    assert row.occurred_at == datetime.fromtimestamp(1_795_426_200, UTC).replace(microsecond=300)
    await slack.settle()
    (sent,) = slack.fake.posts
    assert sent["channel"] == "D1"
    assert "thread_ts" not in sent
    assert words(sent)[-1] == "受け取りました: 口座情報は何に使われますか"


async def test_the_first_message_says_what_is_kept_and_how_it_is_deleted(slack: SlackMember) -> None:
    await slack.say("質問です")
    await slack.say("もう一つ質問です")
    await slack.settle()
    first, second = map(words, slack.fake.posts)
    assert first[0] == "試用中：本物の請求は受け付けません"
    assert "30日間保存します" in first[1]
    assert "管理者は、ここでのやり取りを書き出せる場合があります" in first[2]
    assert "「会話を消す」を押すと" in first[3]
    assert second == ["受け取りました: もう一つ質問です"]


async def test_the_first_message_goes_before_an_apology_too(slack: SlackMember) -> None:
    slack.channels.rasa.script = _away
    await slack.say("質問です")
    await until(lambda: len(slack.fake.posts) == 1)
    slack.channels.rasa.script = echo
    await slack.settle()
    apology, answer = map(words, slack.fake.posts)
    assert "30日間保存します" in apology[1]
    assert any("お答えを用意できませんでした" in line for line in apology)
    assert answer == ["受け取りました: 質問です"]


def _away(_said: str) -> list[Message]:
    raise RasaIsAwayError("away")


async def test_a_question_in_a_thread_of_the_direct_messages_is_answered_there(slack: SlackMember) -> None:
    await slack.say("質問です", thread_ts="1795426100.000100")
    await slack.settle()
    assert slack.fake.posts[0]["thread_ts"] == "1795426100.000100"


async def test_a_retry_is_answered_once(slack: SlackMember) -> None:
    body = event_callback(direct_message("質問です"), event_id="Ev1")
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert [await slack.post(body), await slack.post(body, signed(body) | retry)] == [200, 200]
    await slack.settle()
    assert (len(slack.fake.posts), len(slack.channels.rasa.heard), len(slack.channels.inbox())) == (1, 1, 1)


@pytest.mark.parametrize("double", ["app_mention", "message"])
async def test_one_utterance_that_comes_as_two_events_is_one_turn(slack: SlackMember, double: str) -> None:
    said = direct_message("<@UBOT> 質問です", client_msg_id="c1")
    for number, event in enumerate([said, said | {"type": double}]):
        assert await slack.event(event, event_id=f"Ev{number}") == 200
    await slack.settle()
    assert slack.channels.rasa.heard == [("say", "質問です")]
    assert sorted(row.state for row in slack.channels.inbox()) == ["done", "noted"]


async def test_events_that_come_ten_times_in_any_order_are_a_turn_each(slack: SlackMember) -> None:
    bodies = [
        event_callback(
            direct_message(
                f"質問{place}", ts=f"17954262{place:02}.000100", channel=f"D{place % 3}", user=f"U{place % 3}"
            ),
            event_id=f"Ev{place}",
        )
        for place in range(12)
    ]
    deliveries = bodies * 10
    random.Random(7).shuffle(deliveries)  # noqa: S311 - an order is all that is drawn
    assert {await slack.post(body) for body in deliveries} == {200}
    await slack.settle()
    assert sorted(text for _, text in slack.channels.rasa.heard) == sorted(f"質問{place}" for place in range(12))
    assert len(slack.fake.posts) == 12


async def test_slacks_own_writing_is_read(slack: SlackMember) -> None:
    await slack.say("<@UBOT> A&amp;Bの &lt;退会&gt; について <https://example.jp/a|example.jp/a>")
    await slack.settle()
    assert slack.channels.rasa.heard == [("say", "A&Bの <退会> について example.jp/a")]


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        ("<mailto:taro@example.jp|taro@example.jp>です", "［メールアドレス］です"),
        ("<mailto:taro@example.jp>です", "［メールアドレス］です"),
        ("<tel:09012345678|090-1234-5678>です", "［電話番号］です"),
        ("<tel:090-1234-5678>です", "［電話番号］です"),
    ],
)
async def test_an_address_is_masked_though_slack_wrapped_it(slack: SlackMember, sent: str, heard: str) -> None:
    await slack.say(sent)
    await slack.settle()
    assert slack.channels.rasa.heard == [("say", heard)]


@pytest.mark.parametrize("typed", ["/restart", "　/restart", "<@UBOT> /restart", '/open_request{"kind":"erasure"}'])
@pytest.mark.parametrize("where", ["say", "mention"])
async def test_typed_text_is_never_a_command(slack: SlackMember, where: str, typed: str) -> None:
    await getattr(slack, where)(typed)
    await slack.settle()
    ((door, heard),) = slack.channels.rasa.heard
    assert door == "say"
    assert heard.startswith("／")


@pytest.mark.parametrize(
    "event",
    [
        direct_message("質問です", bot_id="B1"),
        direct_message("質問です", user=fake_slack.BOT_USER),
        direct_message("", subtype="message_changed", message={"text": "質問です"}),
        direct_message("", subtype="channel_join"),
        direct_message("質問です", channel_type="channel", channel="C9"),
        direct_message("質問です", channel_type="mpim", channel="G9"),
        direct_message("", type="reaction_added"),
        direct_message("質問です", type="app_mention"),
        mention("質問です", bot_id="B1"),
        deleted_message(),
    ],
)
async def test_what_no_member_wrote_to_us_is_noted_and_left(slack: SlackMember, event: dict[str, object]) -> None:
    assert [await slack.event(event, event_id="Ev1") for _ in range(2)] == [200, 200]
    (row,) = slack.channels.inbox()
    assert (row.event_id, row.state, row.sealed_event) == ("Ev1", "noted", None)
    assert slack.channels.outbox() == []


async def test_a_button_of_another_making_is_noted_and_left(slack: SlackMember) -> None:
    assert await slack.post(block_action("x", action_id="other"), path="/slack/interactive") == 200
    assert ([row.state for row in slack.channels.inbox()], slack.channels.outbox()) == (["noted"], [])


async def test_a_file_alone_is_not_read(slack: SlackMember) -> None:
    await slack.say("", subtype="file_share", files=[{"id": "F1", "name": "免許証.jpg"}])
    await slack.settle()
    assert "本人確認の書類は、ここには送らないでください" in words(slack.fake.posts[0])[0]
    assert slack.channels.rasa.heard == []


async def test_the_words_beside_a_file_are_answered_and_the_file_is_not_read(slack: SlackMember) -> None:
    await slack.say("開示してください", subtype="file_share", files=[{"id": "F1"}])
    await slack.settle()
    assert slack.channels.rasa.heard == [("say", "開示してください")]
    assert any("ファイルはお読みできません" in words(post)[0] for post in slack.fake.posts)


async def test_a_mention_without_a_word_is_asked_for_words(slack: SlackMember) -> None:
    await slack.mention("")
    await slack.settle()
    assert "文字のメッセージだけ" in words(slack.fake.posts[0])[0]


async def test_a_row_that_cannot_be_stored_is_not_acknowledged(
    slack: SlackMember, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("ひみつの相談")

    monkeypatch.setattr("bot.channels.slack.listeners.accept", fail)
    assert await slack.say("ひみつの相談") == 500
    assert "ひみつ" not in caplog.text


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_message_that_a_member_deletes_leaves_nothing_of_its_words(
    slack: SlackMember, *, is_late: bool
) -> None:
    ts = "1795426200.000900"
    if not is_late:
        await slack.event(deleted_message(ts), event_id="Ev2")
    await slack.say("ひみつの相談", event_id="Ev1", ts=ts)
    if is_late:
        await slack.settle()
        await slack.event(deleted_message(ts), event_id="Ev2")
    assert {row.event_id: (row.state, row.sealed_event) for row in slack.channels.inbox()} == {
        "Ev1": ("deleted", None),
        "Ev2": ("noted", None),
    }
    gateway, turn = slack.channels.gateway, _turn(slack, "Ev1")
    with transaction(gateway.engine) as session:
        (line,) = transcript.of_turn(session, turn, "member", vault=gateway.vault)
    assert line.message == {"kind": "member", "text": "", "unsent": True}
    assert len(slack.channels.rasa.heard) == is_late
    forgetting = [row.body for row in slack.channels.outbox() if row.channel == "rasa"]
    assert forgetting == [{"turn": turn}]


def _turn(slack: SlackMember, event_id: str) -> str:
    return next(row.id for row in slack.channels.inbox() if row.event_id == event_id)
