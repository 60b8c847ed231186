from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.questions import MOST_QUESTIONS, split_questions


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("利用目的を教えてください", 1),
        ("利用目的は何ですか？保存期間は決まっていますか？", 2),
        ("昨日メールが届きました。どうして送られてくるのですか", 1),
        ("渡し方は何ですか？紙？", 1),
        ("監督していますか。それから教育はしていますか", 2),
        ("消して", 1),
    ],
)
def test_a_message_is_cut_into_its_questions(text: str, count: int) -> None:
    assert len(split_questions(text)) == count


@given(st.text(max_size=120))
def test_no_word_is_lost_and_there_are_never_too_many(text: str) -> None:
    questions = split_questions(text)
    assert len(questions) <= MOST_QUESTIONS
    left = "".join("".join(questions).split())
    assert set(left) <= set("".join(text.split()))
    assert bool(questions) == bool(text.strip())
