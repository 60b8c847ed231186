from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.policy.assistant import Assistant
from bot.policy.tracing import traced

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def _questions(assistant: Assistant, text: str, most: int = 10) -> list[dict[str, Any]]:
    answer = assistant.answer(text, None, NOW)
    return [traced(finding, answer.message.citations, hits=most) for finding in answer.findings]


def test_what_is_quoted_is_told_apart_from_what_is_not(assistant: Assistant) -> None:
    answer = assistant.answer("内部監査はしていますか", None, NOW)
    (question,) = answer.trace["questions"]
    quoted = {hit["passage"] for hit in question["hits"] if hit["use"] == "quoted"}
    cited = {p.id for c in answer.message.citations if (p := assistant.policy.passage_at(c.start))}
    assert cited
    assert quoted == cited & {hit["passage"] for hit in question["hits"]}
    assert all(bool(hit["why"]) == (hit["use"] == "passed") for hit in question["hits"])


@pytest.mark.parametrize(
    ("text", "use", "why"),
    [
        ("株価は上がりますか", {"passed"}, "shut"),
        ("退会したあとのデータは何年残りますか", {"passed", "nearest"}, "card"),
    ],
)
def test_nothing_is_quoted_as_an_answer_when_it_is_none(
    assistant: Assistant, text: str, use: set[str], why: str
) -> None:
    (question,) = _questions(assistant, text)
    assert question["verdict"] != "answer"
    assert {hit["use"] for hit in question["hits"]} <= use
    assert {hit["why"] for hit in question["hits"] if hit["use"] == "passed"} <= {why, "shut"}


def test_further_down_is_a_reason_of_its_own_and_the_best_sentence_is_shown(assistant: Assistant) -> None:
    (question,) = _questions(assistant, "個人情報の安全管理", most=12)
    assert question["hits"][-1]["why"] in {"rank", "card", "shut"}
    start, end = question["hits"][0]["best"]
    assert assistant.policy.text[start:end].strip()


def test_every_stage_is_timed_once_for_all_questions(assistant: Assistant) -> None:
    answer = assistant.answer("従業員に教育はしていますか？通信は暗号化されていますか？", None, NOW)
    assert set(answer.trace["ms"]) == {"read", "embed", "search", "judge", "select", "compose"}
    assert len(answer.trace["questions"]) == 2
