from __future__ import annotations

import json
from pathlib import Path

from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row
from bot.evaluation.report import Run, as_json, report
from tests.support.outcomes import outcome

YES = Row(2, "甲は", answerable=True, sections=("1",), key_facts=("甲",))
NO = Row(3, "乙は", answerable=False)
FIRST = Run(Path("first.tsv"), [outcome(YES, "answer", "甲", golds=[True]), outcome(NO, "not_in_policy")])
SECOND = Run(Path("second.tsv"), [outcome(YES, "answer", "乙", golds=[False])])


def test_one_file_is_one_table() -> None:
    told = report([FIRST])
    assert "hit@1                            1.000        1/1  [0.21, 1.00]" in told
    assert "off topic recall                     –" in told
    assert "first.tsv" not in told


def test_several_files_are_pooled_and_have_a_line_each() -> None:
    told = report([FIRST, SECOND])
    assert "hit@1                            0.500        1/2" in told
    first, second = (line.split() for line in told.splitlines()[-2:])
    assert first[:5] == ["first.tsv", "2", "1.00", "1.00", "1.00"]
    assert second[:5] == ["second.tsv", "1", "0.00", "0.00", "0.00"]


def test_the_rows_of_json_have_the_fields_of_the_contract_only() -> None:
    told = json.loads(as_json([FIRST]))
    assert set(told) == {"summary", "rows"}
    assert set(told["rows"][0]) == {"utterance", "message", "messages", "hits", "kinds", "ms"}
    assert set(told["rows"][0]["hits"][0]) == {"section", "start", "end", "text", "score"}
    assert [row["utterance"] for row in told["rows"]] == ["甲は", "乙は"]
    assert told["rows"][0]["message"] == told["rows"][0]["messages"][0]
    assert told["summary"]["hit@1"] == {
        "value": 1.0,
        "interval": [told["summary"]["hit@1"]["interval"][0], 1.0],
        "good": 1,
        "of": 1,
    }
    assert told["summary"]["rows"] == 2


def test_a_row_from_a_server_has_no_hits() -> None:
    row = Outcome(NO, outcome(NO, "answer").messages, [], 1.0)
    assert "hits" not in json.loads(as_json([Run(Path("a.tsv"), [row])]))["rows"][0]


def test_json_of_several_files_has_each_ones_summary() -> None:
    told = json.loads(as_json([FIRST, SECOND]))
    assert [(each["file"], each["summary"]["rows"]) for each in told["files"]] == [("first.tsv", 2), ("second.tsv", 1)]
    assert told["summary"]["rows"] == len(told["rows"]) == 3


def test_at_most_ten_hits_are_told() -> None:
    many = outcome(YES, "answer", "甲", golds=[True] * 12)
    assert len(json.loads(as_json([Run(Path("a.tsv"), [many])]))["rows"][0]["hits"]) == 10
