from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.evaluation.question_sets import Row, read_question_set

FIRST = (
    "utterance\tkind\tsection\tanswerable\tkey_facts\trequest_type\n"
    "目的は\tqa\t2-1;2-3\tyes\t甲|乙\t\n"
    "消して\taction\t\t\t\tdeletion+third_party_record_disclosure\n"
)


def _read(folder: Path, text: str) -> list[Row]:
    file = folder / "set.tsv"
    file.write_text(text, encoding="utf-8")
    return read_question_set(file)


def test_the_columns_of_the_first_policy_are_read(tmp_path: Path) -> None:
    question, action = _read(tmp_path, FIRST)
    assert (question.sections, question.key_facts, question.answerable) == (("2-1", "2-3"), ("甲", "乙"), True)
    assert action.request_kinds == {"deletion", "third_party_record"}


def test_the_columns_of_other_policies_are_read(tmp_path: Path) -> None:
    rows = _read(tmp_path, "policy_file\tquestion\tgold_span\tanswerable\na.md\t目的は\t丙\tyes\nb.pdf\t値段は\t\tno\n")
    assert rows == [
        Row(line=2, utterance="目的は", gold_span="丙", answerable=True, policy_file=tmp_path / "a.md"),
        Row(line=3, utterance="値段は", answerable=False, policy_file=tmp_path / "b.pdf", is_near_miss=True),
    ]


def test_gold_says_that_a_row_is_answerable_when_no_column_does(tmp_path: Path) -> None:
    rows = _read(tmp_path, "utterance\tsection\tgold_span\n一\t2-1\t\n二\t\t丙\n三\tnone\t\n四\t\t\n")
    assert [row.answerable for row in rows] == [True, True, None, None]


def test_near_misses_are_those_the_column_names(tmp_path: Path) -> None:
    rows = _read(tmp_path, "utterance\tanswerable\tnear_miss\n一\tno\t別主体\n二\tno\t\n三\tno\tno\n四\tyes\tyes\n")
    assert [row.is_near_miss for row in rows] == [True, False, False, False]


def test_a_line_ends_at_a_line_end_only(tmp_path: Path) -> None:
    rows = _read(tmp_path, "utterance\tkind\r\n目的\x0bは\u2028何\tqa\r\n\r\n住所は\tqa\r\n")
    assert [(row.line, row.utterance) for row in rows] == [(2, "目的\x0bは\u2028何"), (4, "住所は")]


def test_missing_fields_at_the_end_are_empty_and_quotation_marks_are_text(tmp_path: Path) -> None:
    assert _read(tmp_path, 'utterance\tkind\tkey_facts\n"目的"は\n')[0].utterance == '"目的"は'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: no column"),
        ("a\tb\n1\t2\n", "1: no column"),
        ("utterance\n", "1: no questions"),
        ("utterance\tkind\nはい\tqa\nはい\tnews\n", "3: kind 'news'"),
        ("utterance\tanswerable\nはい\tmaybe\n", "2: answerable 'maybe'"),
        ("utterance\tkind\n\tqa\n", "2: the question is empty"),
        ("utterance\tkind\nはい\tqa\tyes\n", "2: more fields"),
    ],
)
def test_a_wrong_set_is_named_with_file_and_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInputError, match=rf"set\.tsv:{told}"):
        _read(tmp_path, text)


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"absent\.tsv: No such file"):
        read_question_set(tmp_path / "absent.tsv")
    (tmp_path / "latin.tsv").write_bytes(b"utterance\n\xff\xfe\n")
    with pytest.raises(BadInputError, match=r"latin\.tsv: not UTF-8"):
        read_question_set(tmp_path / "latin.tsv")
