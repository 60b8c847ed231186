from __future__ import annotations

from typing import get_args

import pytest

from bot.console.testing.titles import titled, wanted
from bot.console.trying.words import MESSAGE_KINDS
from bot.evaluation.question_sets import Row
from bot.message import MessageKind


def test_every_kind_of_message_has_a_title() -> None:
    assert set(MESSAGE_KINDS) == set(get_args(MessageKind))


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (["種類 answer または clarify", "条項 2-5"], "種類 方針から回答 または 聞き返し、条項 2-5"),
        (["請求が deletion+use_stop ではなく なし"], "請求が 削除+利用停止 ではなく なし"),
        (["種類が status ではなく error"], "種類が 状況の案内 ではなく エラー"),
        (["請求 status"], "請求 状況照会"),
        (["「error」がないこと", "receipt にならないこと"], "「error」がないこと、受付 にならないこと"),
        (["語句「answer」がない", "箇所「not_in_policy」"], "語句「answer」がない、箇所「not_in_policy」"),
    ],
)
def test_code_words_are_titles_and_quotes_stay(told: list[str], read: str) -> None:
    assert titled(told) == read


def test_what_a_step_asks_for_holds_no_code_word() -> None:
    row = Row(
        1,
        "開示の期間は",
        sections=("2-5",),
        key_facts=("2週間",),
        request_kinds=frozenset({"disclosure"}),
        expects=("not_in_policy",),
        excludes=("0120",),
        forbidden=("receipt", "deletion"),
    )
    assert wanted(row) == "方針に書かれていない・2-5・2週間・開示 ×0120 ×受付 ×削除"
