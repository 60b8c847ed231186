from __future__ import annotations

import pytest

from actions import texts
from actions.services import Services
from bot.message import Message
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.talk import Talk

# The clock of these tests stands at Monday 2026-11-23, noon in Tokyo, a holiday.
CLOSED_TODAY = "11月23日（月）：受付時間外です。次の受付は11月24日（火）午前10時からです。"


def computed(message: Message) -> list[str]:
    return [part.text for part in message.parts if part.type == "computed"]


def quotes(message: Message) -> str:
    return "".join(citation.quote for citation in message.citations)


@pytest.mark.parametrize("intent", ["ask_policy", "nlu_fallback", "out_of_scope", "inquiry", "status", "greet"])
def test_a_question_about_today_is_worked_out_beside_the_quote(talk: Talk, intent: str) -> None:
    (message,) = talk.say("窓口は今日開いていますか", intent)

    assert message.kind == "answer"
    assert message.parts[0].text == texts.HOURS_LABEL
    assert computed(message) == [CLOSED_TODAY]
    assert "午前10時から午後7時まで" in quotes(message)


def test_a_bare_time_follows_up_and_again(talk: Talk) -> None:
    talk.say("窓口は今日開いていますか")
    for words, told in [
        ("明日は？", "11月24日（火）"),
        ("20時でも？", "11月24日（火）午後8時"),
        ("土曜は", "11月28日（土）"),
    ]:
        (message,) = talk.say(words, "status")
        assert message.kind == "answer"
        assert computed(message)[0].startswith(f"{told}：")
        assert "午前10時から午後7時まで" in quotes(message)


def test_without_the_hours_before_it_a_bare_time_is_any_question(talk: Talk) -> None:
    talk.say("共同利用とは何ですか")
    (message,) = talk.say("土曜は？")
    assert computed(message) == []


def test_what_the_policy_does_not_say_gives_way_to_what_is_known(talk: Talk) -> None:
    (message,) = talk.say("窓口は今日やっているか、どこにも書かれていない")
    assert message.kind == "answer"
    assert computed(message) == [CLOSED_TODAY]
    assert message.choices == ()


def test_the_sentence_stands_once_when_the_answer_quotes_it(
    talk: Talk, services: Services, assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = services.desk.quotes["hours"]
    monkeypatch.setattr("tests.support.scripted_assistant.QUOTE", hours)
    (message,) = talk.say("窓口は今日開いていますか")
    assert quotes(message).count("午前10時から午後7時まで") == 1
    assert computed(message) == [CLOSED_TODAY]
    assert assistant.asked


def test_a_policy_without_hours_computes_nothing(
    talk: Talk, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Services, "desk", services.desk.model_copy(update={"quotes": {}}))
    (message,) = talk.say("窓口は今日開いていますか")
    assert computed(message) == []


def test_inside_a_request_the_step_follows(talk: Talk) -> None:
    talk.say("私の情報を開示してください", "open_request")
    answer, again = talk.say("窓口は今日開いていますか")
    assert computed(answer) == [CLOSED_TODAY]
    assert again.kind == "request"


def test_a_booking_on_a_day_computes_nothing(talk: Talk) -> None:
    (message,) = talk.say("11月24日の予約", "out_of_scope")
    assert message.kind == "out_of_scope"
    assert computed(message) == []
