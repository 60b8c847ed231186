from __future__ import annotations

import pytest
from sqlalchemy import select

from actions import texts
from actions.narrowing import NARROWINGS
from actions.services import Services
from actions.steps import KIND_CHOICES
from bot.message import Message
from bot.register.drafts import draft as find_draft
from bot.register.models import Request
from bot.register.requests import of_conversation
from bot.storage.engine import transaction
from tests.support.messages import untimed
from tests.support.talk import Talk

DISCLOSURE = "私の情報を開示してください"
ERASURE = "予約履歴を全部消してほしいです"


def quotes(message: Message) -> str:
    return "".join(citation.quote for citation in message.citations)


def step(message: Message) -> str | None:
    return message.request.step if message.request else None


def filed_count(talk: Talk, services: Services) -> int:
    with transaction(services.engine) as session:
        return len(of_conversation(session, talk.conversation_id))


def test_a_request_goes_from_the_first_wish_to_its_receipt(talk: Talk, services: Services) -> None:
    (first,) = talk.say(DISCLOSURE, "open_request")
    assert (first.kind, step(first)) == ("request", "scope")
    assert first.request is not None
    assert first.request.kinds == ("disclosure",)
    assert "ご本人であることを確認" in quotes(first)
    assert "2週間以内" in quotes(first)
    assert texts.NOT_YET_FILED in first.text

    (summary,) = talk.press_first()
    assert (summary.kind, step(summary)) == ("request", "confirm")
    assert "support@mitsuraku.jp" in quotes(summary)
    assert "会員情報やEPARK サービス全体" in quotes(summary)
    assert texts.NOT_YET_FILED in summary.text
    assert [choice.title for choice in summary.choices] == [texts.CHOICE_FILE, texts.CHOICE_LEAVE]
    assert filed_count(talk, services) == 0

    (receipt,) = talk.press_first()
    assert (receipt.kind, step(receipt)) == ("receipt", "details")
    assert receipt.receipt is not None
    assert receipt.receipt.kind == "disclosure"
    assert receipt.receipt.received_at == "2026-11-23T12:00:00+09:00"
    assert texts.NO_CONTACT_YET in receipt.text
    assert receipt.link is not None
    assert receipt.link.url.startswith("urn:madoguchi:request-page:")
    assert filed_count(talk, services) == 1


def test_pressed_twice_it_gives_the_same_receipt(talk: Talk, services: Services) -> None:
    talk.say(DISCLOSURE, "open_request")
    talk.press_first()
    confirm = talk.choice(texts.CHOICE_FILE).payload or ""
    first = talk.send(confirm)
    assert untimed(talk.send(confirm)) == untimed(first)
    assert filed_count(talk, services) == 1


def test_erasure_names_its_consequence_first(talk: Talk) -> None:
    (first,) = talk.say(ERASURE, "open_request")
    assert "サービスの提供ができなくなることがあります" in quotes(first)
    assert first.choices[0].title.startswith("利用履歴情報")


def test_several_kinds_make_one_summary_and_a_receipt_each(talk: Talk, services: Services) -> None:
    (first,) = talk.send('/open_request{"kind":"correction+use_stop"}')
    assert first.request is not None
    assert first.request.kinds == ("correction", "use_stop")
    talk.press_first()
    receipts = talk.press_first()
    assert [message.receipt.kind for message in receipts if message.receipt] == ["correction", "use_stop"]
    assert len({message.receipt.number for message in receipts if message.receipt}) == 2
    assert filed_count(talk, services) == 2


def test_an_unclear_wish_is_asked_for(talk: Talk) -> None:
    (first,) = talk.say("手続きをお願いしたいのですが", "open_request")
    assert step(first) == "kind"
    assert "ご本人であることを確認" in quotes(first)
    (second,) = talk.press(texts.CHOICE_REMOVE)
    assert step(second) == "kind"
    (third,) = talk.press(texts.CHOICE_ERASE)
    assert step(third) == "scope"
    assert "サービスの提供ができなくなることがあります" in quotes(third)


def test_the_kind_can_be_typed(talk: Talk) -> None:
    talk.say("手続きをお願いしたいのですが", "open_request")
    (second,) = talk.say("開示してください", "open_request")
    assert second.request is not None
    assert (second.request.kinds, second.request.step) == (("disclosure",), "scope")


@pytest.mark.parametrize("words", ["口座情報", "口座情報です。", "銀行口座についてお願いします", "口座のことだけ"])
def test_the_scope_can_be_typed(talk: Talk, words: str) -> None:
    talk.say(DISCLOSURE, "open_request")
    (summary,) = talk.say(words, "nlu_fallback")
    assert step(summary) == "confirm"
    assert "口座情報" in summary.text


@pytest.mark.parametrize("words", ["全部です", "わからない・全部", "わかりません。"])
def test_everything_can_be_typed(talk: Talk, services: Services, words: str) -> None:
    talk.say(DISCLOSURE, "open_request")
    (summary,) = talk.say(words, "nlu_fallback")
    assert step(summary) == "confirm"
    assert texts.CHOICE_ALL in summary.text
    with transaction(services.engine) as session:
        view = find_draft(session, talk.slots["request"]["draft"])
    assert view is not None
    assert view.scope is None


def test_the_wish_again_with_its_scope_answers_the_step(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    (summary,) = talk.say("口座情報を開示してください", "open_request")
    assert step(summary) == "confirm"


@pytest.mark.parametrize(("title", "kind"), KIND_CHOICES)
@pytest.mark.parametrize("with_brackets", [True, False])
def test_a_buttons_title_can_be_typed(talk: Talk, title: str, kind: str, *, with_brackets: bool) -> None:
    talk.say("手続きをお願いしたいのですが", "open_request")
    (next_step,) = talk.say(title if with_brackets else title.partition("（")[0], "nlu_fallback")
    assert next_step.request is not None
    assert next_step.request.kinds == (() if kind in NARROWINGS else (kind,))
    assert talk.slots["request"]["narrowing"] == (kind if kind in NARROWINGS else None)


def test_the_first_choice_is_in_members_words(talk: Talk) -> None:
    (first,) = talk.say("手続きをお願いしたいのですが", "open_request")
    assert [choice.title for choice in first.choices] == [
        "見たい（開示）",
        "何に使うか知りたい（利用目的の通知）",
        "だれに渡したか知りたい（第三者提供記録）",
        "直したい・足したい（訂正・追加・削除）",
        "使うのを止めてほしい（利用停止・提供停止）",
        "消してほしい（消去）",
        "苦情",
        "わからない",
        "やめる",
    ]
    assert "条" not in first.text


def words_of(services: Services, talk: Talk) -> list[str]:
    with transaction(services.engine) as session:
        rows = session.scalars(select(Request).where(Request.conversation_id == talk.conversation_id)).all()
        return [
            services.vault.open(row.sealed_words, table="request", row=row.id, column="sealed_words")
            for row in rows
            if row.sealed_words
        ]


def test_what_was_typed_goes_with_the_request(talk: Talk, services: Services) -> None:
    talk.say(DISCLOSURE, "open_request")
    talk.say(ERASURE, "open_request")
    talk.press(texts.CHOICE_ADD)
    talk.press_first()
    talk.press_first()
    assert words_of(services, talk) == [f"{DISCLOSURE}\n{ERASURE}"] * 2


def test_the_summary_says_that_words_are_attached_and_shows_none(talk: Talk, services: Services) -> None:
    talk.say(DISCLOSURE, "open_request")
    (summary,) = talk.press_first()
    assert texts.WORDS_ARE_ATTACHED in summary.text
    assert DISCLOSURE not in summary.text
    assert DISCLOSURE not in str(talk.slots)
    assert services.clock().tzinfo is not None


def test_a_typed_yes_never_files(talk: Talk, services: Services) -> None:
    talk.say(DISCLOSURE, "open_request")
    talk.press_first()
    (again,) = talk.say("はい", "affirm")
    assert step(again) == "confirm"
    assert texts.PRESS_THE_BUTTON in again.text
    assert filed_count(talk, services) == 0
    (receipt,) = talk.press_first()
    assert receipt.kind == "receipt"


@pytest.mark.parametrize("intent", ["stop", "deny", "withdraw"])
def test_leaving_files_nothing_and_says_so(talk: Talk, services: Services, intent: str) -> None:
    talk.say(DISCLOSURE, "open_request")
    talk.press_first()
    draft = talk.slots["request"]["draft"]
    confirm = talk.choice(texts.CHOICE_FILE).payload or ""
    (left,) = talk.say("やっぱりやめます", intent)
    assert left.kind == "notice"
    assert texts.LEFT in left.text
    assert talk.slots["request"] is None
    with transaction(services.engine) as session:
        view = find_draft(session, draft)
    assert view is not None
    assert view.is_dropped
    (late,) = talk.send(confirm)
    assert texts.REQUEST_IS_OVER in late.text
    assert filed_count(talk, services) == 0


@pytest.mark.parametrize("steps_before", [0, 1, 2])
def test_the_leave_button_works_at_every_step(talk: Talk, steps_before: int) -> None:
    talk.say("手続きをお願いしたいのですが", "open_request")
    for _ in range(steps_before):
        talk.press_first()
    (left,) = talk.press(texts.CHOICE_LEAVE)
    assert texts.LEFT in left.text
    assert talk.slots["request"] is None


def test_a_no_before_the_summary_asks_again(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    (again,) = talk.say("いいえ", "deny")
    assert step(again) == "scope"


def test_a_choice_of_an_earlier_step_gives_the_current_one(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    earlier = talk.choice(texts.CHOICE_ALL).payload or ""
    talk.press("会員情報")
    (again,) = talk.send(earlier)
    assert step(again) == "confirm"
    assert texts.CHOICE_IS_OLD in again.text
    talk.press_first()
    (receipt,) = talk.send(earlier)
    assert receipt.kind == "receipt"


def test_a_foreign_draft_is_not_filed(talk: Talk, services: Services) -> None:
    other = Talk(services)
    other.say(DISCLOSURE, "open_request")
    other.press_first()
    confirm = other.choice(texts.CHOICE_FILE).payload or ""
    (refused,) = talk.send(confirm)
    assert texts.REQUEST_IS_OVER in refused.text
    assert filed_count(other, services) == 0


def test_a_made_up_scope_gives_the_step_again(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    (again,) = talk.send('/choose{"step":"scope","value":"なんでも"}')
    assert step(again) == "scope"


def test_the_same_wish_again_gives_the_current_step(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    (again,) = talk.say(DISCLOSURE, "open_request")
    assert step(again) == "scope"
    assert texts.ALREADY_RUNNING in again.text


@pytest.mark.parametrize(
    ("pressed", "kinds"),
    [
        (texts.CHOICE_KEEP, ("disclosure",)),
        (texts.CHOICE_ADD, ("disclosure", "erasure")),
        (texts.CHOICE_REPLACE, ("erasure",)),
    ],
)
def test_another_wish_in_the_middle_is_offered_not_mixed(talk: Talk, pressed: str, kinds: tuple[str, ...]) -> None:
    talk.say(DISCLOSURE, "open_request")
    (offer,) = talk.say(ERASURE, "open_request")
    assert offer.request is not None
    assert offer.request.kinds == ("disclosure",)
    (after,) = talk.press(pressed)
    assert after.request is not None
    assert after.request.kinds == kinds


def test_after_a_receipt_a_new_request_can_begin(talk: Talk, services: Services) -> None:
    for text in (DISCLOSURE, ERASURE):
        talk.say(text, "open_request")
        talk.press_first()
        talk.press_first()
    assert filed_count(talk, services) == 2


def test_a_long_complaint_goes_straight_to_its_summary(talk: Talk) -> None:
    (first,) = talk.say("断ったのに何度も営業の連絡が来て、対応にとても困っています。", "complaint")
    assert first.request is not None
    assert "complaint" in first.request.kinds


def test_a_short_complaint_is_asked_what_it_is_about(talk: Talk, services: Services) -> None:
    (first,) = talk.say("苦情があります", "complaint")
    assert step(first) == "scope"
    (summary,) = talk.say("受付の対応がひどかったです", "ask_policy")
    assert step(summary) == "confirm"
    (receipt,) = talk.press_first()
    assert receipt.receipt is not None
    assert receipt.receipt.kind == "complaint"
    assert filed_count(talk, services) == 1


def test_pressing_on_without_words_also_files(talk: Talk) -> None:
    talk.say("苦情があります", "complaint")
    talk.press_first()
    (receipt,) = talk.press_first()
    assert receipt.kind == "receipt"


def test_a_question_to_the_desk_says_first_that_no_person_is_here(talk: Talk) -> None:
    handover, first = talk.say("担当の人と話したい", "inquiry")
    assert handover.kind == "handover"
    assert "support@mitsuraku.jp" in quotes(handover)
    assert "午前10時から午後7時" in quotes(handover)
    assert first.request is not None
    assert first.request.kinds == ("inquiry",)
