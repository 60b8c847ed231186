"""What a member takes back is gone, whichever comes first and wherever it was kept."""

import asyncio

import pytest

from bot.channels import deletion
from bot.channels.delivery import Notice
from bot.channels.rasa_client import RasaIsAwayError
from bot.message import Message
from bot.register.drafts import open_draft
from bot.register.kinds import Kind
from bot.register.models import Draft
from bot.storage import inbox, transcript
from bot.storage.engine import reading, transaction
from tests.support.channel_gateway import echo
from tests.support.fake_line import event, text_event, unsend_event
from tests.support.line_phone import LinePhone
from tests.support.waiting import until
from tests.unit.channels.line.test_replying import away, come_back

SECRET = "取り消したい言葉"


def lines(phone: LinePhone) -> list[dict[str, object]]:
    with reading(phone.gateway.engine) as session:
        said = transcript.of_member(session, phone.member_id(), vault=phone.gateway.vault)
    return [line.message for line in said if line.role == "member"]


async def test_an_answered_message_is_blanked(phone: LinePhone) -> None:
    event_id = await phone.write(SECRET)
    await phone.reply(1)
    await phone.take_back(event_id)
    assert lines(phone) == [{"kind": "member", "text": "", "unsent": True}]
    turn = next(row for row in phone.inbox() if row.event_id == event_id)
    assert (turn.state, turn.sealed_event) == ("deleted", None)
    assert [row.body for row in phone.outbox("forget_words")] == [{"turn": turn.id}]
    assert len(phone.line.replies) == 1, "an unsend cannot be answered"


async def test_rasa_forgets_the_words_as_soon_as_it_can(phone: LinePhone, monkeypatch: pytest.MonkeyPatch) -> None:
    event_id = await phone.write(SECRET)
    await phone.take_back(event_id)
    (row,) = phone.outbox("forget_words")
    forgotten: list[tuple[str, str]] = []
    is_away = [True]

    async def forget_words(conversation_id: str, turn_id: str) -> None:
        if is_away[0]:
            raise RasaIsAwayError("away")
        forgotten.append((conversation_id, turn_id))

    monkeypatch.setattr(phone.rasa, "forget_words", forget_words)
    forget = deletion.forgetting(phone.gateway)
    notice = Notice(row.id, row.kind, row.recipient, row.body, 0, row.created_at)
    with pytest.raises(RasaIsAwayError):
        await forget(notice)
    is_away[0] = False
    await forget(notice)
    turn = next(row for row in phone.inbox() if row.event_id == event_id)
    assert forgotten == [(turn.conversation_id, turn.id)]


async def test_a_message_that_waits_is_not_answered_any_more(phone: LinePhone) -> None:
    phone.rasa.script = away
    event_id = await phone.write(SECRET)
    await phone.take_back(event_id)
    await come_back(phone)
    await phone.wait(60)
    assert phone.line.replies == []
    assert ("say", SECRET) not in phone.rasa.heard[1:]


async def test_an_answer_on_its_way_is_dropped(phone: LinePhone, monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_conversation_id: str, text: str, *, channel: str, turn_id: str = "") -> list[Message]:
        del channel, turn_id
        began.set()
        await go_on.wait()
        return echo(text)

    monkeypatch.setattr(phone.rasa, "say", slowly)
    await phone.post(text_event(SECRET, event_id="E-s"))
    await began.wait()
    await phone.post(unsend_event("E-s", event_id="E-u"))
    go_on.set()
    await phone.write("次の質問")
    assert (await phone.reply(1))[-1] == "受け取りました: 次の質問"
    assert SECRET not in str(phone.line.replies)


async def test_an_answer_that_was_kept_is_not_given(phone: LinePhone) -> None:
    phone.rasa.script = away
    event_id = await phone.write(SECRET)
    await phone.wait(45)
    await phone.reply(1)
    await come_back(phone)
    await phone.take_back(event_id)
    await phone.tap("続きを見る")
    assert await phone.reply(2) == ["お待ちのお答えはありません。ご質問やご要望を文字でお送りください。"]


async def test_a_message_that_comes_after_its_unsend_is_kept_nowhere(phone: LinePhone) -> None:
    await phone.post(unsend_event("E-m", event_id="E-u"))
    await phone.post(text_event(SECRET, event_id="E-m"))
    await phone.rest()
    assert (phone.rasa.heard, phone.line.replies) == ([], [])
    assert lines(phone) == [{"kind": "member", "text": "", "unsent": True}]
    turn = next(row for row in phone.inbox() if row.event_id == "E-m")
    assert (turn.state, turn.sealed_event) == ("deleted", None)


@pytest.mark.parametrize(("words", "left"), [(SECRET, None), (f"前の言葉\n{SECRET}", "前の言葉")])
async def test_what_waits_to_be_filed_loses_the_words(phone: LinePhone, words: str, left: str | None) -> None:
    event_id = await phone.write(SECRET)
    turn = next(row for row in phone.inbox() if row.event_id == event_id)
    vault = phone.gateway.vault
    with transaction(phone.gateway.engine) as session:
        draft_id = open_draft(
            session,
            controller=phone.gateway.controller,
            conversation_id=turn.conversation_id,
            channel="line",
            kinds=[Kind.INQUIRY],
            scope=None,
            words=words,
            vault=vault,
            now=phone.clock(),
        )
    await phone.take_back(event_id)
    with reading(phone.gateway.engine) as session:
        sealed = session.get_one(Draft, draft_id).sealed_words
    kept = None if sealed is None else vault.open(sealed, table="draft", row=draft_id, column="sealed_words")
    assert kept == left


async def test_nobody_takes_back_what_another_wrote(phone: LinePhone) -> None:
    event_id = await phone.write(SECRET)
    stranger = {"type": "user", "userId": "U2"}
    await phone.post(event("unsend", event_id="E-u", unsend={"messageId": f"M{event_id}"}, source=stranger))
    await until(lambda: len(phone.inbox()) == 2)
    with reading(phone.gateway.engine) as session:
        turn = inbox.of_message(session, "line", f"M{event_id}")
        assert turn is not None
        assert turn.state == "done"
