from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import func, select

from bot.message import Message, MessageKind, fixed
from bot.storage.engine import transaction
from bot.storage.feedback import Verdict, given_to
from bot.storage.models import Feedback
from tests.support.fake_rasa import said
from tests.support.web_member import Desk, WebMember


async def asked(desk: Desk, member: WebMember, kind: MessageKind = "not_in_policy") -> str:
    """The id of an answer to this member."""
    desk.rasa.turns = [said(Message(kind=kind, parts=(fixed("この方針には書かれていません。"),)))]
    [message] = await member.send(text="手数料はいくらですか")
    return str(message["id"])


async def judge(desk: Desk, member: WebMember, message: str, body: object) -> ClientResponse:
    return await desk.client.post(f"/api/messages/{message}/feedback", json=body, cookies=member.cookie)


def verdicts(desk: Desk) -> list[Verdict]:
    with transaction(desk.gateway.engine) as session:
        return given_to(session, desk.gateway.controller)


async def feedback_in_history(member: WebMember) -> list[Any]:
    return [line["feedback"] for line in await member.history() if "feedback" in line]


@pytest.mark.parametrize("helpful", [True, False])
async def test_a_verdict_is_kept_and_shown_in_the_history(desk: Desk, helpful: bool) -> None:  # noqa: FBT001
    member = await desk.member()
    message = await asked(desk, member)
    assert await feedback_in_history(member) == []
    response = await judge(desk, member, message, {"helpful": helpful})
    assert response.status == 204
    assert await response.read() == b""
    assert await feedback_in_history(member) == [{"helpful": helpful}]
    [verdict] = verdicts(desk)
    assert (verdict.entry_id, verdict.conversation_id, verdict.channel) == (message, member.conversation, "web")
    assert verdict.helpful is helpful


async def test_a_member_may_change_their_mind(desk: Desk) -> None:
    member = await desk.member()
    message = await asked(desk, member)
    for helpful in (True, True, False):
        assert (await judge(desk, member, message, {"helpful": helpful})).status == 204
    assert [verdict.helpful for verdict in verdicts(desk)] == [False]


async def test_another_members_answer_cannot_be_judged_or_found(desk: Desk) -> None:
    one, other = await desk.member(), await desk.member()
    message = await asked(desk, one)
    foreign = await judge(desk, other, message, {"helpful": False})
    unknown = await judge(desk, other, "0" * 32, {"helpful": False})
    assert foreign.status == unknown.status == 404
    assert foreign.content_type == "application/problem+json"
    assert verdicts(desk) == []


@pytest.mark.parametrize("kind", ["smalltalk", "clarify", "handover", "out_of_scope"])
async def test_only_answers_about_the_policy_are_judged(desk: Desk, kind: MessageKind) -> None:
    member = await desk.member()
    message = await asked(desk, member, kind)
    assert (await judge(desk, member, message, {"helpful": True})).status == 404


async def test_neither_the_notice_nor_the_members_own_words_are_judged(desk: Desk) -> None:
    member = await desk.member()
    await asked(desk, member)
    notice, words, _ = await member.history()
    for line in (notice, words):
        assert (await judge(desk, member, line["id"], {"helpful": True})).status == 404


@pytest.mark.parametrize("body", [{}, [], "x", {"helpful": 1}, {"helpful": None}, {"helpful": True, "why": "x"}])
async def test_a_body_of_another_shape_is_refused(desk: Desk, body: object) -> None:
    member = await desk.member()
    message = await asked(desk, member)
    assert (await judge(desk, member, message, body)).status == 400


async def test_without_a_session_there_is_nothing_to_judge(desk: Desk) -> None:
    member = await desk.member()
    message = await asked(desk, member)
    for cookie in ({}, {"chat": "guessed"}):
        member.cookie = cookie
        assert (await judge(desk, member, message, {"helpful": True})).status == 401


async def test_another_sites_page_cannot_judge(desk: Desk) -> None:
    member = await desk.member()
    path = f"/api/messages/{await asked(desk, member)}/feedback"
    headers = {"Origin": "https://evil.example"}
    response = await desk.client.post(path, json={"helpful": True}, cookies=member.cookie, headers=headers)
    assert response.status == 403


async def test_a_verdict_goes_with_the_conversation(desk: Desk) -> None:
    member = await desk.member()
    message = await asked(desk, member)
    await judge(desk, member, message, {"helpful": False})
    await member.delete()
    with transaction(desk.gateway.engine) as session:
        assert session.scalar(select(func.count()).select_from(Feedback)) == 0
    assert (await judge(desk, member, message, {"helpful": True})).status == 404
