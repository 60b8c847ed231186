from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.policy import topics
from bot.policy.assistant import Assistant

EXAMPLES = yaml.safe_load((Path(topics.__file__).parent / "data" / "topics.yml").read_text(encoding="utf-8"))


def _score(question: str, assistant: Assistant) -> float:
    return assistant.case(question).topic


@pytest.mark.parametrize(
    "question",
    [
        "私の住所はだれが見られますか",
        "退会したあと履歴は残るの",
        "名簿を外に出していないか心配",
        "録音は消してもらえる？",
    ],
)
def test_matters_of_a_privacy_desk(question: str, assistant: Assistant) -> None:
    assert _score(question, assistant) > 0


@pytest.mark.parametrize(
    "question", ["おいしいカレーの作り方を教えて", "次の試験はいつですか", "電車が遅れている理由は", "2足す3は"]
)
def test_other_matters(question: str, assistant: Assistant) -> None:
    assert _score(question, assistant) < 0


def test_examples_are_many_and_apart() -> None:
    assert min(len(EXAMPLES["on"]), len(EXAMPLES["off"])) >= 250
    assert not set(EXAMPLES["on"]) & set(EXAMPLES["off"])


def test_the_gate_keeps_what_is_off_topic_from_being_answered(assistant: Assistant) -> None:
    answer = assistant.answer("おいしいカレーの作り方を教えて", None, datetime(2026, 11, 25, tzinfo=UTC))
    assert answer.message.kind == "out_of_scope"
    assert not answer.message.citations
