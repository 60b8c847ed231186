from __future__ import annotations

import pytest
from sqlalchemy import select

from actions import texts
from actions.services import Services
from bot.message import Message
from bot.register.drafts import draft as find_draft
from bot.register.models import Request
from bot.register.requests import of_conversation
from bot.storage.engine import transaction
from tests.support.talk import Talk

QUESTION = "代表者の生年月日は、どこかに書かれていないでしょうか"
OTHER = "社屋の写真はどこにも書かれていないのですか"
NEW_WORDS = "代表者のお名前を教えてください"


def step(message: Message) -> str | None:
    return message.request.step if message.request else None


def computed(message: Message) -> list[str]:
    return [part.text for part in message.parts if part.type == "computed"]


def filed_words(talk: Talk, services: Services) -> list[str]:
    with transaction(services.engine) as session:
        rows = session.scalars(select(Request).where(Request.conversation_id == talk.conversation_id)).all()
        return [
            services.vault.open(row.sealed_words or b"", table="request", row=row.id, column="sealed_words")
            for row in rows
        ]


def test_a_question_goes_to_the_desk_as_it_was_asked(talk: Talk, services: Services) -> None:
    (answer,) = talk.say(QUESTION)
    assert answer.kind == "not_in_policy"
    assert texts.DESK_CAN_BE_ASKED in answer.text
    assert "support@mitsuraku.jp" in answer.text

    (shown,) = talk.press("窓口に聞いてみる")
    assert (shown.kind, step(shown)) == ("request", "scope")
    assert QUESTION in computed(shown)
    assert texts.NOT_YET_FILED in shown.text
    assert [choice.title for choice in shown.choices] == ["この文で進む", "書き直す", "やめる"]

    (summary,) = talk.press_first()
    assert step(summary) == "confirm"
    assert QUESTION in computed(summary)
    assert filed_words(talk, services) == []

    (receipt,) = talk.press_first()
    assert receipt.receipt is not None
    assert (receipt.receipt.kind, receipt.link is not None) == ("inquiry", True)
    assert filed_words(talk, services) == [QUESTION]


@pytest.mark.parametrize("how", ["press", "type"])
def test_the_words_can_be_rewritten(talk: Talk, services: Services, how: str) -> None:
    talk.say(QUESTION)
    talk.press(texts.CHOICE_ASK_DESK)
    (ask,) = talk.press(texts.CHOICE_REWRITE) if how == "press" else talk.say("書き直したいです")
    assert texts.ASK_NEW_WORDING in ask.text
    assert texts.NOT_YET_FILED in ask.text
    (summary,) = talk.say(NEW_WORDS)
    assert step(summary) == "confirm"
    assert NEW_WORDS in computed(summary)
    assert QUESTION not in summary.text
    talk.press_first()
    assert filed_words(talk, services) == [NEW_WORDS]


def test_rewriting_can_be_given_up_for_the_old_words(talk: Talk) -> None:
    talk.say(QUESTION)
    talk.press(texts.CHOICE_ASK_DESK)
    talk.press(texts.CHOICE_REWRITE)
    (summary,) = talk.press_first()
    assert QUESTION in computed(summary)


@pytest.mark.parametrize("words", ["そのまま送ってください", "この文で進む", "それでいいです"])
def test_the_old_words_can_be_kept_by_typing(talk: Talk, words: str) -> None:
    talk.say(QUESTION)
    talk.press(texts.CHOICE_ASK_DESK)
    (summary,) = talk.say(words)
    assert step(summary) == "confirm"


def test_a_typed_yes_keeps_the_words_but_files_nothing(talk: Talk, services: Services) -> None:
    talk.say(QUESTION)
    talk.press(texts.CHOICE_ASK_DESK)
    (summary,) = talk.say("はい", "affirm")
    assert step(summary) == "confirm"
    (again,) = talk.say("はい", "affirm")
    assert texts.PRESS_THE_BUTTON in again.text
    assert filed_words(talk, services) == []


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("窓口に聞いてみる", "inquiry"),
        ("聞いて", "nlu_fallback"),
        ("じゃあ聞いてみてください", "open_request"),
        ("はい", "affirm"),
    ],
)
def test_typed_words_do_the_same_as_the_press(talk: Talk, words: str, intent: str) -> None:
    talk.say(QUESTION)
    (shown,) = talk.say(words, intent)
    assert QUESTION in computed(shown)
    assert texts.ASK_WORDING in shown.text


def test_without_an_open_question_they_mean_a_new_inquiry(talk: Talk) -> None:
    talk.say("共同利用とは何ですか")
    handover, ask = talk.say("窓口に聞いてみる", "inquiry")
    assert handover.kind == "handover"
    assert texts.ASK_WORDS in ask.text
    (summary,) = talk.say("社屋の写真を見たいのです")
    assert "窓口に聞いてみる" not in summary.text


def test_once_on_its_way_the_question_is_no_longer_open(talk: Talk) -> None:
    talk.say(QUESTION)
    talk.press(texts.CHOICE_ASK_DESK)
    talk.say("やめる", "stop")
    (message,) = talk.say("はい", "affirm")
    assert message.kind == "smalltalk"


def test_an_answer_that_is_partly_missing_offers_it_too(talk: Talk) -> None:
    (answer,) = talk.say("共同利用の相手と、その一部の所在地は？")
    assert answer.kind == "answer"
    assert answer.choices[-1].title == texts.CHOICE_ASK_DESK
    (shown,) = talk.say("窓口に聞いて", "inquiry")
    assert texts.ASK_WORDING in shown.text


def test_a_full_answer_does_not(talk: Talk) -> None:
    (answer,) = talk.say("共同利用とは何ですか")
    assert answer.choices == ()


def test_a_second_question_joins_the_one_on_its_way(talk: Talk, services: Services) -> None:
    talk.say(QUESTION)
    talk.press(texts.CHOICE_ASK_DESK)
    talk.press_first()
    draft = talk.slots["request"]["draft"]
    answer, again = talk.say(OTHER)
    assert (answer.kind, step(again)) == ("not_in_policy", "confirm")
    (shown,) = talk.press(texts.CHOICE_ASK_DESK)
    assert f"{QUESTION}\n{OTHER}" in computed(shown)
    with transaction(services.engine) as session:
        view = find_draft(session, draft)
    assert view is not None
    assert view.is_dropped


def test_inside_another_request_it_is_offered_with_its_own_words(talk: Talk, services: Services) -> None:
    talk.say("私の情報を開示してください", "open_request")
    talk.say(QUESTION)
    (offer,) = talk.press(texts.CHOICE_ASK_DESK)
    assert texts.OTHER_REQUEST_WAITS in offer.text
    (shown,) = talk.press(texts.CHOICE_REPLACE)
    assert QUESTION in computed(shown)
    talk.press_first()
    talk.press_first()
    assert filed_words(talk, services) == [QUESTION]


def test_a_question_of_a_conversation_that_is_gone_is_asked_for_anew(talk: Talk) -> None:
    (shown,) = talk.send('/inquiry{"value":"no-such-message"}')
    assert texts.ASK_WORDS in shown.text


def test_a_question_the_law_wants_answered_is_flagged(talk: Talk, services: Services) -> None:
    talk.say("開示の手数料はどこにも書かれていないのですか")
    talk.press(texts.CHOICE_ASK_DESK)
    talk.press_first()
    talk.press_first()
    with transaction(services.engine) as session:
        (view,) = of_conversation(session, talk.conversation_id)
    assert view.without_delay


def test_the_words_stand_in_no_slot(talk: Talk) -> None:
    talk.say(QUESTION)
    talk.press(texts.CHOICE_ASK_DESK)
    assert QUESTION not in str(talk.slots)
