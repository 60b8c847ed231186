"""Whole small policies of several styles: their sections, and what the reader of the report is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy.importing import Imported
from bot.policy.model import Policy
from tests.unit.policy.importing.conftest import FIXTURES, Import

SECTIONS = {
    "articles.txt": [
        *("第一章", "第一章-第1条", "第一章-第2条", "第二章", "第二章-第3条", "第二章-第4条", "附則"),
    ],
    "dotted.txt": ["1", "2", "2-2.1", "2-2.2", "2-2.2-2.2.1", "2-2.2-2.2.2", "4"],
    "flattened.txt": ["個人情報の取扱いについて", "1", "2", "3", "4", "4-(1)", "4-(2)", "5", "湯あたりにご注意"],
    "glued.txt": ["プライバシーポリシー", "1", "2", "3-0", "3-(1)", "3-(2)", "4"],
    "marked.md": ["プライバシーポリシー", "利用目的", "利用目的-貸出し", "利用目的-予約", "問い合わせ"],
    "page.html": ["プライバシーポリシー", "1", "1-処方箋", "1-お薬手帳", "2", "2-(1)", "2-(1)-お断りの方法", "3"],
    "roman.txt": ["I", "I-A", "I-B", "II", "III"],
    "symbols.txt": [
        *("■プライバシーポリシー■", "●お預かりするもの", "●使いみち-0", "●使いみち-【お渡しするとき】"),
        *("●使いみち-【お渡しするとき】-もくれん印刷", "●使いみち-【お渡しするとき】-ひばり運送"),
        "お問い合わせについて",
    ],
    "wrapped.txt": ["個人情報の取扱いについて", "1", "2", "3"],
}


def omitted(policy: Policy) -> list[str]:
    return [policy.text[start:end] for start, end in policy.omitted]


def kinds(imported: Imported) -> set[str]:
    return {doubt.kind for doubt in imported.doubts}


def quoted(policy: Policy, label: str) -> list[str]:
    return [
        " ".join(sentence.text.split()) for sentence in policy.sentences if sentence.passage_id.startswith(f"{label}/")
    ]


def test_every_fixture_is_looked_at() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == set(SECTIONS)


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_the_sections_are_those_a_reader_finds(import_file: Import, name: str) -> None:
    assert [section.label for section in import_file(FIXTURES / name).policy.sections] == SECTIONS[name]


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_importing_again_gives_the_same_bytes(import_file: Import, name: str) -> None:
    once, twice = (import_file(FIXTURES / name) for _ in range(2))

    assert [path.read_bytes() for path in once.files] == [path.read_bytes() for path in twice.files]


@pytest.mark.parametrize("name", ["articles.txt", "symbols.txt", "wrapped.txt", "flattened.txt"])
def test_plain_text_is_kept_byte_for_byte(import_file: Import, name: str) -> None:
    text, _ = import_file(FIXTURES / name).files

    assert text.read_bytes() == (FIXTURES / name).read_bytes()


@pytest.mark.parametrize(("name", "kept"), [("page.html", ".html"), ("marked.md", ".markdown")])
def test_a_page_is_kept_beside_its_text(import_file: Import, name: str, kept: str) -> None:
    _, original, _ = import_file(FIXTURES / name).files

    assert original.suffix == kept
    assert original.read_bytes() == (FIXTURES / name).read_bytes()


def test_a_reference_at_the_start_of_a_line_is_no_heading(import_file: Import) -> None:
    policy = import_file(FIXTURES / "articles.txt").policy

    assert quoted(policy, "第二章-第3条")[-1] == "第２条第２項の個人情報は、広告には利用しない。"


def test_short_numbered_lines_are_items_of_their_lead_in(import_file: Import) -> None:
    policy = import_file(FIXTURES / "articles.txt").policy
    section = policy.section("第二章-第3条")

    assert section is not None
    assert len(section.passages) == 1
    assert [sentence.role for sentence in section.passages[0].sentences] == ["sentence", "item", "item", "sentence"]


def test_a_gap_in_the_numbers_is_reported_with_its_line(import_file: Import) -> None:
    imported = import_file(FIXTURES / "dotted.txt")

    lines = [doubt.line_in(imported.policy.text) for doubt in imported.doubts]
    assert lines == ["line 12, character 186: numbering: the numbering jumps from 2 to 4: 4 変更"]


def test_a_flattened_page_loses_menu_and_foot_but_no_note_after_them(import_file: Import) -> None:
    policy = import_file(FIXTURES / "flattened.txt").policy

    head, foot = omitted(policy)
    assert head == "みかさ温泉 ホーム ご宿泊 日帰り入浴 アクセス ご予約"
    assert foot.startswith("ページトップへ")
    assert foot.endswith("All Rights Reserved.")
    assert quoted(policy, "湯あたりにご注意") == ["※長湯の後は水分をおとりください。"]


def test_a_flattened_list_and_definitions_are_taken_apart_and_reported(import_file: Import) -> None:
    imported = import_file(FIXTURES / "flattened.txt")

    assert quoted(imported.policy, "1")[1:] == ["宿泊の受付のため", "お食事の用意のため", "忘れ物のご連絡のため"]
    terms = [block for block in imported.policy.blocks if block.kind == "term"]
    assert len(terms) == 3
    assert kinds(imported) == {"navigation", "list"}


def test_a_quoted_number_in_a_flattened_page_is_no_heading(import_file: Import) -> None:
    policy = import_file(FIXTURES / "flattened.txt").policy

    assert "「１．利用目的」に定めるとおりです。" in quoted(policy, "2")[-1]


def test_headings_that_run_on_are_cut_and_reported(import_file: Import) -> None:
    imported = import_file(FIXTURES / "glued.txt")

    headings = [
        imported.policy.text[block.start : block.end] for block in imported.policy.blocks if block.kind == "heading"
    ]
    assert headings[:2] == ["1.個人情報の利用目的", "2.第三者提供について"]
    assert kinds(imported) == {"heading"}


def test_tables_of_text_keep_their_header_and_keys(import_file: Import) -> None:
    imported = import_file(FIXTURES / "symbols.txt")
    blocks = imported.policy.blocks

    assert [imported.policy.text[block.start : block.end] for block in blocks if block.kind == "header"] == [
        *("業者", "渡すもの", "目的"),
    ]
    assert kinds(imported) == {"table"}


def test_lines_of_a_margin_are_one_sentence(import_file: Import) -> None:
    assert quoted(import_file(FIXTURES / "wrapped.txt").policy, "1")[0].replace(" ", "") == (
        "当組合は、預金と融資の受付、契約の管理、そして市場の調査のために、皆さまの個人情報を利用します。"
    )


def test_a_page_gives_tables_lists_and_definitions(import_file: Import) -> None:
    policy = import_file(FIXTURES / "page.html").policy

    assert quoted(policy, "1-お薬手帳") == ["お薬手帳", "飲み合わせの確認", "副作用の確認"]
    assert [policy.text[block.start : block.end] for block in policy.blocks if block.kind == "term"] == [
        "責任者",
        "電話",
    ]
    assert "いちょう薬局株式会社は、患者さまの情報を <秘密> として扱います & 守ります。" in policy.text
    assert "document.write" not in policy.text


def test_a_sentence_in_the_foot_of_a_page_stays(import_file: Import) -> None:
    policy = import_file(FIXTURES / "page.html").policy

    assert omitted(policy)[1:] == ["会社概要", "© 2025 Icho"]
    assert quoted(policy, "3")[-1] == "当薬局は、電話での営業を行いません。"


def test_markdown_says_the_numbers_of_its_lists(import_file: Import) -> None:
    policy = import_file(FIXTURES / "marked.md").policy

    assert quoted(policy, "利用目的")[:2] == ["1. 貸出しの管理", "2. 予約のお知らせ"]
    assert "**" not in policy.text
    assert Path(policy.source).name == "marked.md"
