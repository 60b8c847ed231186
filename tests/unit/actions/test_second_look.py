from __future__ import annotations

import pytest

from actions import texts
from tests.support.talk import Talk

WISH = "予約履歴を全部消してほしいです"
# The detector hears a right in it, but it tells nobody to do anything.
MENTION = "予約履歴を消してもらえる条件"


@pytest.mark.parametrize("intent", ["ask_policy", "nlu_fallback", "out_of_scope"])
def test_what_classifier_and_detector_both_see_begins(talk: Talk, intent: str) -> None:
    (message,) = talk.say(WISH, intent, sure=0.5, or_else={"open_request": 0.3})
    assert message.request is not None
    assert message.request.kinds == ("erasure",)


def test_the_detector_alone_begins_nothing(talk: Talk) -> None:
    (message,) = talk.say(MENTION, "ask_policy", sure=0.5, or_else={"open_request": 0.1})
    assert message.kind == "answer"


def test_a_sure_classifier_is_believed(talk: Talk) -> None:
    (message,) = talk.say(MENTION, "ask_policy", sure=0.8, or_else={"open_request": 0.2})
    assert message.kind == "answer"


@pytest.mark.parametrize(("intent", "sure"), [("ask_policy", 0.95), ("nlu_fallback", 0.3), ("out_of_scope", 0.5)])
def test_a_demand_that_names_a_right_begins_one(talk: Talk, intent: str, sure: float) -> None:
    (message,) = talk.say("DMいらない", intent, sure=sure, or_else={"open_request": 0.05})
    assert message.request is not None
    assert message.request.kinds == ("use_stop",)


@pytest.mark.parametrize(("intent", "sure"), [("out_of_scope", 0.9), ("about_this_chat", 0.9)])
def test_a_demand_for_something_else_is_left_to_it(talk: Talk, intent: str, sure: float) -> None:
    (message,) = talk.say("この会話の履歴を消してほしい", intent, sure=sure, or_else={"open_request": 0.1})
    assert message.request is None


def test_status_withdrawal_and_complaint_are_seen_too(talk: Talk) -> None:
    (status,) = talk.say("出した請求の状況を教えて", "nlu_fallback", sure=0.3, or_else={"status": 0.25})
    assert status.kind == "status"
    (withdraw,) = talk.say("請求を取り下げたいです", "out_of_scope", sure=0.5, or_else={"withdraw": 0.4})
    assert withdraw.kind == "status"
    (complaint,) = talk.say("苦情を言いたい", "nlu_fallback", sure=0.3, or_else={"complaint": 0.3})
    assert complaint.request is not None
    assert complaint.request.kinds == ("complaint",)


@pytest.mark.parametrize(("intent", "sure"), [("out_of_scope", 0.6), ("inquiry", 0.4)])
def test_nobody_is_turned_away_unread_by_an_unsure_classifier(talk: Talk, intent: str, sure: float) -> None:
    (message,) = talk.say("個人情報の窓口はどんな人が見ていますか", intent, sure=sure)
    assert message.kind == "answer"


@pytest.mark.parametrize(("intent", "kind"), [("out_of_scope", "out_of_scope"), ("inquiry", "handover")])
def test_a_sure_one_is_believed_here_too(talk: Talk, intent: str, kind: str) -> None:
    assert talk.say("個人情報の窓口はどんな人が見ていますか", intent, sure=0.9)[0].kind == kind


def test_buttons_are_never_reconsidered(talk: Talk) -> None:
    (first,) = talk.send('/open_request{"kind":"disclosure"}')
    assert first.request is not None
    assert first.request.kinds == ("disclosure",)


def test_asking_how_is_a_question_that_offers_the_request(talk: Talk) -> None:
    (answer,) = talk.say("情報の消去はどうすればできますか", "open_request", sure=0.6, or_else={"ask_policy": 0.3})
    assert answer.kind == "answer"
    (first,) = talk.press(texts.CHOICE_BEGIN)
    assert first.request is not None
    assert first.request.kinds == ("erasure",)


def test_a_wish_that_also_asks_how_stays_a_wish(talk: Talk) -> None:
    text = "情報を消してほしい、どうすればいいの"
    (first,) = talk.say(text, "open_request", sure=0.6, or_else={"ask_policy": 0.3})
    assert first.kind == "request"


def test_a_case_that_has_not_come_is_asked_about(talk: Talk) -> None:
    text = "情報が外に出てしまったら、知らせてもらえるのですか"
    (answer,) = talk.say(text, "open_request", sure=0.8, or_else={"ask_policy": 0.1})
    assert answer.kind == "answer"


def test_a_sure_wish_without_a_known_kind_still_begins(talk: Talk) -> None:
    (first,) = talk.say("手続きをお願いします", "open_request", sure=0.9, or_else={"ask_policy": 0.1})
    assert first.request is not None
    assert first.request.step == "kind"


def test_a_question_that_names_a_right_is_no_wish_for_it(talk: Talk) -> None:
    text = "消去の申し込みは手紙でもいいんですか"
    (answer,) = talk.say(text, "ask_policy", sure=0.5, or_else={"open_request": 0.4})
    assert answer.kind == "answer"


def test_whether_it_can_be_done_here_is_how_many_begin(talk: Talk) -> None:
    (first,) = talk.say("ここで情報の消去はできますか", "open_request", sure=0.6, or_else={"ask_policy": 0.3})
    assert first.kind == "request"


def test_a_question_about_taking_back_is_none_about_a_request(talk: Talk) -> None:
    text = "同意をやめるとどうなりますか"
    (answer,) = talk.say(text, "withdraw", sure=0.45, or_else={"ask_policy": 0.35})
    assert answer.kind == "answer"


def test_status_needs_less_of_the_classifier(talk: Talk) -> None:
    (status,) = talk.say("さきに出した請求は、もう届いていますか", "ask_policy", sure=0.6, or_else={"status": 0.15})
    assert status.kind == "status"


def test_a_question_whether_offers_the_request(talk: Talk) -> None:
    (answer,) = talk.say("登録した住所の訂正はできますか", "ask_policy")
    assert answer.choices[0].title == texts.CHOICE_BEGIN
