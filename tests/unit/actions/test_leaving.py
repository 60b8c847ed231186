from __future__ import annotations

import pytest

from actions import texts
from tests.support.talk import Talk


@pytest.mark.parametrize("intent", ["open_request", "out_of_scope", "stop", "withdraw", "nlu_fallback"])
@pytest.mark.parametrize("words", ["退会したい", "アカウントを消したい", "会員登録を解約して", "退会します", "退会"])
def test_only_leaving_is_explained(talk: Talk, words: str, intent: str) -> None:
    (message,) = talk.say(words, intent)
    assert message.kind == "out_of_scope"
    assert texts.LEAVING_IS_NOT_HERE in message.text
    assert "会員情報やEPARK サービス全体" in message.text
    assert message.request is None
    assert talk.slots["request"] is None
    assert [choice.title for choice in message.choices] == [
        texts.CHOICE_REMOVE,
        texts.CHOICE_STOP_USE,
        texts.CHOICE_ASK_DESK,
    ]


@pytest.mark.parametrize(
    ("pressed", "kind"),
    [(texts.CHOICE_REMOVE, "erasure"), (texts.CHOICE_STOP_USE, "use_stop"), (texts.CHOICE_ASK_DESK, "inquiry")],
)
def test_what_is_offered_begins(talk: Talk, pressed: str, kind: str) -> None:
    talk.say("退会したい", "out_of_scope")
    (first,) = talk.press(pressed)
    assert first.request is not None
    assert (first.request.step, first.request.kinds) == ("scope", (kind,))


@pytest.mark.parametrize(
    "words",
    [
        "退会したら情報はどうなりますか",
        "退会したらデータは消える？",
        "退会の方法を教えてください",
        "退会後の情報はいつまで残りますか",
        "アカウントを消すと情報も消えますか",
        "どうすれば退会できますか",
    ],
)
def test_questions_about_leaving_stay_questions(talk: Talk, words: str) -> None:
    (message,) = talk.say(words, "ask_policy")
    assert texts.LEAVING_IS_NOT_HERE not in message.text
    assert message.kind in ("answer", "not_in_policy")


@pytest.mark.parametrize("words", ["退会して情報も消して", "退会したのでデータを消去してください"])
def test_with_the_data_it_is_erasure(talk: Talk, words: str) -> None:
    (first,) = talk.say(words, "open_request")
    assert first.request is not None
    assert first.request.kinds == ("erasure",)


def test_within_a_request_its_step_follows(talk: Talk) -> None:
    talk.say("私の情報を開示してください", "open_request")
    explained, again = talk.say("退会したい", "out_of_scope")
    assert texts.LEAVING_IS_NOT_HERE in explained.text
    assert again.request is not None
    assert again.request.step == "scope"
