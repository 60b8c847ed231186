from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.channels import dispatcher
from bot.channels.intake import InboundEvent, receive
from bot.message import Link, Message, Receipt, RequestRef, fixed
from bot.register.drafts import open_draft, open_drafts
from bot.register.filing import Filed, file_draft
from bot.register.kinds import Kind
from bot.register.pages import open_page
from bot.register.requests import of_conversation
from bot.storage.engine import transaction
from bot.storage.models import Entry
from tests.support.fake_rasa import Turn, plain, said
from tests.support.web_member import Desk, WebMember


def draft(desk: Desk, conversation_id: str) -> str:
    with transaction(desk.gateway.engine) as session:
        return open_draft(
            session,
            controller="eparkrelax",
            conversation_id=conversation_id,
            channel="web",
            kinds=[Kind.DISCLOSURE],
            scope=None,
            words=None,
            vault=desk.gateway.vault,
            now=desk.clock(),
        )


def file(desk: Desk, conversation_id: str) -> tuple[str, Filed]:
    draft_id = draft(desk, conversation_id)
    with transaction(desk.gateway.engine) as session:
        [filed] = file_draft(session, draft_id, now=desk.clock(), vault=desk.gateway.vault)
    return draft_id, filed


def receipt(draft_id: str, number: str) -> Turn:
    message = Message(
        kind="receipt",
        parts=(fixed("受け付けました。このままではお返事をお届けできません。"),),
        link=Link(url=f"urn:madoguchi:request-page:{draft_id}", title="連絡先の入力ページ"),
        receipt=Receipt(number=number, received_at="2026-11-24T12:00:00+09:00", kind="disclosure"),
        request=RequestRef(kinds=("disclosure",), step="details"),
    )
    return said(message)


async def test_a_held_receipt_is_shown_with_a_page_of_its_own(desk: Desk) -> None:
    member = await desk.member()
    draft_id, filed = file(desk, member.conversation)
    desk.rasa.turns = [receipt(draft_id, filed.number)]
    [message] = await member.send(text="はい")
    assert message["receipt"]["number"] == filed.number
    token = re.fullmatch(r"http://127\.0\.0\.1:8080/request/([\w-]{43})", message["link"]["url"])
    assert token is not None
    with transaction(desk.gateway.engine) as session:
        assert open_page(session, token[1], now=desk.clock()).draft_id == draft_id


async def test_a_receipt_of_somebody_elses_request_is_not_shown(desk: Desk) -> None:
    member, other = await desk.member(), await desk.member()
    draft_id, filed = file(desk, other.conversation)
    desk.rasa.turns = [receipt(draft_id, filed.number)]
    [message] = await member.send(text="はい")
    assert message["kind"] == "error"
    assert filed.number not in str(await member.history())


async def test_a_link_to_another_site_is_not_shown(desk: Desk) -> None:
    member = await desk.member()
    link = Link(url="https://evil.example/", title="こちら")
    desk.rasa.turns = [said(Message(kind="answer", parts=(fixed("こちらです。"),), link=link))]
    [message] = await member.send(text="はい")
    assert message["kind"] == "error"


@pytest.mark.parametrize("way", ["idle", "deleted"])
async def test_a_new_conversation_takes_over_what_was_open(desk: Desk, way: str) -> None:
    member = await desk.member()
    draft(desk, member.conversation)
    _, filed = file(desk, member.conversation)
    if way == "deleted":
        await member.delete()
    else:
        desk.clock.pass_time(minutes=60)
    await member.send(text="まだですか")
    conversation_id = desk.rasa.heard[-1]["sender"]
    assert conversation_id != member.conversation
    with transaction(desk.gateway.engine) as session:
        assert [view.number for view in of_conversation(session, conversation_id)] == [filed.number]
        assert len(open_drafts(session, conversation_id, now=desk.clock())) == 1
        assert of_conversation(session, member.conversation) == []


async def report(desk: Desk, member: WebMember) -> None:
    event = InboundEvent(
        channel="system",
        event_id="details:d1",
        payload='/details_received{"draft":"d1"}',
        conversation_id=member.conversation,
    )
    accepted = await receive(desk.gateway, event)
    await dispatcher.answer(desk.gateway, accepted.turn_id, accepted.conversation_id)


async def test_the_conversation_hears_once_that_the_page_was_submitted(desk: Desk) -> None:
    member = await desk.member()
    desk.rasa.turns = [plain("連絡先を受け取りました。")]
    await report(desk, member)
    await report(desk, member)
    assert desk.rasa.texts == ['/details_received{"draft":"d1"}']
    assert [line["text"] for line in await member.history()][1:] == ["連絡先を受け取りました。"]


async def test_a_report_on_a_deleted_conversation_goes_where_the_member_is_now(desk: Desk) -> None:
    member = await desk.member()
    await member.delete()
    await report(desk, member)
    assert desk.rasa.heard[-1]["sender"] != member.conversation
    assert len(await member.history()) == 1


async def test_traces_are_kept_for_staff_and_sealed(desk: Desk) -> None:
    member = await desk.member()
    message = Message(kind="answer", parts=(fixed("はい。"),), trace={"secret-score": 1}, context={"topic": "t"})
    desk.rasa.turns = [said(message)]
    assert "secret-score" not in str(await member.send(text="質問"))
    with transaction(desk.gateway.engine) as session:
        [row] = session.scalars(select(Entry).where(Entry.sealed_trace.is_not(None)))
        assert row.sealed_trace is not None
        place = {"table": "transcript", "row": row.id, "column": "sealed_trace"}
        assert "secret-score" in desk.gateway.vault.open(row.sealed_trace, **place)
