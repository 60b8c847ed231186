from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from bot.console.frame.background import Task
from bot.console.talks import gathering
from bot.policy.embedding import Vectors
from bot.staff.models import StaffEvent
from bot.staff.roles import Role
from bot.staff.trail import StaffAction
from bot.storage import conversations, inbox, transcript
from bot.storage.models import Conversation, Inbound, OpenQuestion, QuestionGroup
from tests.support.console import Desk, Staff
from tests.support.talks import Told, store_talk
from tests.support.view_logged import assert_view_logged

SHOPS = ["店舗の場所を教えて", "店舗の住所を教えて", "店舗の場所は"]
NEAR_FEE = {
    "trace": {
        "questions": [{"verdict": "not_in_policy", "known": [{"id": "fee", "score": 0.81, "cosine": 0.9}]}],
    }
}


class Letters:
    """Stands for the model: texts of the same letters are alike."""

    model_id = "letters"
    is_loaded = True

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def questions(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return np.stack([self._vector(text) for text in texts])

    documents = questions

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(256, dtype=np.float32)
        for letter in text:
            vector[hashlib.sha256(letter.encode()).digest()[0]] += 1
        return vector / np.float32(np.linalg.norm(vector))


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Letters:
    letters = Letters()
    monkeypatch.setattr(gathering, "embedder_of", lambda _settings: letters)
    monkeypatch.setattr(gathering, "_common", lambda _console, _embedder: np.zeros(256, dtype=np.float32))
    return letters


async def stored(desk: Desk, *turns: Told, days: float = 1, **changes: Any) -> Conversation:  # noqa: ANN401 - columns
    console = desk.console
    now = console.clock() - timedelta(days=days)
    return await console.write(lambda session: store_talk(session, *turns, vault=console.vault, now=now, **changes))


async def grouped(desk: Desk, staff: Staff) -> Task:
    where, _ = await staff.post("/talks/questions/group")
    assert where == "/talks/questions"
    task = desk.console.background.find("talks: open questions")
    assert task is not None
    assert await asyncio.to_thread(task.ended.wait, 60)
    assert task.fault == ""
    return task


async def count(desk: Desk, table: type[OpenQuestion | QuestionGroup]) -> int:
    return await desk.console.read(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


@pytest.mark.usefixtures("letters")
async def test_questions_without_an_answer_are_grouped_by_meaning(desk: Desk) -> None:
    member = await stored(desk, Told(SHOPS[0], "not_in_policy"), Told("山田太郎ですが料金は", "not_in_policy"))
    await stored(desk, Told(SHOPS[1], "clarify"), Told("クッキーは", "answer"), days=20)
    await stored(desk, Told(SHOPS[2], "answer", helpful=False), Told("ありがとう", "answer", helpful=True))
    await stored(desk, Told("今日の天気", "out_of_scope"))
    await stored(desk, Told("はい", "not_in_policy", door="press"))
    await stored(desk, Told("古い質問", "not_in_policy"), days=31)
    await stored(desk, Told("試しの質問", "not_in_policy"), is_test=True)
    staff = await desk.signed_in(Role.COUNSELLOR)

    assert "まだまとめていません" in await staff.get("/talks/questions")
    assert (await grouped(desk, staff)).result == 3
    text = await staff.get("/talks/questions")

    assert "3個にまとめました" in text
    assert text.count('<th scope="row">') == 2
    assert "1→2" in text
    assert "店舗の" in text
    assert "山田太郎" not in text
    assert "天気" not in text
    off_topic = await staff.get("/talks/questions?sort=out_of_scope")
    assert "今日の天気" in off_topic
    for gone in ("古い質問", "試しの質問", "クッキー", "ありがとう"):
        assert gone not in text + off_topic
    group = text.partition('href="/talks/questions/')[2].partition('"')[0]
    with assert_view_logged(desk.console.engine, StaffAction.TALK_READ, about=group, actor=staff.actor):
        shown = await staff.get(f"/talks/questions/{group}")
    assert f"/talks/{member.id}" in shown
    assert all(each in shown for each in SHOPS)
    assert "役に立たなかった" in shown


@pytest.mark.usefixtures("letters")
async def test_the_nearest_card_or_gap_is_named(desk: Desk) -> None:
    await stored(desk, Told("手数料は", "not_in_policy", trace=NEAR_FEE))
    await stored(desk, Told("お金かかる", "not_in_policy", trace=NEAR_FEE))
    staff = await desk.signed_in(Role.COUNSELLOR)
    await grouped(desk, staff)
    text = await staff.get("/talks/questions")

    assert "<code>fee</code>" in text
    assert "0.81" in text
    assert text.count('<th scope="row">') == 1


async def test_what_was_embedded_once_is_not_embedded_again(desk: Desk, letters: Letters) -> None:
    await stored(desk, *(Told(text, "not_in_policy") for text in SHOPS))
    staff = await desk.signed_in(Role.COUNSELLOR)
    await grouped(desk, staff)
    await stored(desk, Told("料金は", "not_in_policy"))
    await grouped(desk, staff)

    assert sorted(letters.embedded) == sorted([*SHOPS, "料金は"])
    assert (await count(desk, OpenQuestion), await count(desk, QuestionGroup)) == (4, 2)


@pytest.mark.usefixtures("letters")
async def test_what_is_deleted_or_taken_back_is_in_no_group(desk: Desk) -> None:
    deleted = await stored(desk, Told(SHOPS[0], "not_in_policy"))
    unsent = await stored(desk, Told(SHOPS[1], "not_in_policy"))
    staff = await desk.signed_in(Role.COUNSELLOR)
    await grouped(desk, staff)

    def forget(session: Any) -> None:  # noqa: ANN401 - a session
        now = desk.console.clock()
        conversations.erase(session, session.get_one(Conversation, deleted.id), now=now)
        row = session.scalars(select(Inbound).where(Inbound.conversation_id == unsent.id)).one()
        transcript.take_back(session, row.id, vault=desk.console.vault)
        inbox.empty(row, now=now)

    await desk.console.write(forget)
    assert await count(desk, OpenQuestion) == 0
    assert "店舗" not in await staff.get("/talks/questions")
    await grouped(desk, staff)
    assert "答えのない質問はありません" in await staff.get("/talks/questions")


async def test_what_is_kept_holds_no_word_and_no_vector_in_clear(desk: Desk, letters: Letters) -> None:
    await stored(desk, Told(SHOPS[0], "not_in_policy"))
    await grouped(desk, await desk.signed_in(Role.COUNSELLOR))
    row = await desk.console.read(lambda session: session.scalars(select(OpenQuestion)).one())

    assert letters.questions(SHOPS[:1])[0].astype("<f2").tobytes() not in row.sealed_vector
    assert "店舗" not in repr({column: getattr(row, column) for column in row.__table__.columns.keys()})  # noqa: SIM118 - names


@pytest.mark.usefixtures("letters")
async def test_who_reads_them_stands_in_the_trail(desk: Desk) -> None:
    await stored(desk, Told(SHOPS[0], "not_in_policy"))
    staff = await desk.signed_in(Role.COUNSELLOR)
    await grouped(desk, staff)
    text = await staff.get("/talks/questions")
    group = text.partition('href="/talks/questions/')[2].partition('"')[0]
    await staff.get(f"/talks/questions/{group}")
    query = select(StaffEvent).where(StaffEvent.action == "talk:read").order_by(StaffEvent.position)
    events = await desk.console.read(lambda session: list(session.scalars(query)))

    assert [(each.sort, each.object_id) for each in events] == [("questions", None), ("question_group", group)]


@pytest.mark.usefixtures("letters")
async def test_a_group_leads_to_a_card_in_staffs_own_words(desk: Desk) -> None:
    await stored(desk, Told(SHOPS[0], "not_in_policy"))
    staff = await desk.signed_in(Role.COUNSELLOR)
    await grouped(desk, staff)
    text = await staff.get("/talks/questions")
    path = "/talks/questions/" + text.partition('href="/talks/questions/')[2].partition('"')[0]
    form = {"question": "お店はどこにありますか？", "confirmed": "1", "to": "gap"}

    where, _ = await staff.post(f"{path}/reword", form, status=307)
    assert where == "/improving/gaps/new"
    _, text = await staff.post(f"{path}/reword", form | {"question": "［お名前］の店は？"}, status=422)
    assert "伏せ字" in text
    await staff.get("/talks/questions/nonsense", status=404)
    await (await desk.signed_in(Role.VIEWER)).post("/talks/questions/group", status=403)
