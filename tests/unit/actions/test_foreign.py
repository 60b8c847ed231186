from __future__ import annotations

import pytest

from actions import texts
from actions.languages.texts import CODES, open_language, open_topics
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.talk import Talk

ASKS = {
    "en": "Please delete all of my data",
    "zh-hans": "请删除我的个人信息",
    "zh-hant": "請刪除我的個人資料",
    "ko": "내 정보를 삭제해 주세요",
    "vi": "Hãy xóa dữ liệu của tôi",
    "pt": "Quero apagar os meus dados",
}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("intent", ["ask_policy", "nlu_fallback", "out_of_scope", "open_request", "greet", "affirm"])
def test_a_message_in_another_language_is_answered_in_it_whatever_it_was_taken_for(
    talk: Talk, assistant: ScriptedAssistant, code: str, intent: str
) -> None:
    (message,) = talk.say(ASKS[code], intent)

    language = open_language(code)
    assert message.kind == "answer"
    assert [part.text for part in message.parts[:2]] == [language.reply, language.quotes]
    assert {part.type for part in message.parts[2:]} == {"quote"}
    assert [choice.title for choice in message.choices] == list(language.choices.values())
    assert assistant.asked[0][0].splitlines()[0] == open_topics()["erasure"]


@pytest.mark.parametrize("code", CODES)
def test_a_request_begun_that_way_says_one_line_in_it_and_runs_on_in_japanese(talk: Talk, code: str) -> None:
    talk.say(ASKS[code])
    (first,) = talk.press(open_language(code).choices[next(iter(open_language(code).choices))])
    assert first.parts[0].text == open_language(code).request
    assert first.request is not None
    assert (first.request.kinds, first.request.step) == (("disclosure",), "scope")
    assert texts.NOT_YET_FILED in first.text
    (summary,) = talk.press_first()
    assert open_language(code).request not in summary.text
    (receipt,) = talk.press_first()
    assert receipt.kind == "receipt"


def test_a_greeting_gets_the_reply_and_no_quotes(talk: Talk, assistant: ScriptedAssistant) -> None:
    (message,) = talk.say("hello", "greet")

    assert message.kind == "smalltalk"
    assert [part.text for part in message.parts] == [open_language("en").reply]
    assert message.choices
    assert assistant.asked == []


def test_what_the_policy_does_not_say_is_said_so_and_goes_to_the_desk(
    talk: Talk, assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "_quote", assistant._nothing)
    question = "How long do you keep my bookings?"
    (message,) = talk.say(question)
    assert message.kind == "not_in_policy"
    assert open_language("en").missing in message.text
    assert "support@mitsuraku.jp" in message.text
    assert message.choices[0].title == "Ask the desk"
    (shown,) = talk.press("Ask the desk")
    assert shown.parts[0].text == open_language("en").request
    assert question in [part.text for part in shown.parts if part.type == "computed"]


def test_inside_a_request_the_current_step_follows(talk: Talk) -> None:
    talk.say("私の情報を開示してください", "open_request")
    message, again = talk.say("What cookies do you use here?")

    assert message.kind == "answer"
    assert again.request is not None
    assert again.request.step == "scope"


def test_words_for_the_desk_may_be_in_any_language(talk: Talk) -> None:
    talk.say("苦情", "complaint")
    (summary,) = talk.say("Your staff read my data aloud in the shop")

    assert summary.request is not None
    assert summary.request.step == "confirm"
