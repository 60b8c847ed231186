"""Following, consent, blocking, deleting."""

from bot.channels import limits
from bot.channels.line.holds import HOLD
from bot.storage import transcript
from bot.storage.engine import reading
from tests.support.fake_line import event, redelivered
from tests.support.fake_line_checks import Schemas
from tests.support.line_phone import LinePhone
from tests.support.waiting import until
from tests.unit.channels.line.test_replying import away

GREETING = "自動応答の窓口です"


async def test_a_new_friend_reads_what_is_kept_and_how_to_delete_it(phone: LinePhone, schemas: Schemas) -> None:
    phone.line.schemas = schemas
    await phone.follow()
    (notice,) = await phone.reply(1)
    assert GREETING in notice
    assert "LINEのユーザーID" in notice
    assert f"{phone.gateway.settings.retention_days}日間" in notice
    assert "「会話を消す」を押すと、いつでも削除できます。" in notice
    assert list(phone.buttons()) == ["会話を消す", "同意して始める"]
    assert phone.member().consented_at is None
    assert phone.line.refusals == []


async def test_a_tap_is_consent(phone: LinePhone) -> None:
    await phone.follow()
    await phone.tap("同意して始める")
    assert (await phone.reply(2))[0].startswith("ありがとうございます")
    assert phone.member().consented_at is not None


async def test_to_write_after_the_notice_is_consent_and_the_notice_comes_once(phone: LinePhone) -> None:
    await phone.follow()
    await phone.write("質問です")
    assert await phone.reply(2) == ["受け取りました: 質問です"]
    assert phone.member().consented_at is not None


async def test_who_never_followed_gets_the_notice_with_the_first_answer(phone: LinePhone) -> None:
    await phone.write("質問です")
    notice, answer = await phone.reply(1)
    assert GREETING in notice
    assert answer == "受け取りました: 質問です"
    assert phone.member().consented_at is None, "the notice had not been shown yet"
    await phone.write("もう一つ")
    assert await phone.reply(2) == ["受け取りました: もう一つ"]
    assert phone.member().consented_at is not None


async def test_a_follow_that_is_delivered_twice_is_answered_once(phone: LinePhone) -> None:
    follow = event("follow", event_id="E-f", follow={"isUnblocked": False})
    assert [await phone.post(follow), await phone.post(redelivered(follow))] == [200, 200]
    await phone.reply(1)


async def test_nothing_more_is_sent_to_who_blocked_us(phone: LinePhone) -> None:
    phone.rasa.script = away
    await phone.write("質問です")
    await phone.block()
    assert phone.member().left_at is not None
    assert [row.state for row in phone.outbox(HOLD)] == ["skipped"]
    await phone.wait(limits.LINE_HOLD_SECONDS)
    assert (phone.line.replies, phone.line.loading) == ([], [])


async def test_who_comes_back_is_written_to_again(phone: LinePhone) -> None:
    await phone.write("質問です")
    await phone.block()
    await phone.follow()
    assert phone.member().left_at is None
    await phone.block()
    await phone.write("やはり質問です")
    assert phone.member().left_at is None
    assert (await phone.reply(3))[-1] == "受け取りました: やはり質問です"


async def test_who_only_leaves_is_not_noted_as_a_member(phone: LinePhone) -> None:
    await phone.block()
    await phone.write("はじめまして")
    assert phone.member().left_at is None


async def test_two_taps_delete_the_conversation(phone: LinePhone) -> None:
    await phone.write("消してほしい質問")
    await phone.reply(1)
    await phone.tap("会話を消す")
    (question,) = await phone.reply(2)
    assert "元には戻せません" in question
    assert list(phone.line.buttons()) == ["削除する", "やめる"]
    await phone.tap("削除する")
    assert (await phone.reply(3))[0].startswith("この会話を削除しました。")
    with reading(phone.gateway.engine) as session:
        assert transcript.of_member(session, phone.member_id(), vault=phone.gateway.vault) == []
    assert [row.kind for row in phone.outbox("forget")] == ["forget"]
    await phone.write("また質問")
    assert GREETING in (await phone.reply(4))[0]


async def test_who_changes_their_mind_keeps_everything(phone: LinePhone) -> None:
    await phone.write("質問です")
    await phone.tap("会話を消す")
    await phone.tap("やめる")
    assert await phone.reply(3) == ["会話は削除していません。"]
    assert phone.outbox("forget") == []


async def test_an_answer_that_was_kept_goes_with_the_conversation(phone: LinePhone) -> None:
    await phone.write("最初の質問")
    erase = phone.buttons()["会話を消す"]
    phone.rasa.script = away
    await phone.write("次の質問")
    await phone.wait(limits.LINE_HOLD_SECONDS)
    await phone.reply(2)
    await phone.post(phone.postback(erase))
    await phone.reply(3)
    await phone.tap("削除する")
    assert (await phone.reply(4))[0].startswith("この会話を削除しました。")
    await until(lambda: all(row.state != "waiting" for row in phone.inbox()))


async def test_a_button_is_good_for_its_member_only(phone: LinePhone) -> None:
    await phone.write("質問です")
    erase = phone.buttons()["会話を消す"]
    other = {"type": "user", "userId": "U2"}
    await phone.post(event("postback", event_id="E-other", postback={"data": erase}, source=other))
    assert "この選択肢は、いまは使えません" in (await phone.reply(2))[0]
