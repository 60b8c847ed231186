from __future__ import annotations

import pytest

from actions import texts
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.talk import Talk

DISCLOSURE = "私の情報を開示してください"


def test_a_question_in_the_middle_is_answered_and_the_step_follows(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    answer, again = talk.say("返事はいつごろ来ますか")
    assert answer.kind == "answer"
    assert (again.kind, again.request.step if again.request else None) == ("request", "scope")
    assert texts.NOT_YET_FILED in again.text


def test_a_question_that_names_a_scope_is_no_answer_to_the_step(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    answer, _ = talk.say("口座情報は何に使われますか")
    assert answer.kind == "answer"


@pytest.mark.parametrize("intent", ["greet", "thank", "goodbye", "bot_challenge", "about_this_chat"])
def test_smalltalk_in_the_middle_is_followed_by_the_step(talk: Talk, intent: str) -> None:
    talk.say(DISCLOSURE, "open_request")
    talk.press_first()
    small, again = talk.say("どうも", intent)
    assert small.kind == "smalltalk"
    assert again.request is not None
    assert again.request.step == "confirm"


def test_something_off_topic_in_the_middle_too(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    off, again = talk.say("天気はどう", "out_of_scope")
    assert off.kind == "out_of_scope"
    assert again.request is not None


def test_status_in_the_middle_too(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    status, again = talk.say("どうなりましたか", "status")
    assert status.kind == "status"
    assert again.kind == "request"


def test_after_the_receipt_answers_stand_alone(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    talk.press_first()
    talk.press_first()
    assert [message.kind for message in talk.say("返事はいつごろ来ますか")] == ["answer"]


def test_a_question_that_sounds_like_a_wish_offers_the_request(talk: Talk) -> None:
    (answer,) = talk.say("私の情報を消してほしいときはどうすればいいですか")
    assert answer.kind == "answer"
    (first,) = talk.press(texts.CHOICE_BEGIN)
    assert first.request is not None
    assert first.request.kinds == ("erasure",)


def test_a_question_about_a_right_offers_nothing(talk: Talk) -> None:
    (answer,) = talk.say("開示とは何ですか")
    assert answer.choices == ()


def test_the_answers_context_comes_back_with_the_next_question(talk: Talk, assistant: ScriptedAssistant) -> None:
    talk.say("共同利用とは何ですか")
    talk.say("それはだれと？")
    assert assistant.asked[0][1] is None
    assert (assistant.asked[1][1] or {})["topic"] == "1"


def test_restart_leaves_and_forgets(talk: Talk) -> None:
    talk.say("共同利用とは何ですか")
    talk.say(DISCLOSURE, "open_request")
    talk.press_first()
    (again,) = talk.say("最初からお願いします", "restart")
    assert texts.LEFT in again.text
    assert talk.slots == {"request": None, "answer_context": None}


@pytest.mark.parametrize("intent", ["affirm", "deny", "stop", "restart"])
def test_steering_words_outside_a_request_are_harmless(talk: Talk, intent: str) -> None:
    (message,) = talk.say("うん", intent)
    assert message.kind in ("smalltalk", "notice")
    assert texts.LEFT not in message.text


def test_stopping_after_the_receipt_says_that_it_stays(talk: Talk) -> None:
    talk.say(DISCLOSURE, "open_request")
    talk.press_first()
    talk.press_first()
    (message,) = talk.say("もういいです", "stop")
    assert texts.FILED_STAYS in message.text
