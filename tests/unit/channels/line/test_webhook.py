"""LINE's way in: every event is one row, and each kind gets its own answer or none."""

import io
import json
from typing import Any

import pytest
from linebot.v3.webhook import SignatureValidator

from bot.channels import limits
from bot.channels.line.webhook import PATH
from bot.storage.engine import DatabaseIsBusyError
from tests.support.fake_line import (
    SECRET,
    event,
    in_group,
    redelivered,
    shown,
    signed,
    sticker_event,
    text_event,
    webhook,
)
from tests.support.fake_line_checks import Schemas, published_folder
from tests.support.line_phone import LinePhone
from tests.support.waiting import until

# As long as LINE's own ids: a shorter one stands in some sealed value by chance.
GROUP, ROOM = "C" + "4" * 32, "R" + "5" * 32


async def post(phone: LinePhone, body: bytes, headers: dict[str, str]) -> int:
    async with phone.client.post(PATH, data=io.BytesIO(body), headers=headers) as answer:
        return answer.status


def message_event(kind: str, event_id: str, **fields: object) -> dict[str, Any]:
    return event("message", event_id=event_id, message={"type": kind, "id": "1", **fields})


def test_signature_vector_of_the_sdk() -> None:
    signature = signed(b"bodybodybodybody")["X-Line-Signature"]
    assert signature == "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="
    assert SignatureValidator(SECRET).validate("bodybodybodybody", signature)


async def test_the_row_is_there_when_line_gets_its_answer(phone: LinePhone) -> None:
    assert await phone.post(text_event("はじめまして", event_id="E1")) == 200
    (row,) = phone.inbox()
    assert (row.channel, row.event_id, row.message_id) == ("line", "E1", "ME1")
    assert row.occurred_at.timestamp() * 1000 == text_event("", event_id="E1")["timestamp"]
    await phone.rest()


async def test_a_redelivery_is_answered_once(phone: LinePhone) -> None:
    first = text_event("質問です", event_id="E1")
    assert [await phone.post(first), await phone.post(redelivered(first))] == [200, 200]
    await phone.rest()
    assert (len(phone.line.replies), len(phone.rasa.heard), len(phone.inbox())) == (1, 1, 1)


async def test_one_webhooks_messages_run_in_the_order_of_line(phone: LinePhone) -> None:
    late = text_event("あと", event_id="E1", timestamp=1_795_426_200_900)
    early = text_event("まえ", event_id="E2", timestamp=1_795_426_200_100)
    assert await phone.post(late, early) == 200
    await phone.rest()
    assert [text for _, text in phone.rasa.heard] == ["まえ", "あと"]


async def test_a_tap_presses_what_was_offered(phone: LinePhone) -> None:
    await phone.write("請求したい")
    await phone.reply(1)
    tap = await phone.tap("続ける")
    assert phone.rasa.heard[-1] == ("press", '/choose{"step":"kind","value":"disclosure"}')
    await phone.reply(2)
    assert phone.line.replies[-1]["replyToken"] == f"token-{tap}"


async def test_a_choice_that_was_never_offered_does_nothing(phone: LinePhone) -> None:
    await phone.post(phone.postback('/open_request{"kind":"erasure"}'))
    await phone.rest()
    assert phone.rasa.heard == []
    assert phone.reads() == ["この選択肢は、いまは使えません。お手数ですが、文字でお送りください。"]


async def test_typed_text_is_never_a_command(phone: LinePhone) -> None:
    for typed in ("/restart", "　/restart", '/open_request{"kind":"erasure"}'):
        await phone.write(typed)
        door, heard = phone.rasa.heard[-1]
        assert door == "say"
        assert heard.startswith("／")


NO_TURNS = [
    (sticker_event(event_id="E1"), "スタンプをありがとうございます"),
    (message_event("image", "E2"), "画像はお読みできません。保存もしていません"),
    (message_event("video", "E3"), "動画はお読みできません"),
    (message_event("audio", "E4"), "音声はお読みできません"),
    (message_event("file", "E5"), "ファイルはお読みできません"),
    (message_event("location", "E6"), "位置情報はお読みできません"),
    (message_event("hologram", "E7"), "お読みできるのは文字のメッセージだけです"),
    (text_event("あ" * 1001, event_id="E8"), "1000文字以内"),
    (text_event("　\n", event_id="E9"), "1000文字以内"),
]


async def test_what_is_no_turn_gets_its_own_answer_once(phone: LinePhone) -> None:
    for incoming, _ in NO_TURNS:
        assert [await phone.post(incoming), await phone.post(redelivered(incoming))] == [200, 200]
    await phone.rest()
    read = {reply["replyToken"]: shown(reply["messages"][0]) for reply in phone.line.replies}
    assert len(phone.line.replies) == len(NO_TURNS)
    assert all(told in read[incoming["replyToken"]] for incoming, told in NO_TURNS)
    assert phone.rasa.heard == []
    assert [row.state for row in phone.inbox()] == ["noted"] * len(NO_TURNS)


NOT_FOR_US: list[dict[str, Any]] = [
    in_group(text_event("グループで", event_id="E1")),
    text_event("ルームで", event_id="E2", source={"type": "room", "roomId": "R1", "userId": "U1"}),
    text_event("引き継ぎ中", event_id="E3", mode="standby"),
    event("unfollow", event_id="E4"),
    event("undefined", event_id="E5"),
    event("beacon", event_id="E6", beacon={"hwid": "d41d8cd98f", "type": "enter"}),
    event("message", event_id="E7", source=None),
    event("message", event_id="E8", source={"type": "user"}, message={"type": "text", "id": "1", "text": "誰か"}),
    event("join", event_id="E9", mode="standby"),
    {"type": "message"},
    {},
    {"type": 7, "webhookEventId": ["x"], "timestamp": "soon", "message": 3, "source": [], "mode": None},
    {"webhookEventId": "x" * 300, "timestamp": 10**30, "mode": "active", "type": "postback", "postback": "no"},
    text_event("時計", event_id="\x00", timestamp=-(10**18), source={"type": "user"}),
]


async def test_what_is_not_for_us_is_one_row_each_and_gets_no_answer(phone: LinePhone) -> None:
    assert [await phone.post(*NOT_FOR_US), await phone.post(*NOT_FOR_US)] == [200, 200]
    await phone.rest()
    assert [row.state for row in phone.inbox()] == ["noted"] * len(NOT_FOR_US)
    assert phone.line.replies == []


async def test_what_is_no_event_at_all_is_told_by_its_sort_only(
    phone: LinePhone, capsys: pytest.CaptureFixture[str]
) -> None:
    incoming: list[object] = [None, 3, "ひみつ", [], True, text_event("質問です", event_id="E1")]
    assert await phone.post(*incoming) == 200
    await phone.rest()
    assert len(phone.inbox()) == 1
    told = capsys.readouterr().out
    assert told.count("line_event_malformed") == 5
    assert "ひみつ" not in told


async def test_a_mention_in_a_group_is_asked_into_a_talk_for_two(phone: LinePhone) -> None:
    mention = {"mentionees": [{"index": 0, "length": 3, "type": "user", "isSelf": True}]}
    text = {"type": "text", "id": "1", "quoteToken": "q", "text": "@窓口 電話番号は？", "mention": mention}
    await phone.post(in_group(event("message", event_id="E1", message=text)))
    await phone.rest()
    assert "一対一のトークで承ります" in phone.reads()[0]
    assert phone.rasa.heard == []


@pytest.mark.parametrize(("source", "place"), [("group", {"groupId": GROUP}), ("room", {"roomId": ROOM})])
async def test_a_group_is_left_with_a_word(phone: LinePhone, source: str, place: dict[str, str]) -> None:
    joined = event("join", event_id="E1", source={"type": source, **place})
    assert [await phone.post(joined), await phone.post(redelivered(joined))] == [200, 200]
    await phone.rest()
    assert phone.line.left == [(source, next(iter(place.values())))]
    assert len(phone.line.replies) == 1
    assert "ここからは退出します" in phone.reads()[0]
    (row,) = phone.outbox("leave")
    assert next(iter(place.values())) not in json.dumps(row.body)


async def test_the_verify_button_gets_200(phone: LinePhone) -> None:
    assert await phone.post() == 200


async def test_an_unsigned_body_is_refused(
    phone: LinePhone, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    body = webhook(text_event("ひみつの相談", event_id="E1"))
    signatures = ("", "AAAA", "署名")
    assert await post(phone, body, {}) == 401
    assert [await post(phone, body, {"X-Line-Signature": one}) for one in signatures] == [401] * 3
    assert phone.inbox() == []
    assert "ひみつ" not in caplog.text + "".join(capsys.readouterr())


async def test_a_signed_body_that_is_none_is_refused(phone: LinePhone) -> None:
    events = (b"1", b"{}", b"null")
    bodies = (b"\xff\xfe", b"{", b"[]", b"{}", b"null", b"[" * 100_000, *(b'{"events": %b}' % one for one in events))
    assert [await post(phone, body, signed(body)) for body in bodies] == [400] * len(bodies)


async def test_a_body_without_end_is_refused(phone: LinePhone) -> None:
    body = b" " * (limits.LINE_WEBHOOK_BYTES + 1)
    assert await post(phone, body, signed(body)) == 413


async def test_while_the_database_is_away_line_is_asked_to_come_again(
    phone: LinePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise DatabaseIsBusyError("the database is busy")

    incoming = text_event("質問です", event_id="E1")
    with monkeypatch.context() as broken:
        broken.setattr("bot.channels.intake._store", busy)
        assert await phone.post(incoming) >= 500
    assert await phone.post(redelivered(incoming)) == 200
    await phone.rest()
    assert len(phone.line.replies) == 1


@pytest.mark.shared
class TestAgainstWhatLinePublished:
    """With LINE's schemas and the events of its SDK's own tests."""

    async def test_each_of_the_28_events_is_one_row(self, phone: LinePhone, schemas: Schemas) -> None:
        phone.line.schemas = schemas
        body = json.loads((published_folder() / "webhook-events-28.json").read_text(encoding="utf-8"))
        for place, incoming in enumerate(body["events"]):
            incoming["webhookEventId"] = f"E{place}"
            if "replyToken" in incoming:
                incoming["replyToken"] = f"token-{place}"
            # All are of one member, who blocks us in the middle.
            incoming["source"]["userId"] = f"U{place}"
        raw = json.dumps(body).encode()
        assert await post(phone, raw, signed(raw)) == 200
        await until(lambda: not [row for row in phone.inbox() if row.state == "waiting"])
        await phone.rest()
        assert sorted(row.event_id for row in phone.inbox()) == sorted(f"E{place}" for place in range(28))
        assert {row.event_id for row in phone.inbox() if row.state == "done"} == {"E0", "E25"}
        assert phone.line.refusals == []
        replied = {reply["replyToken"] for reply in phone.line.replies}
        assert replied == {f"token-{place}" for place, one in enumerate(body["events"]) if _is_answered(one)}

    async def test_equal_ids_are_one_event(self, phone: LinePhone) -> None:
        raw = (published_folder() / "webhook-events-28.json").read_bytes()
        assert await post(phone, raw, signed(raw)) == 200
        await phone.rest()
        assert len(phone.inbox()) == 1


def _is_answered(incoming: dict[str, Any]) -> bool:
    """One to one: what was written, sent or tapped, and a new friend; and a group that we are asked into."""
    if incoming["source"]["type"] == "user":
        return incoming["type"] in ("message", "postback", "follow")
    return bool(incoming["type"] == "join")
