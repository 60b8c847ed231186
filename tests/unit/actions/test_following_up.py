from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from actions import texts
from actions.following_up import STATE_TEXTS
from actions.services import Services
from bot.message import Link
from bot.register.details import Details
from bot.register.groups import file_group
from bot.register.models import Role, State
from bot.register.pages import issue_page, submit_details
from bot.register.requests import carry
from bot.storage.engine import transaction
from tests.support.messages import untimed
from tests.support.talk import Talk


def file_one(talk: Talk, kind: str = "disclosure") -> str:
    talk.send(f'/open_request{{"kind":"{kind}"}}')
    talk.press_first()
    (receipt,) = talk.press_first()
    assert receipt.receipt is not None
    return receipt.receipt.number


def complete(talk: Talk, services: Services) -> None:
    draft = talk.slots["request"]["draft"]
    details = Details(role=Role.SELF, name="試験 花子", email="hanako@example.com")
    with transaction(services.engine) as session:
        token = issue_page(session, draft, now=services.clock())
        submit_details(session, token, details, now=services.clock(), vault=services.vault)


def page(services: Services) -> Link:
    return Link(url=f"{services.settings.public_url}/request", title=texts.REQUEST_PAGE_LABEL)


def test_status_names_only_this_conversation(talk: Talk, services: Services) -> None:
    file_one(Talk(services))
    (status,) = talk.say("どうなっていますか", "status")
    assert status.kind == "status"
    assert status.link == page(services)
    assert status.request is not None
    assert status.request.kinds == ()
    assert texts.STATUS_NONE in status.text


def test_status_without_contact_says_that_no_answer_can_come(talk: Talk) -> None:
    number = file_one(talk)
    (status,) = talk.say("どうなっていますか", "status")
    assert number in status.text
    assert "2026年11月23日 12時00分" in status.text
    assert texts.STATE_WITHOUT_CONTACT in status.text
    assert status.link is not None


def test_status_is_told_while_somebody_else_writes(talk: Talk, services: Services) -> None:
    number = file_one(talk)
    with transaction(services.engine):
        (status,) = talk.say("どうなっていますか", "status")
    assert number in status.text


def test_status_with_contact(talk: Talk, services: Services) -> None:
    file_one(talk)
    complete(talk, services)
    (status,) = talk.say("どうなっていますか", "status")
    assert texts.STATE_IDENTITY_PENDING in status.text
    assert status.link == page(services)


def test_where_one_still_lacks_contact_the_page_that_takes_it_is_linked_and_the_other_named(
    talk: Talk, services: Services
) -> None:
    file_one(talk)
    complete(talk, services)
    file_one(talk, "correction")
    (status,) = talk.say("どうなっていますか", "status")
    assert page(services).url in status.text
    assert status.link is not None
    assert status.link.title == texts.LINK_DETAILS


def stand(talk: Talk, services: Services, state: State) -> None:
    """Puts what the conversation filed into a state, with the database's own rules out of the way."""
    with services.engine.begin() as connection:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        values = {"state": state, "conversation": talk.conversation_id}
        connection.execute(text("UPDATE request SET state = :state WHERE conversation_id = :conversation"), values)


def test_every_state_has_its_text() -> None:
    assert set(STATE_TEXTS) == set(State)
    assert len(set(STATE_TEXTS.values())) == len(State)


@pytest.mark.parametrize("state", State)
def test_status_says_who_waits_for_what_and_no_outcome(talk: Talk, services: Services, state: State) -> None:
    file_one(talk)
    complete(talk, services)
    stand(talk, services, state)
    (status,) = talk.say("どうなっていますか", "status")
    assert STATE_TEXTS[state] in status.text
    assert status.link == page(services)
    assert not re.search("開示します|できません|応じ|認め|断|不開示|決定", STATE_TEXTS[state])


@pytest.mark.parametrize("state", [State.IDENTITY_PENDING, State.IDENTITY_EXPIRED])
def test_whoever_writes_to_the_desk_is_not_asked_who_they_are(talk: Talk, services: Services, state: State) -> None:
    file_one(talk, "complaint")
    complete(talk, services)
    stand(talk, services, state)
    (status,) = talk.say("どうなっていますか", "status")
    assert texts.STATE_RECEIVED in status.text


@pytest.mark.parametrize("state", [State.VERIFIED, State.IN_REVIEW, State.DECIDED])
def test_without_contact_that_is_what_is_waited_for(talk: Talk, services: Services, state: State) -> None:
    file_one(talk)
    stand(talk, services, state)
    (status,) = talk.say("どうなっていますか", "status")
    assert texts.STATE_WITHOUT_CONTACT in status.text
    assert status.link is not None


@pytest.mark.parametrize("state", [State.DECIDED, State.NOTIFIED, State.CLOSED])
def test_what_is_decided_is_not_taken_back(talk: Talk, services: Services, state: State) -> None:
    file_one(talk)
    complete(talk, services)
    talk.say("取り下げたい", "withdraw")
    take_back = talk.choice("K").payload or ""
    stand(talk, services, state)
    (late,) = talk.send(take_back)
    assert late.kind == "status"
    assert texts.TOO_LATE_TO_WITHDRAW in late.text
    assert STATE_TEXTS[state] in late.text
    assert texts.WITHDRAWN not in late.text
    (asked,) = talk.say("取り下げたい", "withdraw")
    assert texts.TOO_LATE_TO_WITHDRAW in asked.text
    assert not asked.choices


def test_a_request_can_be_taken_back(talk: Talk) -> None:
    number = file_one(talk)
    (ask,) = talk.say("取り下げたい", "withdraw")
    assert ask.kind == "request"
    assert ask.request is not None
    assert (ask.request.kinds, ask.request.step) == (("withdraw",), "confirm")
    take_back = ask.choices[0].payload or ""
    (status,) = talk.press_first()
    assert status.kind == "status"
    assert status.receipt is None
    assert number in status.text
    assert texts.STATE_WITHDRAWN in status.text
    assert untimed(talk.send(take_back)) == untimed([status])
    (nothing,) = talk.say("取り下げたい", "withdraw")
    assert texts.NOTHING_TO_WITHDRAW in nothing.text


def test_a_typed_yes_takes_nothing_back(talk: Talk) -> None:
    file_one(talk)
    talk.say("取り下げたい", "withdraw")
    (ask,) = talk.say("はい", "affirm")
    assert ask.kind == "request"
    (kept,) = talk.say("やっぱりいいです", "stop")
    assert texts.FILED_STAYS in kept.text
    (status,) = talk.say("どうなっていますか", "status")
    assert texts.STATE_WITHDRAWN not in status.text


def test_keeping_by_button(talk: Talk) -> None:
    file_one(talk)
    talk.say("取り下げたい", "withdraw")
    (kept,) = talk.press(texts.CHOICE_LEAVE)
    assert texts.FILED_STAYS in kept.text


def test_each_of_several_requests_has_its_button(talk: Talk) -> None:
    numbers = {file_one(talk), file_one(talk, "erasure")}
    (ask,) = talk.say("取り下げたい", "withdraw")
    assert {choice.title.split("（")[0] for choice in ask.choices[:-1]} == numbers
    talk.press_first()
    (ask,) = talk.say("取り下げたい", "withdraw")
    assert len(ask.choices) == 2


def test_a_foreign_request_is_not_taken_back(talk: Talk, services: Services) -> None:
    other = Talk(services)
    file_one(other)
    other.say("取り下げたい", "withdraw")
    (refused,) = talk.send(other.last[0].choices[0].payload or "")
    assert refused.kind == "notice"
    (status,) = other.say("どうなっていますか", "status")
    assert texts.STATE_WITHDRAWN not in status.text


def test_details_are_thanked_for_without_naming_them(talk: Talk, services: Services) -> None:
    number = file_one(talk)
    draft = talk.slots["request"]["draft"]
    complete(talk, services)
    (status,) = talk.send(f'/details_received{{"draft":"{draft}"}}')
    assert status.kind == "status"
    assert number in status.text
    assert "花子" not in status.text


def test_a_wish_for_status_or_withdrawal_is_understood_in_a_request_too(talk: Talk) -> None:
    file_one(talk)
    (status,) = talk.say("請求の状況を教えてください", "open_request")
    assert status.kind == "status"
    (ask,) = talk.say("請求を取り下げたいです", "open_request")
    assert ask.request is not None
    assert ask.request.kinds == ("withdraw",)


def test_a_question_about_a_filed_request_is_answered_by_the_register(talk: Talk) -> None:
    assert talk.say("さっきの請求はどうなっていますか", "ask_policy")[0].kind == "answer"
    number = file_one(talk)
    (status,) = talk.say("さっきの請求はどうなっていますか", "ask_policy")
    assert status.kind == "status"
    assert number in status.text


def test_a_draft_that_was_carried_over_is_offered_again(talk: Talk, services: Services) -> None:
    former = Talk(services)
    former.send('/open_request{"kind":"disclosure"}')
    former.press_first()
    with transaction(services.engine) as session:
        carry(session, former.conversation_id, talk.conversation_id, now=services.clock())
    status, offer = talk.say("どうなっていますか", "status")
    assert status.kind == "status"
    assert texts.DRAFT_WAITS in offer.text
    (receipt,) = talk.press_first()
    assert receipt.kind == "receipt"


def test_status_names_what_other_companies_were_asked_together_with_it(talk: Talk, services: Services) -> None:
    file_one(talk)
    sisters = {"kogane": "株式会社こがねベーカリー", "parking": "株式会社パーキング"}
    with transaction(services.engine) as session:
        draft = talk.slots["request"]["draft"]
        children = file_group(
            session, draft, sisters, name="株式会社はじめ", now=services.clock(), vault=services.vault
        )
    (status,) = talk.say("どうなっていますか", "status")
    asked = [f"{child.company}（{child.receipts[0].number}）" for child in children]
    assert [part.text for part in status.parts if part.text in asked] == asked
    assert texts.SIBLINGS_LABEL in status.text


def test_status_of_what_stands_alone_names_no_other_company(talk: Talk) -> None:
    file_one(talk)
    (status,) = talk.say("どうなっていますか", "status")
    assert texts.SIBLINGS_LABEL not in status.text
