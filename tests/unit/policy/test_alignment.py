from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.alignment import align, find_omitted, match_at
from bot.policy.faults import FrontMatterIsWrongError, TextDiffersFromSourceError
from bot.policy.markdown import Node

PATH = Path("policy.md")
WORDS = st.lists(st.text(alphabet="あいう（）⾧1 ", min_size=1).filter(str.strip), min_size=1, max_size=6)
SPACES = st.sampled_from(["", " ", "\n", "　", "\r\n "])


def nodes(*texts: str) -> list[Node]:
    return [Node("paragraph", text, line) for line, text in enumerate(texts, start=1)]


@given(WORDS, st.data())
def test_every_node_finds_its_own_place(words: list[str], data: st.DataObject) -> None:
    text = "".join(data.draw(SPACES) + word for word in words) + data.draw(SPACES)
    placed = align(text, nodes(*words), [], PATH)

    folded = ["".join(text[item.start : item.end].split()) for item in placed]
    assert folded == ["".join(word.split()) for word in words]


def test_white_space_is_free_but_the_slice_keeps_it() -> None:
    (placed,) = align("  株式会社\n さくら ", nodes("株式 会社さくら"), [], PATH)

    assert (placed.start, placed.end) == (2, 11)


def test_a_look_alike_is_not_the_character() -> None:
    assert match_at("社⾧", "社長", 0) is None


def test_an_error_names_line_and_both_texts() -> None:
    with pytest.raises(TextDiffersFromSourceError, match=r"policy\.md:2: the Markdown says 「に」 where .* 「は」"):
        align("いろ は", nodes("いろ", "に"), [], PATH)


@pytest.mark.parametrize("text", ["前 いろ", "いろ 後", "いろ 中 は"])
def test_text_outside_the_nodes_is_refused(text: str) -> None:
    with pytest.raises(TextDiffersFromSourceError):
        align(text, nodes("いろ", "は") if "は" in text else nodes("いろ"), [], PATH)


def test_a_markdown_without_text_is_refused_unless_all_is_omitted() -> None:
    assert align(" ナビ ", [], [(1, 3)], PATH) == ()
    with pytest.raises(TextDiffersFromSourceError, match=r"policy\.md:1"):
        align("本文", [], [], PATH)


def test_omitted_ranges_are_passed_over() -> None:
    text = "本文 | ナビ 本文 続き フッタ"
    omitted = find_omitted(text, [("本文 |", "ナビ"), ("フッタ", "フッタ")], PATH)
    placed = align(text, nodes("本文", "続き"), omitted, PATH)

    assert [text[start:end] for start, end in omitted] == ["本文 | ナビ", "フッタ"]
    assert [text[item.start : item.end] for item in placed] == ["本文", "続き"]
    assert placed[0].start > omitted[0][1]


def test_omitted_words_that_are_not_there_are_told() -> None:
    with pytest.raises(FrontMatterIsWrongError, match="does not say 「ない」 there"):
        find_omitted("本文", [("本文", "ない")], PATH)
