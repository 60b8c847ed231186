from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.policy.assistant import Assistant
from bot.policy.embedding import QueryVector, embedder_of, text_digest
from bot.policy.texts import fixed_texts
from bot.settings import Settings

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OWN = yaml.safe_load((Path(__file__).parent / "own_questions.yml").read_text(encoding="utf-8"))


def _check_parts(assistant: Assistant, question: str) -> None:
    answer = assistant.answer(question, None, NOW)
    for citation in answer.message.citations:
        assert citation.quote == assistant.policy.text[citation.start : citation.end]
    for part in answer.message.parts:
        assert part.type == "quote" or part.text in fixed_texts(assistant.knowledge.cards, assistant.knowledge.gaps)
    assert set(answer.context) >= {"policy", "version", "quotes", "topic", "ranges"}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_gets_only_quotes_and_fixed_texts(assistant: Assistant, question: str) -> None:
    _check_parts(assistant, question)


@pytest.mark.shared
def test_every_quote_for_the_shared_questions_is_its_slice(assistant: Assistant) -> None:
    file = Settings().shared / "questions" / "dev.tsv"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    with file.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            _check_parts(assistant, row["utterance"])


def _rank(assistant: Assistant, question: str, gold: list[str]) -> int:
    sections = [hit.passage.section for hit in assistant.search(question)]
    return next(i for i, s in enumerate(sections) if any(s == g or s.startswith(f"{g}-") for g in gold))


def test_search_finds_the_section_among_the_first_three(assistant: Assistant) -> None:
    ranks = [_rank(assistant, question, gold.split(";")) for question, gold in OWN["answerable"]]
    assert sum(rank < 3 for rank in ranks) >= 0.9 * len(ranks)


def _share(assistant: Assistant, questions: list[str], kind: str) -> float:
    kinds = [assistant.answer(question, None, NOW).message.kind for question in questions]
    return kinds.count(kind) / len(kinds)  # type: ignore[arg-type] # any text may be counted


def test_gates_let_answers_through_and_keep_the_rest(assistant: Assistant) -> None:
    assert _share(assistant, [question for question, _ in OWN["answerable"]], "answer") >= 0.9
    assert _share(assistant, OWN["near_miss"], "not_in_policy") >= 0.85
    assert _share(assistant, OWN["off_topic"], "answer") <= 0.35


def test_a_follow_up_is_searched_with_its_topic(assistant: Assistant) -> None:
    first = assistant.answer("行動履歴はどんなことに使われますか", None, NOW)
    follow = assistant.answer("それは共同で利用されますか", first.context, NOW)
    assert follow.message.kind == "answer"
    assert follow.hits[0].passage.section == "2-2"


def test_context_of_another_version_is_ignored(assistant: Assistant) -> None:
    stale = {"policy": assistant.policy.id, "version": "1999-01-01", "quotes": ["2-2/1"], "topic": "2-2"}
    assert assistant.answer("それは？", stale, NOW).message.kind == "clarify"


def test_vector_of_the_turn_is_used_when_it_fits(assistant: Assistant) -> None:
    question = "内部監査"
    embedder = embedder_of(Settings())
    made = embedder.questions([question])[0]
    fitting = QueryVector(embedder.model_id, text_digest(question), made)
    used = assistant.answer(question, None, NOW, vector=fitting)
    unfit = assistant.answer(question, None, NOW, vector=QueryVector("other", text_digest(question), made))
    assert used.trace["query_vector"] == "used"
    assert unfit.trace["query_vector"] == "unfit"
    assert unfit.trace["embedded"] == used.trace["embedded"] + 1
    assert used.message == unfit.message


def test_two_questions_are_one_message_in_order(assistant: Assistant) -> None:
    answer = assistant.answer("従業員に教育はしていますか？通信は暗号化されていますか？", None, NOW)
    sections = [citation.section for citation in answer.message.citations]
    assert list(dict.fromkeys(sections)) == ["2-4-(4)", "2-6-(2)"]


def test_while_the_model_loads_the_given_vector_answers_alone(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "登録した情報を消してほしいときは"
    embedder = embedder_of(Settings())
    vector = QueryVector(embedder.model_id, text_digest(question), embedder.questions([question])[0])
    monkeypatch.setattr(embedder, "_model", None)
    monkeypatch.setattr(embedder, "_load", lambda: pytest.fail("a member would have waited for the model"))

    answer = assistant.answer(question, None, NOW, vector=vector)

    assert answer.trace["embedded"] == 0
    assert answer.message.kind == "answer"
