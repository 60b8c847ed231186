"""When an answer comes, and with which of the member's free replies."""

import pytest

from bot.channels import limits
from bot.channels.line.holds import HOLD
from bot.channels.rasa_client import RasaIsAwayError
from bot.message import Message, fixed
from bot.storage import outbox, transcript
from bot.storage.engine import reading
from tests.support.channel_gateway import echo
from tests.support.line_phone import LinePhone

PREPARING = "お答えを準備しています。"


def away(_message: str) -> list[Message]:
    raise RasaIsAwayError("Rasa is away")


async def come_back(phone: LinePhone) -> None:
    """Rasa is there again, and what failed is tried again."""
    phone.rasa.script = echo
    await phone.wait(30)
    await phone.answered()


async def test_an_answer_takes_the_reply_of_its_question(phone: LinePhone) -> None:
    event_id = await phone.write("質問です")
    *_, answer = await phone.reply(1)
    assert answer == "受け取りました: 質問です"
    assert phone.line.replies[0]["replyToken"] == f"token-{event_id}"
    assert [row.state for row in phone.outbox(HOLD)] == ["sent"]
    await phone.wait(limits.LINE_HOLD_SECONDS)
    assert len(phone.line.replies) == 1


async def test_a_first_failure_says_nothing_while_the_answer_may_still_come(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    await phone.wait(limits.LINE_HOLD_SECONDS - 5)
    assert phone.line.replies == []
    await come_back_within_the_minute(phone)


async def come_back_within_the_minute(phone: LinePhone) -> None:
    phone.rasa.script = echo
    *_, answer = await phone.reply(1)
    assert answer == "受け取りました: 質問です"


async def test_the_indicator_is_shown_after_a_second(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    assert phone.line.loading == []
    await phone.wait(limits.LINE_LOADING_AFTER_SECONDS)
    await phone.loading(["U1"])


async def test_an_indicator_that_fails_is_only_counted(phone: LinePhone) -> None:
    phone.rasa.script = away
    phone.line.loading_fails = True
    await phone.write("質問です")
    await phone.wait(limits.LINE_LOADING_AFTER_SECONDS)
    await phone.counted("loading_failed", 1)
    await phone.wait(limits.LINE_HOLD_SECONDS)
    assert PREPARING in (await phone.reply(1))[-1]


async def test_after_45_seconds_the_reply_offers_the_answer_for_later(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    first, hold = await phone.reply(1)
    assert "自動応答の窓口です" in first
    assert PREPARING in hold
    assert "受付番号が表示されるまで" in hold
    assert list(phone.line.buttons()) == ["続きを見る"]


async def test_the_tap_brings_the_answer_that_is_there(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(1)
    await come_back(phone)
    assert len(phone.line.replies) == 1, "nothing can be sent unasked"
    assert [row.state for row in phone.outbox(outbox.ANSWER)] == ["kept"]
    heard = len(phone.rasa.heard)
    tap = await phone.tap("続きを見る")
    assert await phone.reply(2) == ["受け取りました: 質問です"]
    assert phone.line.replies[1]["replyToken"] == f"token-{tap}"
    assert [row.state for row in phone.outbox(outbox.ANSWER)] == ["sent"]
    assert len(phone.rasa.heard) == heard, "nothing is asked again"


async def test_a_tap_that_comes_first_waits_for_the_answer(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(1)
    tap = await phone.tap("続きを見る")
    assert len(phone.line.replies) == 1
    await come_back(phone)
    assert await phone.reply(2) == ["受け取りました: 質問です"]
    assert phone.line.replies[1]["replyToken"] == f"token-{tap}"


async def test_a_tap_whose_time_runs_out_offers_again(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(1)
    for count in (2, 3):
        await phone.tap("続きを見る")
        await phone.wait(limits.LINE_HOLD_SECONDS)
        (again,) = await phone.reply(count)
        assert PREPARING in again
    await come_back(phone)
    await phone.tap("続きを見る")
    assert await phone.reply(4) == ["受け取りました: 質問です"]


async def test_a_tap_with_nothing_open_says_so(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(1)
    data = phone.buttons()["続きを見る"]
    await come_back(phone)
    await phone.tap("続きを見る")
    await phone.reply(2)
    await phone.post(phone.postback(data))
    assert await phone.reply(3) == ["お待ちのお答えはありません。ご質問やご要望を文字でお送りください。"]


async def test_several_answers_come_with_one_tap_in_order(phone: LinePhone) -> None:
    phone.rasa.script = away
    for text in ("一つめ", "二つめ", "三つめ"):
        await phone.write(text)
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(3)
    await come_back(phone)
    await phone.tap("続きを見る")
    assert await phone.reply(4) == [f"受け取りました: {text}" for text in ("一つめ", "二つめ", "三つめ")]


async def test_what_does_not_fit_into_one_reply_is_offered_again(phone: LinePhone) -> None:
    phone.rasa.script = away
    for place in range(4):
        await phone.write(f"質問{place}")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(4)
    phone.rasa.script = lambda text: [Message(kind="answer", parts=(fixed(text + "長" * 9_000),))]
    await phone.wait(30)
    await phone.answered()
    await phone.tap("続きを見る")
    *two, more = await phone.reply(5)
    assert [text[:3] for text in two if text.startswith("質問")] == ["質問0", "質問1"]
    assert more == "お答えには続きがあります。"
    await phone.tap("続きを見る")
    assert [text[:3] for text in await phone.reply(6) if text.startswith("質問")] == ["質問2", "質問3"]


async def test_the_next_message_brings_what_was_kept(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("前の質問")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(1)
    await come_back(phone)
    await phone.write("次の質問")
    assert await phone.reply(2) == ["受け取りました: 前の質問", "受け取りました: 次の質問"]


async def test_after_the_time_for_trying_the_tap_tells_so(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(1)
    await phone.wait(phone.gateway.settings.retry_minutes * 60)
    await phone.answered()
    await phone.tap("続きを見る")
    assert "時間内にお答えできませんでした" in (await phone.reply(2))[0]


async def test_a_token_that_line_does_not_take_leaves_the_answer_for_the_next_event(phone: LinePhone) -> None:
    event_id = "E-late"
    phone.line.given[f"token-{event_id}"] = phone.clock.now.replace(year=2020)
    await phone.post(phone.text("質問です", event_id))
    await phone.rest()
    assert phone.line.replies == []
    assert [row.state for row in phone.outbox(outbox.ANSWER)] == ["kept"]
    await phone.write("まだですか")
    assert (await phone.reply(1))[1:] == ["受け取りました: 質問です", "受け取りました: まだですか"]


async def test_an_answer_waits_while_line_is_away(phone: LinePhone) -> None:
    phone.line.failures = 1
    await phone.write("質問です")
    assert phone.line.replies == []
    await phone.wait(5)
    assert (await phone.reply(1))[-1] == "受け取りました: 質問です"


async def test_what_line_refuses_in_a_bubble_is_sent_as_text(phone: LinePhone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.fake_line_checks._BUBBLE_BYTES", 10)
    await phone.write("質問です")
    await phone.reply(1)
    assert [message["type"] for message in phone.line.replies[0]["messages"]] == ["text", "text"]


async def test_staff_see_what_the_member_saw(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(1)
    await come_back(phone)
    with reading(phone.gateway.engine) as session:
        lines = transcript.of_member(session, phone.member().id, vault=phone.gateway.vault)
    assert [line.role for line in lines] == ["member", "provisional", "provisional", "answer"]
