from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.evaluation.regression.reading import read_set
from tests.support.regression import SET, written_set


def test_a_set_says_what_must_and_what_must_not_come(tmp_path: Path) -> None:
    found = written_set(tmp_path)
    assert (found.name, found.title, found.way, found.is_short, found.passing) == (
        "periods",
        "期間と料金",
        "answers",
        True,
        1.0,
    )
    period, fee = found.cases
    assert (period.id, period.title, period.rows[0].line) == ("period", "開示の期間は", 6)
    assert period.rows[0].sections == ("2-5",)
    assert period.rows[0].key_facts == ("2週間",)
    assert [row.kind for row in fee.rows] == ["qa", "followup"]
    assert fee.rows[0].answerable is False
    assert fee.rows[0].excludes == ("0120",)


def test_a_question_set_is_a_set_too(tmp_path: Path) -> None:
    path = tmp_path / "questions.tsv"
    head = "utterance\tkind\tsection\tanswerable\texclude\tcase"
    rows = "甲は\tqa\t1\tyes\t丙|丁\tfirst\n乙は\tfollowup\t1\tyes\t\t\n戊は\tqa\t2\tno\t\t"
    path.write_text(f"{head}\n{rows}", encoding="utf-8")
    found = read_set(path)
    assert [(case.id, len(case.rows)) for case in found.cases] == [("first", 2), ("line-4", 1)]
    assert found.cases[0].rows[0].excludes == ("丙", "丁")
    assert {row.case for row in found.cases[0].rows} == {"first", ""}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SET.replace("id: fee", "id: period"), r"periods\.yml:11: the id period stands twice"),
        (SET.replace("expect: answer", "expect: 答え"), r"periods\.yml:6: cases\.0\.expect"),
        (SET.replace("    say: 手数料は\n", ""), r"periods\.yml:11: cases\.1"),
        (SET.replace("- say: 本当に？", "- press: first"), r"periods\.yml:11: a press needs `way: talk`"),
        (SET + "unknown: 1\n", r"periods\.yml:1: unknown"),
        ("title: [", r"periods\.yml:[12]: "),  # the loader in C sees the end of the file a line later
        ("- a", r"periods\.yml:1: the file"),
        ("title: 空\ncases: []\n", r"periods\.yml:1: cases"),
        (SET + "passing: 1.5\n", r"passing"),
        (SET.replace("    expect: answer\n    sections: 2-5\n    include: 2週間\n", ""), "expects something"),
    ],
)
def test_what_no_set_may_hold_is_named_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInputError, match=told):
        written_set(tmp_path, text)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="No such file"):
        read_set(tmp_path / "x.yml")
    (tmp_path / "x.yml").write_bytes(b"\xff")
    with pytest.raises(BadInputError, match="not UTF-8"):
        read_set(tmp_path / "x.yml")


def test_the_share_that_must_pass_is_the_sets_own(tmp_path: Path) -> None:
    assert not written_set(tmp_path).is_green(1)
    assert written_set(tmp_path, SET + "passing: 0.5\n").is_green(1)
