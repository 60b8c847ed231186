"""LINE from webhook to reply, against a fake of its API."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from linebot.v3.webhook import SignatureValidator

from bot import settings
from bot.channels import limits
from tests.support import fake_line
from tests.support.fake_line import event, postback_event, signed, text_event, webhook
from tests.unit.channels.conftest import Channels

PATH = "/line/webhook"


async def post(channels: Channels, body: bytes, headers: dict[str, str] | None = None) -> int:
    async with channels.client.post(
        PATH, data=io.BytesIO(body), headers=signed(body) if headers is None else headers
    ) as answer:
        return answer.status


def texts(reply: dict[str, Any]) -> list[str]:
    return [message["text"] for message in reply["messages"]]


def test_signature_vector_of_the_sdk() -> None:
    signature = signed(b"bodybodybodybody")["X-Line-Signature"]
    assert signature == "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="
    assert SignatureValidator(fake_line.SECRET).validate("bodybodybodybody", signature)


async def test_a_question_is_answered_once_with_its_own_token(channels: Channels) -> None:
    assert await post(channels, webhook(text_event("口座情報は何に使われますか", event_id="E1"))) == 200
    await channels.settle()
    (reply,) = channels.line.replies
    assert reply["replyToken"] == "token-E1"
    assert texts(reply)[-1] == "受け取りました: 口座情報は何に使われますか"
    assert "自動応答の窓口です" in texts(reply)[0]
    assert channels.rasa.heard == [("say", "口座情報は何に使われますか")]


async def test_the_row_is_there_when_line_gets_its_answer(channels: Channels) -> None:
    await post(channels, webhook(text_event("はじめまして", event_id="E1")))
    assert [(row.channel, row.event_id) for row in channels.inbox()] == [("line", "E1")]
    await channels.settle()


async def test_a_redelivery_is_answered_once(channels: Channels) -> None:
    first = text_event("質問です", event_id="E1")
    again = first | {"deliveryContext": {"isRedelivery": True}}
    assert [await post(channels, webhook(first)), await post(channels, webhook(again))] == [200, 200]
    await channels.settle()
    assert (len(channels.line.replies), len(channels.rasa.heard)) == (1, 1)


async def test_a_tap_presses_what_was_offered(channels: Channels) -> None:
    await post(channels, webhook(text_event("請求したい", event_id="E1")))
    await channels.settle()
    (button,) = channels.line.replies[0]["messages"][-1]["quickReply"]["items"]
    assert await post(channels, webhook(postback_event(button["action"]["data"], event_id="E2"))) == 200
    await channels.settle()
    assert channels.rasa.heard[-1] == ("press", '/choose{"step":"kind","value":"disclosure"}')
    assert channels.line.replies[-1]["replyToken"] == "token-E2"


async def test_a_choice_that_was_never_offered_does_nothing(channels: Channels) -> None:
    forged = '/open_request{"kind":"erasure"}'
    assert await post(channels, webhook(postback_event(forged, event_id="E1"))) == 200
    await channels.settle()
    assert channels.rasa.heard == []
    assert texts(channels.line.replies[0]) == ["この選択肢は、いまは使えません。お手数ですが、文字でお送りください。"]


@pytest.mark.parametrize("typed", ["/restart", "　/restart", '/open_request{"kind":"erasure"}'])
async def test_typed_text_is_never_a_command(channels: Channels, typed: str) -> None:
    await post(channels, webhook(text_event(typed, event_id="E1")))
    await channels.settle()
    ((door, heard),) = channels.rasa.heard
    assert door == "say"
    assert heard.startswith("／")


@pytest.mark.parametrize(
    ("incoming", "told"),
    [
        (event("follow", event_id="E1", follow={"isUnblocked": False}), "自動応答の窓口です"),
        (
            event("message", event_id="E1", message={
                "type": "sticker", "id": "1", "quoteToken": "q", "packageId": "1", "stickerId": "1",
                "stickerResourceType": "STATIC",
            }),
            "文字のメッセージだけをお読みできます",
        ),
        (text_event("あ" * 1001, event_id="E1"), "1000文字以内"),
    ],
)  # fmt: skip
async def test_what_is_no_turn_gets_a_fixed_answer_once(
    channels: Channels, incoming: dict[str, Any], told: str
) -> None:
    assert [await post(channels, webhook(incoming)), await post(channels, webhook(incoming))] == [200, 200]
    await channels.settle()
    (reply,) = channels.line.replies
    assert told in texts(reply)[0]
    assert channels.rasa.heard == []


@pytest.mark.parametrize(
    "incoming",
    [
        text_event("グループで", event_id="E1") | {"source": {"type": "group", "groupId": "G1", "userId": "U1"}},
        text_event("ルームで", event_id="E1") | {"source": {"type": "room", "roomId": "R1", "userId": "U1"}},
        text_event("引き継ぎ中", event_id="E1") | {"mode": "standby"},
        event("unfollow", event_id="E1"),
        event("undefined", event_id="E1"),
        {"type": "message"},
    ],
)
async def test_what_is_not_for_us_is_acknowledged_and_left(channels: Channels, incoming: dict[str, Any]) -> None:
    assert await post(channels, webhook(incoming)) == 200
    assert (channels.inbox(), channels.outbox()) == ([], [])


async def test_the_verify_button_gets_200(channels: Channels) -> None:
    assert await post(channels, webhook()) == 200


@pytest.mark.parametrize(
    "headers", [{}, {"X-Line-Signature": ""}, {"X-Line-Signature": "AAAA"}, {"X-Line-Signature": "署名"}]
)
async def test_an_unsigned_body_is_refused(
    channels: Channels, headers: dict[str, str], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    body = webhook(text_event("ひみつの相談", event_id="E1"))
    assert await post(channels, body, headers) == 401
    assert channels.inbox() == []
    assert "ひみつ" not in caplog.text + "".join(capsys.readouterr())


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[]", b"{}", b'{"events": 1}', b'{"events": null}', b"null"])
async def test_a_signed_body_that_is_none_is_refused(channels: Channels, body: bytes) -> None:
    assert await post(channels, body) == 400


async def test_a_body_without_end_is_refused(channels: Channels) -> None:
    assert await post(channels, b" " * (limits.LINE_WEBHOOK_BYTES + 1)) == 413


async def test_an_answer_waits_while_line_is_away_and_goes_out_after(channels: Channels) -> None:
    channels.line.failures = 1
    await post(channels, webhook(text_event("質問です", event_id="E1")))
    await channels.settle()
    assert len(channels.line.replies) == 1
    assert channels.outbox()[0].attempts == 2


async def test_an_answer_after_the_tokens_minute_stays_visible(
    channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LINE_REPLY_SECONDS", 0)
    await post(channels, webhook(text_event("質問です", event_id="E1")))
    await channels.settle()
    assert channels.line.replies == []
    assert [row.state for row in channels.outbox()] == ["failed"]


@pytest.mark.shared
class TestAgainstWhatLinePublished:
    """With LINE's schemas and the events of its SDK's own tests."""

    @pytest.fixture
    def published(self) -> Path:
        folder = settings.load().shared / "line-openapi"
        if not folder.is_dir():
            pytest.skip(f"{folder} is not there")
        return folder

    async def test_a_reply_fits_the_schema(self, channels: Channels, published: Path) -> None:
        channels.line.schemas = fake_line.Schemas(published / "messaging-api.yml")
        await post(channels, webhook(text_event("請求したい", event_id="E1")))
        await channels.settle()
        assert (channels.line.refusals, len(channels.line.replies)) == ([], 1)

    async def test_each_of_the_28_events_is_taken(self, channels: Channels, published: Path) -> None:
        body = json.loads((published / "webhook-events-28.json").read_text(encoding="utf-8"))
        for place, incoming in enumerate(body["events"]):
            incoming["webhookEventId"] = f"E{place}"
            if "replyToken" in incoming:
                incoming["replyToken"] = f"token-{place}"
        assert await post(channels, json.dumps(body).encode()) == 200
        await channels.settle()
        assert {row.event_id for row in channels.inbox() if row.state == "done"} == {"E0", "E25"}
        assert len(channels.inbox()) == 13
        # One-to-one: two texts, six messages without text, one follow, and four taps on buttons that are not ours.
        assert len(channels.line.replies) == 13

    async def test_equal_ids_are_one_event(self, channels: Channels, published: Path) -> None:
        assert await post(channels, (published / "webhook-events-28.json").read_bytes()) == 200
        await channels.settle()
        assert len(channels.inbox()) == 1
