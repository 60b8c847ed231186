from __future__ import annotations

from datetime import UTC, datetime

from bot.policy.assistant import Assistant
from bot.policy.companies import Companies
from bot.policy.coverage import Coverage
from bot.policy.expectations import guides
from bot.policy.model import Policy
from bot.policy.selection import Wanted, merged, select

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def _quotes(question: str, assistant: Assistant) -> list[str]:
    """What search alone would quote, whatever cards there are."""
    query = assistant._searcher.query(question)
    wanted = Wanted(question, Coverage.of(query, assistant._searcher), guides(question), Companies.of(assistant.policy))
    selection = select(wanted, assistant.search(question), assistant.policy)
    return [assistant.policy.text[start:end] for start, end in selection.ranges]


def test_all_items_of_a_row_when_it_is_asked_what_for(assistant: Assistant) -> None:
    assert _quotes("口座情報は何のために使いますか", assistant) == [
        "アンケートや各種キャンペーンにおける謝礼金等の入金処理のため",
        "キャッシュバックキャンペーン等における返金処理のため",
    ]


def test_the_sentence_of_a_long_passage_when_one_thing_is_asked(assistant: Assistant) -> None:
    quotes = _quotes("会員の健康情報は共同利用されますか", assistant)
    assert any("共同利用の範囲に含まれません" in quote for quote in quotes)


def test_a_rule_comes_with_its_exceptions(assistant: Assistant) -> None:
    quotes = _quotes("本人の同意を得ずに第三者に開示することはありませんか", assistant)
    rule = next(place for place, quote in enumerate(quotes) if "ありません。" in quote)
    assert quotes[rule + 1].startswith("ただし、")
    assert "法令に基づき開示・提供を求められた場合" in quotes[rule + 2 :]


def test_all_headings_when_everything_of_a_chapter_is_asked(assistant: Assistant) -> None:
    quotes = _quotes("個人データの安全管理措置にはどんな種類がありますか", assistant)
    assert {"（4） 人的安全管理措置", "（5） 物理的安全管理措置"} <= set(quotes)


def test_sentences_of_one_block_are_one_quote_and_items_stay_apart(policy: Policy) -> None:
    passage = policy.passage("1-(1)/1")
    assert merged(passage.sentences, policy) == [(passage.start, passage.end)]
    row = policy.passage("2-1-口座情報/1")
    assert len(merged(row.sentences[1:], policy)) == 2


def test_a_sentence_left_out_between_two_parts_the_quote(policy: Policy) -> None:
    passage = next(each for each in policy.passages if len(each.sentences) > 2 and each.sentences[0].role == "sentence")
    first, _, third, *_ = passage.sentences
    assert merged([first, third], policy) == [(first.start, first.end), (third.start, third.end)]


def test_what_nearly_fits_is_shown_after_the_answer_and_called_related(assistant: Assistant) -> None:
    answer = assistant.answer("安全のために社員や委託先や取引先に何をさせていますか", None, NOW)
    texts = [part.text for part in answer.message.parts if part.type == "fixed"]
    assert texts[0].startswith("方針には")
