"""Whatever the text: it imports, loads, and every character is in exactly one block or left out by declaration."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.policy.check import check_policy
from bot.policy.documents import load_policy
from bot.policy.importing import import_policy
from bot.policy.model import Policy

BINARY = "".join(map(chr, [*range(9), *range(14, 27)]))

MARKUP = st.sampled_from(
    [
        *("*", "_", "|", "<br>", "<b>", ">", "#", "## ", "[a](b)", "![x](y)", "`", "```", "~~~", "\\", "\\\\", "&amp;"),
        *("&#35;", "---", "===", ": ", "- ", "+ ", "1. ", "2) ", "| a | b |", "| --- |", "<!-- x -->", "<https://a.b>"),
        *("https://example.jp/?a=1&b=2#c", "a@b.example", "😀", "社⾧", "\u200b", "\ufeff", "\u3000", "\t", "  "),
    ]
)
NUMBERS = st.sampled_from(
    [
        *(
            "【1】",
            "【2】",
            "第1条（目的）",
            "第２条",
            "第一章　",
            "1. ",
            "2．",
            "３ ",
            "1.1 ",
            "(1) ",
            "（２）",
            "①",
            "②",
            "一、",
        ),
        *("Ⅰ．", "A. ", "(ア) ", "ア　", "イ　", "■", "●", "【見出し】", "・", "※", "- ", "〔注〕"),
    ]
)
WORDS = st.sampled_from(
    [
        *(
            "利用目的",
            "第三者提供について",
            "当社は、個人情報を守ります。",
            "第1条に定める",
            "「1．利用目的」に定める",
            "商品の発送のため",
        ),
        *(
            "共同して利用する者の範囲",
            "株式会社さくら",
            "電話：000-0000",
            "表",
            "次の表のとおりです。",
            "会員情報（予約を含む。）",
        ),
        *(
            "プライバシーポリシー",
            "ホーム",
            "サイトマップ",
            "ページトップへ",
            "Copyright 2024 X",
            "会社概要",
            "x" * 500,
            "個" * 460,
        ),
    ]
)
LINES = st.lists(st.one_of(NUMBERS, WORDS, MARKUP, st.text(max_size=8)), min_size=1, max_size=8).map("".join)
STRUCTURED = st.tuples(
    st.lists(LINES, min_size=1, max_size=25), st.sampled_from(["\n", "\n\n", "\r\n", " ", "", "\t"])
).map(lambda parts: parts[1].join(parts[0]))


def imported(text: str, name: str) -> Policy:
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(text.encode())
        corpus = Path(folder) / "corpus"
        import_policy(file, policy_id="any/text", controller="例社", version="2025-01-01", corpus=corpus)
        return load_policy(corpus, "any/text")


def uncovered(policy: Policy) -> str:
    """The characters that are in no block and no declared omission; fails when one is in two."""
    times = [0] * len(policy.text)
    for start, end in [*((block.start, block.end) for block in policy.blocks), *policy.omitted]:
        for position in range(start, end):
            times[position] += 1
    assert max(times) <= 1
    return "".join(character for character, found in zip(policy.text, times, strict=True) if not found).strip()


def is_importable(text: str) -> bool:
    return bool(text.removeprefix("\ufeff").strip()) and not re.search(f"[{re.escape(BINARY)}]", text)


@given(text=st.one_of(st.text(st.characters(exclude_categories=["Cs"])), STRUCTURED))
@settings(max_examples=150)
def test_any_plain_text_imports_whole(text: str) -> None:
    assume(is_importable(text))

    policy = imported(text, "policy.txt")

    assert policy.text == text.removeprefix("\ufeff")
    assert check_policy(policy) == []
    assert uncovered(policy) == ""


@given(text=STRUCTURED)
@settings(max_examples=60)
def test_what_is_in_no_section_is_the_title_alone(text: str) -> None:
    assume(is_importable(text))

    policy = imported(text, "policy.txt")

    outside = [block for block in policy.blocks if policy.section_at(block.start) is None]
    assert {block.kind for block in outside} <= {"title"}


@given(text=STRUCTURED, name=st.sampled_from(["policy.md", "policy.html"]))
@settings(max_examples=60)
def test_any_markup_imports_whole(text: str, name: str) -> None:
    assume(is_importable(text))

    policy = imported(f"{text}\n<p>当社は、個人情報を守ります。</p>", name)

    assert check_policy(policy) == []
    assert uncovered(policy) == ""
