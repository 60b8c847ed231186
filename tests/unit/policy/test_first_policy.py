"""The policy of EPARKリラク＆エステ as it lies in the corpus: complete, unchanged, cut as the design says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.policy.model import Policy
from bot.settings import Settings

VERSION = "2026-11-23"

# What the obtained page shows around the policy, by first and last words. Everything else is policy.
NAVIGATION = (
    ("個人情報保護方針 | EPARKリラク＆エステ 性別 女性", "ご意見・ご要望 マッサージ 個人情報保護方針"),
    ("ページトップへ戻る TOPページ エリアで検索", "All Rights Reserved. マッサージ 個人情報保護方針"),
)

LABELS = [
    *("1-0", *(f"1-({number})" for number in range(1, 10))),
    *("2-0", "2-1", "2-1-会員情報", "2-1-利用履歴情報", "2-1-行動履歴情報", "2-1-口座情報", "2-1-健康情報"),
    *("2-2", "2-3", "2-4", *(f"2-4-({number})" for number in range(1, 7))),
    *("2-5", "2-6", *(f"2-6-({number})" for number in range(1, 4)), "付記-電話"),
]


def navigation_ranges(text: str) -> list[tuple[int, int]]:
    return [(text.index(first), text.index(last) + len(last)) for first, last in NAVIGATION]


def without_space(text: str) -> str:
    return "".join(text.split())


def stripped_of_markup(markdown: str) -> str:
    """The Markdown's text by plain substitutions, without the parser whose work this is to prove."""
    body = markdown.split("\n---\n", 1)[1]
    body = re.sub(r"^\|[ |-]+\|$", "", body, flags=re.MULTILINE)
    body = re.sub(r"^(#+ |: - |: |\s*- )", "", body, flags=re.MULTILINE)
    return body.replace("|", "").replace("<br>", "")


@pytest.mark.shared
def test_the_source_is_the_policy_as_obtained(corpus: Path) -> None:
    obtained = Settings().shared / "policy" / "eparkrelax_privacy_policy.txt"
    if not obtained.is_file():
        pytest.skip(f"{obtained} is not here: MADOGUCHI_SHARED names the folder that holds it")

    assert (corpus / "eparkrelax/privacy" / f"{VERSION}.txt").read_bytes() == obtained.read_bytes()


def test_nothing_of_the_policy_is_missing_from_the_markdown(corpus: Path, policy: Policy) -> None:
    (_, head), (foot, after) = navigation_ranges(policy.text)
    markdown = (corpus / "eparkrelax/privacy" / f"{VERSION}.md").read_text(encoding="utf-8")

    assert without_space(stripped_of_markup(markdown)) == without_space(policy.text[head:foot] + policy.text[after:])


def test_nodes_and_navigation_cover_every_character_once(policy: Policy) -> None:
    held = [0] * len(policy.text)
    for start, end in [*((block.start, block.end) for block in policy.blocks), *navigation_ranges(policy.text)]:
        for position in range(start, end):
            held[position] += 1

    unheld = [position for position, times in enumerate(held) if times != 1 and not policy.text[position].isspace()]
    assert unheld == []
    assert list(policy.omitted) == navigation_ranges(policy.text)


def test_every_node_is_the_text_it_stands_for(corpus: Path, policy: Policy) -> None:
    markdown = (corpus / "eparkrelax/privacy" / f"{VERSION}.md").read_text(encoding="utf-8")
    position = len(markdown) - len(markdown.split("\n---\n", 1)[1])
    for block in policy.blocks:
        position = markdown.index(policy.text[block.start : block.end], position)


def test_labels_are_those_of_the_design(policy: Policy) -> None:
    assert [section.label for section in policy.sections] == LABELS


def test_every_block_but_the_title_lies_in_its_section(policy: Policy) -> None:
    title, *rest = policy.blocks
    assert (title.kind, policy.text[title.start : title.end], title.section) == ("title", "個人情報保護方針", "")
    for block in rest:
        section = policy.section(block.section)
        assert section is not None
        assert section.start <= block.start < block.end <= section.end


def test_passages_are_short_slices_of_one_section_in_order(policy: Policy) -> None:
    position = 0
    for passage in policy.passages:
        section = policy.section(passage.section)
        assert section is not None
        assert section.start <= passage.start < passage.end <= section.end
        assert passage.start >= position
        assert len(passage.text) <= 450
        assert passage.text == policy.text[passage.start : passage.end]
        assert policy.passage(passage.id) is passage
        position = passage.end
    assert len({passage.id for passage in policy.passages}) == len(policy.passages)


def test_sentences_are_slices_that_fill_their_passage(policy: Policy) -> None:
    for passage in policy.passages:
        assert "".join(without_space(sentence.text) for sentence in passage.sentences) == without_space(passage.text)
        for sentence in passage.sentences:
            assert sentence.text == policy.text[sentence.start : sentence.end]
            assert sentence.passage_id == passage.id


def test_all_text_but_headings_can_be_found(policy: Policy) -> None:
    held = {position for passage in policy.passages for position in range(passage.start, passage.end)}
    unheld = {block.kind for block in policy.blocks if block.start not in held}

    assert unheld == {"title", "heading", "header"}


@pytest.mark.parametrize(
    ("label", "key", "purposes"),
    [
        ("2-1-会員情報", "EPARK 会員情報", 15),
        ("2-1-利用履歴情報", "EPARK 利用履歴情報", 4),
        ("2-1-行動履歴情報", "EPARK 行動履歴情報", 2),
        ("2-1-口座情報", "EPARK 会員の口座情報", 2),
        ("2-1-健康情報", "EPARK 会員の健康情報※", 3),
    ],
)
def test_a_row_is_one_passage_with_its_key(policy: Policy, label: str, key: str, purposes: int) -> None:
    section = policy.section(label)
    assert section is not None
    (passage,) = section.passages

    assert passage.text.startswith(key)
    assert passage.heading == f"【2】1.個人情報の利用目的 {key}"
    assert sum(sentence.text.endswith(("ため", "ため。")) for sentence in passage.sentences) == purposes
    assert [sentence.text for sentence in passage.sentences if sentence.role == "key"] == [key]


@pytest.mark.parametrize(
    ("label", "heading"),
    [
        ("1-0", "【1】個人情報の保護についての考え方"),
        ("1-(4)", "【1】個人情報の保護についての考え方 (4)"),
        ("2-2", "【2】2. 共同利用"),
        ("2-4-(3)", "【2】4．（3） 組織的安全管理措置"),
        ("2-5", "【2】５．開示等の手続き"),
        ("付記-電話", "電話受付(予約)時の注意"),
    ],
)
def test_headings_tell_a_member_the_place(policy: Policy, label: str, heading: str) -> None:
    section = policy.section(label)
    assert section is not None
    assert section.heading == heading


def test_the_two_texts_that_fooled_splitters_stand_whole(policy: Policy) -> None:
    sentences = {sentence.text for sentence in policy.sentences}

    assert "代表取締役社\u2fa7 押切 孝平" in sentences
    assert "「1．個人情報の利用目的」に定める利用目的" in sentences
    assert (
        "受付時間：平日の午前10時から午後7時までとさせていただきます。 "
        "（※土日祝祭日及び8月11日～8月17日、12月27日～1月4日を除きます。）"
    ) in sentences


def test_the_head_says_what_is_known_and_no_more(policy: Policy) -> None:
    assert (policy.id, policy.version) == ("eparkrelax/privacy", VERSION)
    assert policy.controller == "株式会社EPARKリラク＆エステ"
    assert policy.effective_date is None
