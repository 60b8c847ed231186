from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.evaluation.regression.files import (
    CaseIsUnusableError,
    SetIsUnknownError,
    append_case,
    create_set,
    find_set,
    list_sets,
)
from bot.evaluation.regression.reading import parse
from bot.evaluation.regression.schema import CaseShape
from tests.support.regression import POLICY, SET, written_set

CASE = CaseShape(id="new", say="新しい質問は", expect=["answer"], sections=["2-5"])


def test_a_case_is_added_at_the_end_and_the_rest_stays(tmp_path: Path) -> None:
    path = written_set(tmp_path).path
    after = append_case(path, CASE)
    assert [case.id for case in after.cases] == ["period", "fee", "new"]
    text = path.read_text(encoding="utf-8")
    assert text.startswith(SET)
    assert text.endswith("  - id: new\n    say: 新しい質問は\n    expect: answer\n    sections: 2-5\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SET.replace("id: fee", "id: new"), "すでにあります"),
        (SET + "passing: 0.9\n", "casesが最後にありません"),
    ],
)
def test_where_it_cannot_be_added_nothing_changes(tmp_path: Path, text: str, told: str) -> None:
    path = written_set(tmp_path, text).path
    with pytest.raises(CaseIsUnusableError, match=told):
        append_case(path, CASE)
    assert path.read_text(encoding="utf-8") == text
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@given(
    words=st.text(min_size=1, max_size=60).filter(lambda text: bool(text.strip())),
    steps=st.lists(st.sampled_from(["それは？", "- 甲: 乙", "# 丙", "yes", "2026-11-26", "「", "'\""]), max_size=3),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_is_read_again(tmp_path: Path, words: str, steps: list[str]) -> None:
    shape: dict[str, Any] = {"id": "any", "say": words, "expect": "answer"}
    try:
        case = CaseShape.model_validate(shape | {"then": [{"say": step} for step in steps]})
    except ValidationError:  # a lone half of a character is no text
        return
    path = written_set(tmp_path).path
    try:
        append_case(path, case)
    except (CaseIsUnusableError, UnicodeEncodeError):
        assert path.read_text(encoding="utf-8") == SET
        return
    shape_after, _ = parse(path, path.read_bytes())
    assert shape_after.cases[-1] == case


def test_sets_are_found_by_their_policy(tmp_path: Path) -> None:
    written_set(tmp_path)
    (tmp_path / POLICY / ".writing-x.yml").write_text("", encoding="utf-8")
    assert [path.stem for path in list_sets(tmp_path, POLICY)] == ["periods"]
    assert find_set(tmp_path, "eparkrelax", "periods").title == "期間と料金"
    assert list_sets(tmp_path, "other/privacy") == []
    for name in ("../periods", "none", ""):
        with pytest.raises(SetIsUnknownError):
            find_set(tmp_path, POLICY, name)


def test_a_new_set_begins_with_its_first_case(tmp_path: Path) -> None:
    made = create_set(tmp_path / POLICY / "mine.yml", "わたしの: セット", "talk", CASE)
    assert (made.title, made.way, [case.id for case in made.cases]) == ("わたしの: セット", "talk", ["new"])
    assert append_case(made.path, CASE.model_copy(update={"id": "second"})).cases[-1].id == "second"
    with pytest.raises(CaseIsUnusableError, match="すでに"):
        create_set(made.path, "ふたたび", "talk", CASE)
    with pytest.raises(CaseIsUnusableError, match="英小文字"):
        create_set(tmp_path / "Name.yml", "x", "talk", CASE)


def test_a_table_takes_no_case(tmp_path: Path) -> None:
    with pytest.raises(CaseIsUnusableError, match="TSV"):
        append_case(tmp_path / "x.tsv", CASE)
