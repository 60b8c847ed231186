from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.wrappers import unwrapped


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("すみませんが、保存期間を教えていただけますか", "保存期間"),
        ("写真を勝手に載せてるんですか💢💢", "写真を勝手に載せてるんですか"),
        ("番号が漏れないか心配です。", "番号が漏れないか"),
        ("お世話になっております。郵送先を教えてください。よろしくお願いいたします。", "郵送先"),
        ("友達から聞いたんですけど、名簿を売ってるって本当？", "名簿を売ってる"),
        ("ねえ、録画は何日残るの", "録画は何日残るの"),
    ],
)
def test_what_only_wraps_a_question_is_cut(text: str, bare: str) -> None:
    assert unwrapped(text) == bare


@pytest.mark.parametrize("text", ["心配です", "利用目的は何ですか？", "お願いします", "誰が見る？", "！？", ""])
def test_a_bare_question_and_a_mere_wrapper_stay_as_they_are(text: str) -> None:
    assert unwrapped(text) == text


@given(st.text(alphabet="すみませんが、教えて心配です？💢情報の 開示けどねえ", max_size=60))
def test_what_is_left_was_there_and_nothing_is_left_to_cut(text: str) -> None:
    bare = unwrapped(text)
    assert set(bare) <= set(text) | set("? ")
    assert bool(bare.strip()) == bool(text.strip())
