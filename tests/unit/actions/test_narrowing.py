from __future__ import annotations

import pytest

from actions import texts
from actions.narrowing import MEND, NARROWINGS, REMOVE, STOP, Meaning
from actions.services import Services
from actions.steps import KIND_CHOICES
from bot.message import Message
from bot.register.kinds import ADVERTISING, FILED_KINDS, Kind
from bot.register.requests import of_conversation
from bot.storage.engine import transaction
from tests.support.talk import Talk

VAGUE = "手続きをお願いしたいのですが"
MEANINGS = [
    pytest.param(name, meaning, id=meaning.title)
    for name, narrowing in NARROWINGS.items()
    for meaning in narrowing.meanings
]
TITLES = {choice: title for title, choice in KIND_CHOICES}


def where(message: Message) -> tuple[str, ...]:
    assert message.request is not None
    return (message.request.step, *message.request.kinds)


def filed(talk: Talk, services: Services) -> list[Kind]:
    with transaction(services.engine) as session:
        return [request.kind for request in of_conversation(session, talk.conversation_id)]


@pytest.mark.parametrize(("name", "meaning"), MEANINGS)
def test_each_meaning_is_filed_as_what_it_is(talk: Talk, services: Services, name: str, meaning: Meaning) -> None:
    talk.say(VAGUE, "open_request")
    (question,) = talk.press(TITLES[name])
    assert where(question) == ("kind",)
    assert NARROWINGS[name].question in question.text
    assert texts.NOT_YET_FILED in question.text
    (after,) = talk.press(meaning.title)
    assert after.request is not None
    assert after.request.kinds == meaning.kinds
    while not any(message.receipt for message in talk.last):
        talk.press_first()
    assert set(filed(talk, services)) == set(meaning.kinds)


@pytest.mark.parametrize("name", NARROWINGS)
def test_the_question_can_be_left(talk: Talk, services: Services, name: str) -> None:
    talk.say(VAGUE, "open_request")
    talk.press(TITLES[name])
    (left,) = talk.press(texts.CHOICE_LEAVE)
    assert texts.LEFT in left.text
    assert talk.slots["request"] is None
    assert filed(talk, services) == []


def test_every_right_can_be_reached_from_the_first_choice() -> None:
    direct = {Kind(choice) for _, choice in KIND_CHOICES if choice not in NARROWINGS}
    assert direct.union(*(narrowing.kinds for narrowing in NARROWINGS.values())) == set(FILED_KINDS)


@pytest.mark.parametrize(
    ("name", "words", "kinds"),
    [
        (MEND, "足したいです", ("addition",)),
        (MEND, "直すほう", ("correction",)),
        (MEND, texts.CHOICE_TAKE_OUT, ("deletion",)),
        (STOP, "ほかの会社に渡すのを止めて", ("third_party_stop",)),
        (STOP, "両方です", ("use_stop", "third_party_stop")),
        (REMOVE, "もういらないので", ("erasure",)),
        (REMOVE, "間違っているからです", ("deletion",)),
    ],
)
def test_an_answer_can_be_typed(talk: Talk, name: str, words: str, kinds: tuple[str, ...]) -> None:
    talk.say(VAGUE, "open_request")
    talk.press(TITLES[name])
    (after,) = talk.say(words, "nlu_fallback")
    assert where(after) == ("scope", *kinds)


@pytest.mark.parametrize("words", ["消去と削除は何が違うのですか", "うーん", "間違っているし、もういらない"])
def test_what_is_no_answer_gives_the_question_again(talk: Talk, words: str) -> None:
    talk.say(VAGUE, "open_request")
    talk.press(TITLES[REMOVE])
    again = talk.say(words, "ask_policy")[-1]
    assert where(again) == ("kind",)
    assert texts.ASK_REMOVE in again.text


def test_a_made_up_answer_gives_the_question_again(talk: Talk) -> None:
    talk.say(VAGUE, "open_request")
    talk.press(TITLES[STOP])
    (again,) = talk.send('/choose{"step":"which","value":"erase"}')
    assert where(again) == ("kind",)
    assert texts.CHOICE_IS_OLD in again.text


@pytest.mark.parametrize(
    ("pressed", "kind"), [(texts.CHOICE_ERASE, "erasure"), (texts.CHOICE_TAKE_OUT_WRONG, "deletion")]
)
@pytest.mark.parametrize("words", ["削除してください", "電話番号を削除して", "けしてほしいんですけど"])
def test_taking_away_is_asked_about_when_the_reason_is_open(talk: Talk, words: str, pressed: str, kind: str) -> None:
    (question,) = talk.say(words, "open_request")
    assert where(question) == ("kind", "erasure")
    assert "サービスの提供ができなくなることがあります" in question.text
    (after,) = talk.press(pressed)
    assert where(after) == ("scope", kind)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("個人情報をすべて消去してください", "erasure"),
        ("退会して情報も消して", "erasure"),
        ("古い住所が間違って残っているので削除して", "deletion"),
    ],
)
def test_taking_away_is_not_asked_about_when_the_words_are_sure(talk: Talk, words: str, kind: str) -> None:
    (first,) = talk.say(words, "open_request")
    assert where(first) == ("scope", kind)


def test_other_kinds_stay_beside_the_one_that_is_asked_about(talk: Talk, services: Services) -> None:
    (question,) = talk.say("住所を直してください。電話番号は削除してください", "open_request")
    assert where(question) == ("kind", "correction", "erasure")
    talk.press(texts.CHOICE_TAKE_OUT_WRONG)
    talk.press_first()
    assert len(talk.press_first()) == 2
    assert set(filed(talk, services)) == {Kind.CORRECTION, Kind.DELETION}


def test_advertising_is_a_meaning_of_stopping(talk: Talk) -> None:
    talk.say(VAGUE, "open_request")
    talk.press(TITLES[STOP])
    (summary,) = talk.press(texts.CHOICE_STOP_ADVERTISING)
    assert where(summary) == ("confirm", "use_stop")
    assert ADVERTISING in summary.text
    assert "サービスの提供ができなくなることがあります" in summary.text
