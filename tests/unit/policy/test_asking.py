from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.policy.answer import Answer
from bot.policy.asking import asks_plainly, read_message
from bot.policy.assistant import Assistant
from bot.policy.context import Topic, read_topic, without_ordinal
from bot.policy.texts import NO_EASY_TEXT

NOW = datetime(2026, 11, 25, tzinfo=UTC)
TOPIC = Topic(
    "健康情報の利用目的", ("2-1-健康情報/1",), ("一つ目の文", "二つ目の文", "三つ目の文"), ((0, 1), (1, 2), (2, 3))
)


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("2番目はどういう意味ですか", "二つ目の文"),
        ("三つ目のは？", "三つ目の文"),
        ("最後のやつをもっと詳しく", "三つ目の文"),
        ("９番目は", None),
        ("保存は何年ですか", None),
    ],
)
def test_a_quote_is_counted_out(question: str, quote: str | None) -> None:
    assert TOPIC.pointed_at(question) == quote


def test_the_counting_words_are_no_part_of_the_question() -> None:
    assert without_ordinal("2番目の保存期間は") == "保存期間は"


def test_a_bare_ordinal_asks_about_the_quote_it_points_at(assistant: Assistant) -> None:
    ((text, query),) = read_message("2番目は？", TOPIC, assistant._searcher).parts
    assert text == query.text == "二つ目の文"


def test_two_questions_are_also_read_as_one(assistant: Assistant) -> None:
    asked = read_message("従業員に教育はしていますか？通信は暗号化されていますか？", None, assistant._searcher)
    assert [text for text, _ in asked.parts] == ["従業員に教育はしていますか？", "通信は暗号化されていますか？"]
    assert asked.whole is not None
    assert len(asked.queries) == 3


def test_anger_is_no_second_question(assistant: Assistant) -> None:
    asked = read_message("情報はいつ消してもらえるんですか。いい加減にしてください", None, assistant._searcher)
    assert len(asked.parts) == 1
    assert asked.whole is None


@pytest.mark.parametrize(
    "message", ["やさしい日本語で教えて", "もっと簡単に", "わかりやすく説明して", "意味がわからない"]
)
def test_plainer_words_are_wished_for(message: str, assistant: Assistant) -> None:
    assert asks_plainly(message, TOPIC, assistant._searcher)
    assert not asks_plainly(message, None, assistant._searcher)


def test_a_new_question_is_no_wish_for_plainer_words(assistant: Assistant) -> None:
    assert not asks_plainly("開示の手続きを簡単に教えてください", TOPIC, assistant._searcher)


def _ask(assistant: Assistant, question: str, before: Answer | None = None) -> Answer:
    return assistant.answer(question, before.context if before else None, NOW)


def test_an_unapproved_card_has_no_plainer_words_and_says_so(assistant: Assistant) -> None:
    first = _ask(assistant, "行動履歴情報は何のために使われますか")
    plain = _ask(assistant, "やさしい日本語で", first)
    assert plain.message.parts[0].text == NO_EASY_TEXT
    assert [c.quote for c in plain.message.citations] == [c.quote for c in first.message.citations]


def test_a_follow_up_leans_on_what_the_card_is_about(assistant: Assistant) -> None:
    first = _ask(assistant, "銀行口座の情報は何のために使うのですか")
    topic = read_topic(first.context, assistant.policy, assistant.knowledge.topics)
    assert topic is not None
    assert "口座" in topic.words
    follow = _ask(assistant, "それもグループの会社と共有されますか", first)
    assert "会員の口座情報" in [citation.quote for citation in follow.message.citations]


def test_a_false_premise_is_met_twice_by_the_passage_that_says_otherwise(assistant: Assistant) -> None:
    first = _ask(assistant, "健康情報も共同利用されるんですよね？")
    second = _ask(assistant, "いや、健康情報も共同利用されるはずですよね？", first)
    for answer in (first, second):
        assert answer.message.kind == "answer"
        assert any("共同利用の範囲に含まれません" in citation.quote for citation in answer.message.citations)
