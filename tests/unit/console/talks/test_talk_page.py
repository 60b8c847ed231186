from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from sqlalchemy import select

from bot.console.talks.list_page import NOT_FOUND
from bot.console.talks.rewording import DESTINATIONS, NOT_CONFIRMED
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.staff.models import StaffEvent
from bot.staff.roles import Role
from bot.storage import conversations, inbox, transcript
from bot.storage.engine import open_engine, transaction
from bot.storage.models import Conversation, Inbound
from bot.storage.transcript import NewLine
from bot.storage.walls import EVERY
from tests.support.console import Desk
from tests.support.talks import Told, store_talk

SAID = "会員番号4821993の山田太郎です。クッキーは？"
ANSWER = (
    {"type": "fixed", "text": "方針にはこうあります。"},
    {"type": "quote", "text": "第2条 Cookieを使います。", "citation": 0},
    {"type": "computed", "text": "K261126-AB12-CD34E"},
)


async def stored(desk: Desk, *turns: Told, **changes: Any) -> Conversation:  # noqa: ANN401 - columns
    console = desk.console
    now = console.clock() - timedelta(minutes=5)
    return await console.write(lambda session: store_talk(session, *turns, vault=console.vault, now=now, **changes))


def stored_of_another_company(desk: Desk) -> Conversation:
    engine, now = open_engine(desk.console.settings.database_url, controller=EVERY), desk.console.clock()
    with transaction(engine) as session:
        talk = store_talk(session, Told("一"), vault=desk.console.vault, now=now, controller="other")
    engine.dispose()
    return talk


async def events(desk: Desk, action: str) -> list[StaffEvent]:
    query = select(StaffEvent).where(StaffEvent.action == action).order_by(StaffEvent.position)
    return await desk.console.read(lambda session: list(session.scalars(query)))


async def test_the_list_shows_numbers_and_leads_to_the_conversation(desk: Desk) -> None:
    talk = await stored(desk, Told(SAID, stated=0.31, helpful=False), Told("二", "not_in_policy"))
    staff = await desk.signed_in(Role.VIEWER)

    text = await staff.get("/talks?missed=1&disliked=1&low=1")
    assert f'href="/talks/{talk.id}"' in text
    assert "0.31" in text
    assert "クッキー" not in text
    assert f"/talks/{talk.id}" not in await staff.get("/talks?receipt=1")


async def test_the_way_to_the_next_rows(desk: Desk) -> None:
    for _ in range(51):
        await stored(desk, Told("一"))
    staff = await desk.signed_in(Role.VIEWER)
    text = await staff.get("/talks?channel=web")
    onward = text.partition('href="/talks?channel=web&amp;after=')[2].partition('"')[0]

    assert text.count('<th scope="row">') == 50
    assert (await staff.get(f"/talks?channel=web&after={onward}")).count('<th scope="row">') == 1
    await staff.get("/talks?after=W10", status=HTTPStatus.BAD_REQUEST)


async def test_a_conversation_is_shown_veiled_and_that_it_was_read_is_kept(desk: Desk) -> None:
    trace = {"trace": {"rasa_ms": 12.0, "questions": []}, "context": {}}
    talk = await stored(desk, Told(SAID, answer=ANSWER, helpful=False, trace=trace))
    staff = await desk.signed_in(Role.VIEWER)
    text = await staff.get(f"/talks/{talk.id}")

    assert "4821993" not in text
    assert "山田太郎" not in text
    assert "クッキーは？" in text
    assert "K261126" not in text
    assert "第2条 Cookieを使います。" in text
    assert "役に立たなかった" in text
    assert "この回答の記録" in text
    assert "伏せ字を外す" not in text
    [read] = await events(desk, "talk:read")
    assert (read.actor, read.sort, read.object_id) == (staff.actor, "talk", talk.id)


async def test_the_veil_comes_off_for_a_reason_that_is_kept(desk: Desk) -> None:
    talk = await stored(desk, Told(SAID, answer=ANSWER))
    officer = await desk.signed_in(Role.OFFICER)

    _, text = await officer.post(f"/talks/{talk.id}/reveal", {"reason": " "}, status=422)
    assert "4821993" not in text
    _, text = await officer.post(f"/talks/{talk.id}/reveal", {"reason": "苦情の確認"}, status=200)
    assert SAID in text
    [revealed] = await events(desk, "talk:revealed")
    assert (revealed.actor, revealed.reason, revealed.object_id) == (officer.actor, "苦情の確認", talk.id)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.COUNSELLOR, Role.ADMIN])
async def test_who_may_not_take_the_veil_off_does_not(desk: Desk, role: Role) -> None:
    talk = await stored(desk, Told(SAID))
    staff = await desk.signed_in(role)

    _, text = await staff.post(f"/talks/{talk.id}/reveal", {"reason": "見たい"}, status=403)
    assert "4821993" not in text
    assert await events(desk, "talk:revealed") == []


async def test_what_was_unsent_and_what_was_said_for_now_is_marked(desk: Desk) -> None:
    talk = await stored(desk, Told("消したい言葉"))

    def change(session: Any) -> None:  # noqa: ANN401 - a session
        row = session.scalars(select(Inbound)).one()
        transcript.take_back(session, row.id, vault=desk.console.vault)
        inbox.empty(row, now=desk.console.clock())
        message = {"kind": "error", "text": "。", "parts": [{"type": "fixed", "text": "お待ちください。"}]}
        lines = [NewLine("provisional", message)]
        conversation = session.get_one(Conversation, talk.id)
        transcript.append(session, conversation, lines, vault=desk.console.vault, now=desk.console.clock())

    await desk.console.write(change)
    staff = await desk.signed_in(Role.VIEWER)
    text = await staff.get(f"/talks/{talk.id}")

    assert "送信取消" in text
    assert "消したい言葉" not in text
    assert "一時的な返事" in text


async def test_the_address_of_a_members_page_is_shown_to_nobody(desk: Desk) -> None:
    talk = await stored(desk)
    message = {
        "kind": "receipt",
        "text": "。",
        "parts": [{"type": "fixed", "text": "受け付けました。"}],
        "link": {"url": "https://madoguchi.example/request/secret-token", "title": "連絡先を入力する"},
        "choices": [{"id": "c", "title": "続ける"}],
    }

    def change(session: Any) -> None:  # noqa: ANN401 - a session
        conversation = session.get_one(Conversation, talk.id)
        lines = [NewLine("answer", message)]
        transcript.append(session, conversation, lines, vault=desk.console.vault, now=desk.console.clock())

    await desk.console.write(change)
    officer = await desk.signed_in(Role.OFFICER)
    _, text = await officer.post(f"/talks/{talk.id}/reveal", {"reason": "確認"}, status=200)

    assert "secret-token" not in text
    assert "続ける／連絡先を入力する" in text


async def test_a_conversation_is_marked_with_a_note(desk: Desk) -> None:
    talk = await stored(desk, Told("一"))
    staff = await desk.signed_in(Role.COUNSELLOR)
    path = f"/talks/{talk.id}/review"

    _, text = await staff.post(path, {"review": "improve", "note": ""}, status=422)
    assert "改善したい点を入力してください" in text
    _, text = await staff.post(path, {"review": "done", "note": "書いたメモ"}, status=422)
    assert "書いたメモ" in text
    where, _ = await staff.post(path, {"review": "improve", "note": "料金の質問に答えがない"})
    assert where == f"/talks/{talk.id}"
    text = await staff.get(where)
    assert "料金の質問に答えがない" in text
    assert "見本 counsellor" in text
    [marked] = await events(desk, "talk:marked")
    assert (marked.object_id, marked.reason) == (talk.id, None)
    await (await desk.signed_in(Role.VIEWER)).post(path, {"review": "checked"}, status=403)


async def test_a_conversation_that_is_not_there_is_not_found(desk: Desk) -> None:
    foreign = stored_of_another_company(desk)
    deleted = await stored(desk, Told("二"))
    await desk.console.write(
        lambda session: conversations.erase(
            session, session.get_one(Conversation, deleted.id), now=desk.console.clock()
        )
    )
    officer = await desk.signed_in(Role.OFFICER)

    for talk_id in (foreign.id, deleted.id, "nonsense"):
        await officer.get(f"/talks/{talk_id}", status=404)
        await officer.post(f"/talks/{talk_id}/reveal", {"reason": "確認"}, status=404)
        await officer.post(f"/talks/{talk_id}/review", {"review": "checked"}, status=404)
    assert await events(desk, "talk:read") == []


async def filed(desk: Desk, talk: Conversation, scope: str) -> str:
    console = desk.console

    def step(session: Any) -> str:  # noqa: ANN401 - a session
        draft = open_draft(
            session,
            controller="eparkrelax",
            conversation_id=talk.id,
            channel="web",
            kinds=[Kind.DISCLOSURE],
            scope=scope,
            words="見せてください",
            vault=console.vault,
            now=console.clock(),
        )
        return file_draft(session, draft, now=console.clock(), vault=console.vault)[0].number

    return await console.write(step)


async def test_a_conversation_is_found_by_receipt_number(desk: Desk) -> None:
    talk = await stored(desk, Told("一"))
    number = await filed(desk, talk, "会員情報")
    staff = await desk.signed_in(Role.VIEWER)

    where, _ = await staff.post("/talks/find", {"number": f" {number.lower()} "})
    assert where == f"/talks/{talk.id}"
    assert number in await staff.get(where)
    _, text = await staff.post("/talks/find", {"number": "K261126-AAAA-AAAAA"}, status=422)
    assert NOT_FOUND in text
    await staff.post("/talks/find", {"number": ""}, status=422)


async def test_a_request_about_health_leads_only_those_who_may_know_of_it(desk: Desk) -> None:
    talk = await stored(desk, Told("一"))
    number = await filed(desk, talk, "健康情報")
    staff = await desk.signed_in(Role.OFFICER, "sato")
    allowed = await desk.signed_in(Role.OFFICER, "tanaka", sees_sensitive=True)

    await staff.post("/talks/find", {"number": number}, status=403)
    assert number not in await staff.get(f"/talks/{talk.id}")
    await allowed.post("/talks/find", {"number": number})
    assert number in await allowed.get(f"/talks/{talk.id}")


async def test_only_words_of_staffs_own_go_on(desk: Desk) -> None:
    talk = await stored(desk, Told(SAID))
    staff = await desk.signed_in(Role.COUNSELLOR)
    path = f"/talks/{talk.id}/reword"
    good = {"question": "クッキーは使われますか？", "confirmed": "1", "to": "card"}

    for change, says in (
        ({"question": "［お名前］です。クッキーは？"}, "伏せ字"),
        ({"question": "電話は03-1234-5678です"}, "連絡先や番号"),
        ({"confirmed": ""}, NOT_CONFIRMED),
        ({"question": ""}, "言い換えた質問を入力してください"),
        ({"to": "elsewhere"}, "作るものを選んでください"),
    ):
        _, text = await staff.post(path, good | change, status=422)
        assert says in text
    where, _ = await staff.post(path, good, status=307)
    assert where == "/improving/cards/new"
    assert talk.id not in where


@pytest.mark.parametrize("to", DESTINATIONS)
async def test_where_it_goes_on_takes_the_question_and_nothing_of_the_conversation(desk: Desk, to: str) -> None:
    talk = await stored(desk, Told(SAID))
    staff = await desk.signed_in(Role.COUNSELLOR)
    form = {"question": "クッキーは使われますか？", "confirmed": "1", "to": to}
    where, _ = await staff.post(f"/talks/{talk.id}/reword", form, status=307)
    _, text = await staff.post(where, form, status=200)

    assert "クッキーは使われますか？" in text
    assert talk.id not in text
