from __future__ import annotations

from pathlib import Path

import pytest

from bot.evaluation.gold import gold_of, places_of
from bot.evaluation.question_sets import Row
from bot.policy.documents import load_policy
from bot.policy.model import Policy
from tests.support.outcomes import citation
from tests.support.small_policy import ID, write_small_policy


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    write_small_policy(tmp_path)
    return load_policy(tmp_path, ID)


def test_places_are_ranges_of_the_unfolded_text() -> None:
    text = "第　１ 条 ㍿です。第1条"
    assert [text[start:end] for start, end in places_of("第1条", text)] == ["第　１ 条", "第1条"]
    assert [text[start:end] for start, end in places_of("株式会社です", text)] == ["㍿です"]
    assert places_of("", text) == places_of("第2条", text) == []


def test_a_span_is_cited_by_what_overlaps_it_or_stands_in_its_section(policy: Policy) -> None:
    gold = gold_of(Row(2, "q", gold_span="当店は、業務の一部を委託します。"), policy)
    assert gold is not None
    start = policy.text.index("業務の一部")
    section = policy.section_at(start)
    assert section is not None
    assert gold.is_cited_by(citation("none of these", start, "業務"))
    assert gold.is_cited_by(citation(section.label, section.end - 1, "。"))
    assert not gold.is_cited_by(citation("none of these", 0, "ホーム"))
    assert not gold.is_cited_by(citation("none of these", start - len("当店は、") - 1, "\n"))


def test_a_span_is_found_in_the_passage_that_covers_it(policy: Policy) -> None:
    gold = gold_of(Row(2, "q", gold_span="当店は、業務の一部を 委託します。"), policy)
    assert gold is not None
    assert [gold.is_in(passage) for passage in policy.passages].count(True) == 1


def test_without_words_labels_tell_and_without_either_nothing_does(policy: Policy) -> None:
    gold = gold_of(Row(2, "q", sections=("2-1", "none")), policy)
    assert gold is not None
    assert gold.is_cited_by(citation("2-1-口座"))
    assert not gold.is_cited_by(citation("none"))
    assert gold_of(Row(2, "q", sections=("none",)), policy) is None
    assert gold_of(Row(2, "q", gold_span="当店は")) is None
