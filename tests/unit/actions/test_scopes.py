from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from actions.scopes import mentioned, named
from bot.desk import Desk, load_desk


@pytest.fixture(scope="module")
def desk() -> Desk:
    return load_desk(Path("policy_corpus/eparkrelax/privacy"))


def test_every_listed_title_is_one_of_the_desks(desk: Desk) -> None:
    words = yaml.safe_load(Path("actions/scopes.yml").read_text(encoding="utf-8"))
    assert set(words) <= {scope.title for scope in desk.scopes}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("引っ越したので住所を直したい", "会員情報"),
        ("ＤＭを止めて", "広告・宣伝（DM・メール）"),
        ("メルマガ", "広告・宣伝（DM・メール）"),
        ("家族の分を消して", "家族の情報"),
        ("銀行口座", "口座情報"),
        ("全部消して", None),
        ("口座と健康のデータ", None),
    ],
)
def test_what_words_name(desk: Desk, text: str, title: str | None) -> None:
    assert mentioned(text, desk) == title


@pytest.mark.parametrize("text", ["口座情報は何に使うの", "口座情報を消してください", "どの口座ですか"])
def test_a_sentence_about_a_scope_is_no_answer(desk: Desk, text: str) -> None:
    assert named(text, desk) is None


def test_every_title_names_itself(desk: Desk) -> None:
    assert [named(scope.title, desk) for scope in desk.scopes] == [scope.title for scope in desk.scopes]
