from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from bot.policy import texts
from bot.policy.faults import EntryIsWrongError
from bot.policy.phrases import BUILT_IN, FILE_NAME, TITLES, Phrases, fault_of, load_phrases


def test_without_a_file_the_built_in_sentences_are_said(tmp_path: Path) -> None:
    assert load_phrases(tmp_path) == BUILT_IN


def test_a_file_words_some_of_them_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("- id: answer\n  text: 方針の記載をご覧ください。\n", encoding="utf-8")

    assert load_phrases(tmp_path) == Phrases(answer="方針の記載をご覧ください。")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("- id: not_in_policy\n  text: 知りません。\n", "no phrase has this id"),
        ("- id: answer\n  text: 手数料は300円です。\n", "数字"),
        ("- id: answer\n  text: 二週間で答えます。\n", "数字"),
        ("- id: answer\n  text: https：//example.jp をご覧ください\n", ""),
        ("- id: answer\n  text: ''\n", "at least 1"),
    ],
)
def test_a_phrase_that_is_unknown_or_states_a_fact_is_refused(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(content, encoding="utf-8")
    if not says:
        return
    with pytest.raises(EntryIsWrongError, match=says) as error:
        load_phrases(tmp_path)
    assert FILE_NAME in str(error.value)


def test_every_phrase_has_a_title_and_passes_its_own_rule() -> None:
    assert {field.name for field in fields(Phrases)} == set(TITLES)
    assert [fault_of(text) for text in BUILT_IN.all] == [""] * len(TITLES)


def test_what_says_that_nothing_is_written_is_no_phrase() -> None:
    for promise in (texts.NOT_IN_POLICY, texts.MISSING_ALSO, texts.UNCLEAR, texts.COMPANION):
        assert promise not in BUILT_IN.all
