from __future__ import annotations

import pytest

from bot.message import Message
from bot.policy.citations import cite, find_quote, find_range, quote_parts
from bot.policy.faults import QuoteIsMissingError, RangeIsOutsideThePolicyError
from bot.policy.model import Policy

BASE = "https://desk.example"
PURPOSE = "キャッシュバックキャンペーン等における返金処理のため"


def test_a_citation_names_the_place_and_links_to_it(policy: Policy) -> None:
    citation = find_quote(policy, PURPOSE, base_url=f"{BASE}/")

    assert policy.text[citation.start : citation.end] == citation.quote == PURPOSE
    assert (citation.section, citation.heading) == ("2-1-口座情報", "【2】1.個人情報の利用目的 EPARK 会員の口座情報")
    assert citation.url == (f"{BASE}/policy/eparkrelax/privacy/2026-11-23?mark={citation.start}-{citation.end}#mark")


def test_a_definition_is_named_by_its_term(policy: Policy) -> None:
    assert find_quote(policy, "ウェブ画面上での入力", base_url=BASE).heading == "【2】2. 共同利用 取得方法"


def test_a_heading_can_be_cited(policy: Policy) -> None:
    assert find_quote(policy, "組織的安全管理措置", base_url=BASE).section == "2-4-(3)"


def test_every_sentence_can_be_cited_in_its_own_section(policy: Policy) -> None:
    for sentence in policy.sentences:
        citation = cite(policy, sentence.start, sentence.end, base_url=BASE)
        passage = policy.passage(sentence.passage_id)
        assert (citation.quote, citation.section) == (sentence.text, passage.section)
        assert citation.heading == passage.heading


def test_words_that_stand_in_the_footer_only_are_no_policy(policy: Policy) -> None:
    assert "EPARKグループサイト" in policy.text
    with pytest.raises(QuoteIsMissingError, match="the policy does not say 「EPARKグループサイト」"):
        find_range(policy, "EPARKグループサイト")


@pytest.mark.parametrize("quote", ["", "代表取締役社長", "手数料"])
def test_what_the_policy_does_not_say_is_no_quote(policy: Policy, quote: str) -> None:
    with pytest.raises(QuoteIsMissingError):
        find_quote(policy, quote, base_url=BASE)


def test_words_of_navigation_are_found_where_the_policy_says_them(policy: Policy) -> None:
    start, _ = find_range(policy, "個人情報保護方針")

    assert policy.section_at(start) is not None


def test_a_range_stays_within_one_section(policy: Policy) -> None:
    section = policy.sections[3]
    for start, end in [
        (section.start, section.start),
        (section.end, section.start),
        (section.start, section.end + 5),
        (0, 5),
        (len(policy.text), len(policy.text) + 1),
    ]:
        with pytest.raises(RangeIsOutsideThePolicyError):
            cite(policy, start, end, base_url=BASE)


def test_quotes_make_a_valid_message(policy: Policy) -> None:
    ranges = [find_range(policy, PURPOSE), find_range(policy, "代表取締役社\u2fa7 押切 孝平")]
    parts, citations = quote_parts(policy, ranges, base_url=BASE)
    more, further = quote_parts(policy, ranges[:1], base_url=BASE, first=len(citations))

    message = Message(kind="answer", parts=(*parts, *more), citations=(*citations, *further))
    assert [part.citation for part in message.parts] == [0, 1, 2]
    assert f"「{PURPOSE}」" in message.text
