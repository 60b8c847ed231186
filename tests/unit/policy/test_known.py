from __future__ import annotations

import numpy as np
import pytest

from bot.policy.assistant import Assistant
from bot.policy.cards import Card
from bot.policy.gaps import Gap
from bot.policy.known import KnownQuestions, Match, lifted
from bot.policy.turn_vectors import TurnVectors


def _matches(question: str, assistant: Assistant) -> list[Match]:
    query = assistant._searcher.query(question)
    (vectors,) = TurnVectors(question, None, assistant._embedder).embed([query])
    return assistant.knowledge.questions.matches(query, vectors)


def test_every_written_question_finds_its_owner_or_a_sibling_of_the_same_sort(assistant: Assistant) -> None:
    owners: list[Card | Gap] = [*assistant.knowledge.cards.speaking, *assistant.knowledge.gaps.all]
    asked = [(owner.entry.questions[0], owner) for owner in owners]
    found = [_matches(question, assistant)[0].owner for question, _ in asked]
    same = [one.id == owner.id for one, (_, owner) in zip(found, asked, strict=True)]
    assert sum(same) >= 0.95 * len(same)


@pytest.mark.parametrize(
    ("question", "owner", "sort"),
    [
        ("キャンペーンの返金のために聞いている番号は何ですか", "cashback-refund", Card),
        ("社員が秘密を漏らさない約束はしていますか", "confidentiality-pledge", Card),
        ("父が他界しましたが、登録はどうなりますか", "deceased-members", Gap),
        ("二要素の認証に対応していますか", "two-factor", Gap),
    ],
)
def test_other_words_find_the_same_owner(
    question: str, owner: str, sort: type[Card | Gap], assistant: Assistant
) -> None:
    best = _matches(question, assistant)[0]
    assert (best.owner.id, type(best.owner)) == (owner, sort)


def test_a_foreign_question_is_nobodys(assistant: Assistant) -> None:
    assert _matches("明日の東京の最高気温は", assistant)[0].score < 0.28


def test_a_policy_without_files_has_no_questions(assistant: Assistant) -> None:
    query = assistant._searcher.query("手数料は")
    none = np.zeros((0, 384), dtype=np.float32)
    assert KnownQuestions([], none).matches(query, np.zeros((1, 384), dtype=np.float32)) == []


def test_what_a_likely_card_quotes_comes_first(assistant: Assistant) -> None:
    question = "登録内容を変えたいときの窓口のメールアドレス"
    matches = _matches(question, assistant)
    hits = assistant.search(question)
    last = hits[-1].passage
    card = next(
        match
        for match in matches
        if isinstance(match.owner, Card) and assistant.policy.passage_at(match.owner.ranges[0][0]) is last
    )
    raised = lifted(hits, [Match(card.owner, 9.0, 1.0)], assistant.policy)
    assert raised[0].passage is last
    assert {hit.passage.id for hit in raised} == {hit.passage.id for hit in hits}
