"""Hearing no more from the company: two taps, urgent for staff, with the owner's own page beside it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from actions import texts
from actions.services import Services
from actions.steps import KIND_CHOICES
from bot.register.kinds import ADVERTISING
from bot.register.models import Request
from bot.storage.engine import transaction
from tests.support.talk import Talk

WORDS = ["メルマガ止めて", "DMいらない", "広告メールやめて", "お知らせの配信停止をお願いします"]
PAGE = "https://example.jp/stop"


def filed(talk: Talk, services: Services) -> set[tuple[str, str | None, bool]]:
    with transaction(services.engine) as session:
        rows = session.scalars(select(Request).where(Request.conversation_id == talk.conversation_id))
        return {(row.kind, row.scope, row.is_urgent) for row in rows}


@pytest.mark.parametrize("words", WORDS)
def test_two_taps_in_all(talk: Talk, services: Services, words: str) -> None:
    (summary,) = talk.say(words, "open_request")
    assert summary.request is not None
    assert (summary.request.step, summary.request.kinds) == ("confirm", ("use_stop",))
    for wanted in (ADVERTISING, "ご本人であることを確認", "サービスの提供ができなくなること", "support@mitsuraku.jp"):
        assert wanted in summary.text
    assert [choice.title for choice in summary.choices] == [texts.CHOICE_FILE, texts.CHOICE_LEAVE]
    (receipt,) = talk.press_first()
    assert receipt.receipt is not None
    assert receipt.link is not None
    assert filed(talk, services) == {("use_stop", ADVERTISING, True)}


def test_leaving_files_nothing(talk: Talk, services: Services) -> None:
    talk.say(WORDS[0], "open_request")
    (left,) = talk.press(texts.CHOICE_LEAVE)
    assert texts.LEFT in left.text
    assert filed(talk, services) == set()


def test_the_owners_page_stands_beside_it_when_there_is_one(talk: Talk, services: Services) -> None:
    services.settings = services.settings.model_copy(update={"stop_mail_url": PAGE})
    (summary,) = talk.say(WORDS[0], "open_request")
    (receipt,) = talk.press_first()
    for message in (summary, receipt):
        assert PAGE in {part.text for part in message.parts if part.type == "computed"}
        assert texts.STOP_MAIL_PAGE in message.text


def test_no_page_is_named_when_there_is_none(talk: Talk) -> None:
    (summary,) = talk.say(WORDS[0], "open_request")
    (receipt,) = talk.press_first()
    assert texts.STOP_MAIL_PAGE not in summary.text + receipt.text


def test_other_requests_have_nothing_of_it(talk: Talk, services: Services) -> None:
    services.settings = services.settings.model_copy(update={"stop_mail_url": PAGE})
    (first,) = talk.say("私の情報の利用を停止してください", "open_request")
    assert first.request is not None
    assert first.request.step == "scope"
    (summary,) = talk.press("会員情報")
    (receipt,) = talk.press_first()
    assert PAGE not in first.text + summary.text + receipt.text
    assert filed(talk, services) == {("use_stop", "会員情報", False)}


def test_beside_another_kind_it_keeps_its_own_scope(talk: Talk, services: Services) -> None:
    (first,) = talk.say("登録の住所を訂正してください。メルマガも止めてください。", "open_request")
    assert first.request is not None
    assert first.request.step == "scope"
    (summary,) = talk.press("会員情報")
    assert texts.STOPPED_USE_LABEL in summary.text
    talk.press_first()
    assert filed(talk, services) == {("correction", "会員情報", False), ("use_stop", ADVERTISING, True)}


def test_the_scope_chosen_by_hand_makes_it_urgent_too(talk: Talk, services: Services) -> None:
    talk.send('/open_request{"kind":"use_stop"}')
    talk.press("広告・宣伝")
    talk.press_first()
    assert filed(talk, services) == {("use_stop", ADVERTISING, True)}


def test_the_desk_offers_this_scope(services: Services) -> None:
    assert ADVERTISING in {scope.title for scope in services.desk.scopes}
    assert len(KIND_CHOICES) == 8
