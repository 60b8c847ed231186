"""お問い合わせ over HTTP: the list, the words that are logged, answering, handing over, and who may not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import TOKYO
from bot.register.audit import Action
from bot.register.casework import note_told
from bot.register.details import read_details
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.kinds import Kind
from bot.register.models import AuditEvent, ReplyBy, Request
from bot.register.thread.messages import member_writes
from bot.staff.roles import Role
from bot.staff.trail import StaffAction
from tests.support.console import Desk, Staff, console_settings, running_console
from tests.support.view_logged import assert_view_logged

NOW = datetime(2026, 11, 26, 11, 0, tzinfo=TOKYO)
WORDS = "予約の情報はいつまで保存されますか"
DETAILS = read_details({"role": "self", "name": "山田花子", "email": "hanako@example.com"})
_SEEN = re.compile(r'name="seen" value="(\d+)"')


@dataclass
class Inbox:
    """Inquiries that came by mail."""

    desk: Desk

    async def enter(self, kind: Kind = Kind.INQUIRY, *, scope: str | None = None, hours: int = 30) -> str:
        """The id of one that arrived so many hours ago."""
        console = self.desk.console
        entry = Entry(
            channel=EntryChannel.EMAIL,
            kinds=(kind,),
            received_at=NOW - timedelta(hours=hours),
            scope=scope,
            words=WORDS,
            details=DETAILS,
        )
        (filed,) = await console.write(
            lambda session: enter(
                session, entry, actor="staff:ito", now=NOW, vault=console.vault, controller=console.controller
            )
        )
        return filed.request_id

    async def of(self, id_: str) -> Request:
        """The row."""
        return await self.desk.console.read(lambda session: session.get_one(Request, id_))

    async def trail(self, id_: str) -> list[str]:
        """What happened to it."""
        query = select(AuditEvent.action).where(AuditEvent.request_id == id_).order_by(AuditEvent.position)
        return await self.desk.console.read(lambda session: list(session.scalars(query)))


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with running_console(console_settings(database_url), lambda: NOW) as running:
        yield running


@pytest.fixture
def inbox(desk: Desk) -> Inbox:
    return Inbox(desk)


async def step(staff: Staff, id_: str, name: str, status: int = 303, **fields: str) -> tuple[str, str]:
    """Opens the page and sends one of its forms."""
    seen = seen_on(await staff.get(f"/inbox/{id_}"))
    prefix = {"note": "note", "assign": "assign", "told": "told", "complaint": "complaint", "urgent": "urgent"}
    named = {f"{prefix.get(name, 'reply')}-{field}": value for field, value in fields.items()}
    return await staff.post(f"/inbox/{id_}/{name}", {"seen": seen} | named, status=status)


def seen_on(text: str) -> str:
    found = _SEEN.search(text)
    assert found, text[:1000]
    return found[1]


async def test_the_list_says_how_long_each_waits_and_nothing_it_says(desk: Desk, inbox: Inbox) -> None:
    complaint = await inbox.enter(Kind.COMPLAINT, hours=50)
    inquiry = await inbox.enter(hours=3)
    await inbox.enter(Kind.DISCLOSURE)
    staff = await desk.signed_in(Role.VIEWER)

    text = await staff.get("/inbox")

    assert text.index(f"/inbox/{complaint}") < text.index(f"/inbox/{inquiry}")
    assert text.count('<td class="inbox__plain"><a href="/inbox/') == 2
    assert '<td class="number">2日</td>' in text
    assert '<td class="number">3時間</td>' in text
    assert WORDS not in text
    assert complaint not in await staff.get("/inbox?kind=inquiry")
    assert inquiry not in await staff.get("/inbox?group=over")


async def test_opening_it_shows_the_words_and_is_logged(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    engine = desk.console.engine
    with (
        assert_view_logged(engine, Action.DETAILS_REVEALED, about=id_, actor=staff.actor),
        assert_view_logged(engine, StaffAction.REQUEST_READ, about=id_, actor=staff.actor),
    ):
        text = await staff.get(f"/inbox/{id_}")
    assert WORDS in text
    assert "hanako@example.com" not in text


async def test_who_asks_is_shown_when_asked_for(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    with assert_view_logged(desk.console.engine, Action.DETAILS_REVEALED, about=id_, actor=staff.actor):
        _, text = await staff.post(f"/inbox/{id_}/contact", status=200)
    assert "hanako@example.com" in text
    viewer = await desk.signed_in(Role.VIEWER)
    await viewer.post(f"/inbox/{id_}/contact", status=403)


async def test_a_viewer_sees_where_it_stands_and_no_word_of_it(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    text = await (await desk.signed_in(Role.VIEWER)).get(f"/inbox/{id_}")
    assert WORDS not in text
    assert "受付日時" in text
    assert f'action="/inbox/{id_}/' not in text
    assert "details:revealed" not in await inbox.trail(id_)


async def test_answering_begins_decides_and_tells_in_one_press(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")

    where, _ = await step(staff, id_, "answer", text="方針には書かれていません。確認して5年とのことです。")

    assert where == f"/inbox/{id_}?done=answer"
    assert (await inbox.of(id_)).state == "decided"
    assert [action for action in await inbox.trail(id_) if action.startswith(("review", "request:dec"))] == [
        "review:begun",
        "request:decided",
    ]
    text = await staff.get(where)
    assert "回答を記録しました" in text
    assert "確認して5年とのことです" in text
    assert f"/inbox/{id_}/answer" not in text


async def test_from_the_answer_to_the_end(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    await step(staff, id_, "answer", text="お答えします。")
    await step(staff, id_, "told", by="phone")
    where, _ = await step(staff, id_, "close")
    assert (where, (await inbox.of(id_)).state) == (f"/inbox/{id_}?done=close", "closed")
    assert id_ in await staff.get("/inbox?group=over")


async def test_another_desk_can_be_named_by_one_person(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    await step(staff, id_, "route", text="会員情報の窓口が担当しています。")
    assert (await inbox.of(id_)).state == "decided"


async def test_a_message_leaves_it_open_and_a_question_waits(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    await step(staff, id_, "message", text="確認しています。")
    assert (await inbox.of(id_)).state == "identity_pending"
    await step(staff, id_, "ask", text="いつのご予約ですか。")
    assert (await inbox.of(id_)).state == "scope_pending"

    _, text = await step(staff, id_, "answer", status=422, text="答えの途中")
    assert "会員の返事を待っている間は回答できません" in text
    assert "答えの途中" in text


async def test_a_ready_made_text_goes_below_what_was_typed_and_is_not_sent_unfinished(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    _, text = await step(staff, id_, "ready", status=200, text="山田様", ready="not_in_policy")
    box = text.partition('name="reply-text"')[2].partition("</textarea>")[0].partition(">")[2]
    assert box.startswith("山田様\n\nお問い合わせをいただき")

    _, text = await step(staff, id_, "answer", status=422, text=box)
    assert "ひな型の" in text
    assert (await inbox.of(id_)).state == "identity_pending"
    await step(staff, id_, "ready", status=422, ready="nonsense")


async def test_what_happened_meanwhile_stops_a_step_and_loses_nothing(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    sato, ito = await desk.signed_in(Role.COUNSELLOR, "sato"), await desk.signed_in(Role.OFFICER, "ito")
    seen = seen_on(await sato.get(f"/inbox/{id_}"))
    await ito.get(f"/inbox/{id_}")
    await step(ito, id_, "answer", text="先に答えました。")

    _, text = await sato.post(f"/inbox/{id_}/answer", {"seen": seen, "reply-text": "あとから"}, status=409)

    assert "ほかの人または会員が操作しました" in text
    assert "あとから" in text
    assert (await inbox.trail(id_)).count("request:decided") == 1


async def test_a_colleague_who_merely_looked_stops_nobody(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    sato, ito = await desk.signed_in(Role.COUNSELLOR, "sato"), await desk.signed_in(Role.OFFICER, "ito")
    seen = seen_on(await sato.get(f"/inbox/{id_}"))
    await ito.get(f"/inbox/{id_}")
    await sato.post(f"/inbox/{id_}/answer", {"seen": seen, "reply-text": "お答えします。"})


async def test_it_is_handed_over_with_a_note_that_the_member_does_not_see(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    sato = await desk.signed_in(Role.COUNSELLOR, "sato")
    ito = await desk.signed_in(Role.OFFICER, "ito")
    await step(sato, id_, "assign", to=ito.actor, note="前回の経緯は別紙です")
    assert (await inbox.of(id_)).assignee == ito.actor
    text = await ito.get(f"/inbox/{id_}")
    assert "前回の経緯は別紙です" in text
    assert "内部メモ" in text
    assert id_ in await ito.get("/inbox?assignee=mine")
    await step(sato, id_, "assign", status=422, to="staff:nobody")


async def test_urgency_goes_on_and_off(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    await step(staff, id_, "urgent", on="yes")
    assert (await inbox.of(id_)).is_urgent
    await step(staff, id_, "urgent", on="no")
    assert not (await inbox.of(id_)).is_urgent


async def test_a_complaint_names_the_request_it_is_about(desk: Desk, inbox: Inbox) -> None:
    complaint, about = await inbox.enter(Kind.COMPLAINT), await inbox.enter(Kind.DISCLOSURE)
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    number = (await inbox.of(about)).number
    await step(staff, complaint, "complaint", number=number)
    assert f'href="/requests/{about}">{number}' in await staff.get(f"/inbox/{complaint}")
    _, text = await step(staff, complaint, "complaint", status=422, number="K000000-0000-0000")
    assert "この受付番号の請求はありません" in text


async def test_a_reply_of_the_member_marks_the_list_until_it_is_read(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    vault = desk.console.vault
    await desk.console.write(lambda session: member_writes(session, id_, "追伸です", now=NOW, vault=vault))
    assert "返信あり</span>" in await staff.get("/inbox")
    assert "追伸です" in await staff.get(f"/inbox/{id_}")
    assert "返信あり</span>" not in await staff.get("/inbox")


async def test_the_answer_becomes_a_draft_card_in_one_press(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    assert "/improving/cards/new" not in await staff.get(f"/inbox/{id_}")
    await step(staff, id_, "answer", text="予約の情報は方針に期間の記載がありません。")
    form = (await staff.get(f"/inbox/{id_}")).partition('action="/improving/cards/new"')[2].partition("</form>")[0]
    assert f'name="question" value="{WORDS}"' in form
    assert 'name="answer" value="予約の情報は方針に期間の記載がありません。"' in form
    text = await lands_on_a_card(staff, form)
    assert WORDS in text
    assert "予約の情報は方針に期間の記載がありません。" in text


async def lands_on_a_card(staff: Staff, form: str) -> str:
    """The page of a new card that the form leads to."""
    fields = dict(re.findall(r'name="(question|answer)" value="([^"]*)"', form))
    _, text = await staff.post("/improving/cards/new", fields, status=200)
    return text


async def test_what_was_quoted_goes_along_to_the_card(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    await step(staff, id_, "answer", text="次のとおりです。「法令により開示等の申し出には応じられない場合」です。")
    assert 'name="quote" value="法令により開示等の申し出には応じられない場合"' in await staff.get(f"/inbox/{id_}")


@pytest.mark.parametrize("name", ["answer", "message", "assign", "close", "ready", "note", "complaint"])
async def test_about_health_only_those_act_who_may_read_it(desk: Desk, inbox: Inbox, name: str) -> None:
    id_ = await inbox.enter(scope="健康情報")
    staff = await desk.signed_in(Role.OFFICER, "sato")
    assert id_ not in await staff.get("/inbox")
    await staff.get(f"/inbox/{id_}", status=403)
    await staff.post(f"/inbox/{id_}/{name}", {"seen": "1", "reply-ready": "received"}, status=403)
    await staff.post(f"/inbox/{id_}/contact", status=403)
    may = await desk.signed_in(Role.OFFICER, "ito", sees_sensitive=True)
    assert WORDS in await may.get(f"/inbox/{id_}")


async def test_a_request_of_another_kind_is_not_answered_here(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter(Kind.DISCLOSURE)
    staff = await desk.signed_in(Role.OFFICER, "sato")
    await staff.get(f"/inbox/{id_}", status=404)
    await staff.post(f"/inbox/{id_}/answer", {"seen": "9", "reply-text": "x"}, status=404)
    assert "details:revealed" not in await inbox.trail(id_)


async def test_what_is_over_offers_nothing_but_to_look(desk: Desk, inbox: Inbox) -> None:
    id_ = await inbox.enter()
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    await step(staff, id_, "answer", text="お答えします。")
    told: Callable[[Session], None] = lambda session: note_told(  # noqa: E731 - one call
        session, id_, ReplyBy.PHONE, actor=staff.actor, now=NOW
    )
    await desk.console.write(told)
    await step(staff, id_, "close")
    text = await staff.get(f"/inbox/{id_}")
    assert f"/inbox/{id_}/answer" not in text
    assert f"/inbox/{id_}/assign" not in text
