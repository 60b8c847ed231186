from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import BadInputError
from bot.evaluation.facts import covers, holds_every, stands_at
from bot.evaluation.measures import Share, summarise
from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row, read_question_set
from bot.evaluation.report import as_json, table


def _message(kind: str, *texts: str) -> dict[str, Any]:
    return {"kind": kind, "parts": [{"type": "quote", "text": text} for text in texts], "text": " ".join(texts)}


def test_both_column_shapes_are_read(tmp_path: Path) -> None:
    first = tmp_path / "first.tsv"
    first.write_text(
        "utterance\tkind\tsection\tanswerable\tkey_facts\trequest_type\n"
        "目的は\tqa\t2-1;2-3\tyes\t甲|乙\t\n消して\taction\t\t\t\tdeletion+third_party_record_disclosure\n",
        encoding="utf-8",
    )
    other = tmp_path / "other.tsv"
    other.write_text("policy_file\tquestion\tgold_span\tanswerable\na.md\t目的は\t丙\tno\n", encoding="utf-8")
    question, action = read_question_set(first)
    assert (question.sections, question.key_facts, question.answerable) == (("2-1", "2-3"), ("甲", "乙"), True)
    assert action.request_kinds == {"deletion", "third_party_record"}
    assert read_question_set(other) == [
        Row(line=2, utterance="目的は", gold_span="丙", answerable=False, policy_file=tmp_path / "a.md")
    ]


@pytest.mark.parametrize(
    "text", ["", "a\tb\n1\t2\n", "utterance\tkind\nはい\tnews\n", "utterance\tanswerable\nはい\tmaybe\n", "utterance\n"]
)
def test_a_wrong_set_is_named_with_file_and_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "set.tsv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"set\.tsv:\d"):
        read_question_set(file)


def test_facts_are_compared_folded_but_not_fooled() -> None:
    assert holds_every(["ＳＳＬ を使用"], [_message("answer", "SSLを使用します")])
    assert not holds_every(["株式会社まどぐち"], [_message("answer", "株式会社まどぐちサービス")])
    assert not holds_every(["提供しません"], [_message("answer", "提供しませんわけではありません", "提供します")])


def test_gold_places() -> None:
    assert stands_at("2-1-口座", ["2-1"])
    assert not stands_at("2-10", ["2-1"])
    assert covers("あいうえおかきくけこ", "xあいうえおかきくけ")
    assert not covers("あいうえおかきくけこ", "xあいうえお")


def test_measures_count_what_they_say() -> None:
    yes, no = Row(2, "a", answerable=True, key_facts=("甲",), sections=("1",)), Row(3, "b", answerable=False)
    good = _message("answer", "甲") | {"citations": [{"section": "1-2"}, {"section": "3"}]}
    summary = summarise(
        [
            Outcome(yes, [good], [], 10.0, hits=[], gold_found=[False, True]),
            Outcome(no, [_message("not_in_policy", "x")], [], 20.0),
        ]
    )
    assert summary.shares["hit@1"] == Share(0, 1)
    assert summary.shares["hit@3"] == Share(1, 1)
    assert summary.shares["citation_precision"] == Share(1, 2)
    assert summary.shares["not_in_policy_recall"] == Share(1, 1)
    assert summary.shares["off_topic_recall"].interval is None
    assert "hit@3" in table(summary)
    assert json.loads(as_json(summary, []))["summary"]["rows"] == 2


def test_wilsons_interval_stays_within_bounds() -> None:
    low, high = Share(10, 10).interval or (0, 0)
    assert 0.7 < low < high
    assert high == pytest.approx(1)
