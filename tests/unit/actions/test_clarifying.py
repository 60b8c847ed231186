from __future__ import annotations

from actions import texts
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.talk import Talk

QUESTION = "渡す相手のことが、あいまいなのですが"


def test_what_two_sections_fit_is_asked_with_their_names(talk: Talk) -> None:
    (asked,) = talk.say(QUESTION)

    assert asked.kind == "clarify"
    assert [choice.title for choice in asked.choices] == ["第三者提供", "共同利用", texts.CHOICE_NONE_OF_THESE]


def test_the_press_answers_that_section(talk: Talk, assistant: ScriptedAssistant) -> None:
    talk.say(QUESTION)
    (answer,) = talk.press("共同利用")

    assert answer.kind == "answer"
    assert assistant.asked[-1][0] == "2-2"
    assert talk.slots["answer_context"]["topic"] == "2"


def test_none_of_them_offers_the_desk_with_the_question(talk: Talk) -> None:
    talk.say(QUESTION)
    (none,) = talk.press(texts.CHOICE_NONE_OF_THESE)
    assert none.kind == "not_in_policy"
    assert texts.NONE_OF_THESE in none.text
    assert "support@mitsuraku.jp" in none.text
    (shown,) = talk.press(texts.CHOICE_ASK_DESK)
    assert QUESTION in [part.text for part in shown.parts if part.type == "computed"]


def test_a_section_of_another_version_is_none_of_them(talk: Talk, assistant: ScriptedAssistant) -> None:
    talk.say(QUESTION)
    (none,) = talk.send('/ask_policy{"option":"9-9","value":"m"}')

    assert none.kind == "not_in_policy"
    assert len(assistant.asked) == 1


def test_inside_a_request_the_step_follows_the_answer(talk: Talk) -> None:
    talk.say("私の情報を開示してください", "open_request")
    asked, _ = talk.say(QUESTION)
    assert asked.kind == "clarify"
    answer, again = talk.press("共同利用")
    assert (answer.kind, again.kind) == ("answer", "request")
