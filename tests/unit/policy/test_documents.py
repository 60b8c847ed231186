from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.policy.documents import full_id, list_policies, list_versions, load_policy, policy_folder
from bot.policy.faults import PolicyIsUnknownError
from bot.policy.model import Policy
from tests.support.small_policy import ID, MARKDOWN, SOURCE, VERSION, write_small_policy


@pytest.fixture
def small(tmp_path: Path) -> Policy:
    write_small_policy(tmp_path)
    return load_policy(tmp_path, "sakura")


def test_labels_follow_the_general_rule(small: Policy) -> None:
    assert [section.label for section in small.sections] == [
        "プライバシーポリシー",
        "第1条",
        "第2条",
        "第2条-さくら運輸",
        "第2条-もみじ印刷",
        "第2条~2",
        "お問い合わせ",
    ]


def test_text_before_the_first_heading_stands_under_the_title(small: Policy) -> None:
    opening = small.sections[0]

    assert (opening.heading, opening.level) == ("プライバシーポリシー", 0)
    assert [passage.text for passage in opening.passages] == [
        "さくら商店（以下「当店」）は、お客様の情報を次のとおり扱います。"
    ]


def test_a_lead_in_and_its_list_are_one_passage(small: Policy) -> None:
    (passage,) = small.sections[1].passages

    assert [(sentence.role, sentence.text) for sentence in passage.sentences] == [
        ("sentence", "当店は、次の目的で利用します。"),
        ("item", "商品の発送"),
        ("item", "1. お問い合わせへの回答|連絡"),
    ]


def test_a_row_with_several_cells_is_one_passage_named_by_its_key(small: Policy) -> None:
    (passage,) = small.sections[3].passages

    assert passage.heading == "第２条（委託） さくら運輸"
    assert passage.text == "さくら運輸 配送\n集荷 氏名、住所"
    assert [sentence.text for sentence in passage.sentences] == ["さくら運輸", "配送", "集荷", "氏名、住所"]


def test_text_after_a_table_is_no_row(small: Policy) -> None:
    after = small.sections[5]

    assert after.heading == "第２条（委託）"
    assert [passage.text for passage in after.passages] == [
        "委託先は変わることがあります。",
        "保存期間 受注から7年",
    ]
    assert after.passages[1].heading == "第２条（委託） 保存期間"


def test_navigation_and_footer_belong_to_no_section(small: Policy) -> None:
    assert small.section_at(0) is None
    assert small.section_at(len(small.text) - 2) is None
    assert small.passage_at(small.text.index("第１条")) is None
    assert all(small.section_at(passage.start) for passage in small.passages)


def test_what_the_head_says(small: Policy) -> None:
    assert small.effective_date == date(2025, 4, 1)
    assert (small.id, small.version, small.controller) == (ID, VERSION, "さくら商店")


def test_a_long_section_is_cut_between_sentences(tmp_path: Path) -> None:
    sentence = "当店は、お客様の情報を大切に扱い、その取扱いを定めます。"
    long = sentence * 40
    write_small_policy(
        tmp_path,
        source=SOURCE.replace("商品の発送\n", f"商品の発送\n{long}\n"),
        markdown=MARKDOWN.replace("- 商品の発送\n", f"- 商品の発送\n- {long}\n"),
    )
    passages = load_policy(tmp_path, ID).sections[1].passages

    assert len(passages) > 2
    assert all(len(passage.text) <= 450 for passage in passages)
    assert sum(passage.text.count(sentence) for passage in passages) == 40


def test_the_corpus_is_listed(tmp_path: Path, corpus: Path) -> None:
    write_small_policy(tmp_path)

    assert list_policies(tmp_path) == [ID]
    assert list_versions(tmp_path, "sakura") == [VERSION]
    assert policy_folder(tmp_path, ID) == tmp_path / "sakura" / "privacy"
    assert "eparkrelax/privacy" in list_policies(corpus)


def test_the_newest_version_is_read_when_none_is_named(tmp_path: Path) -> None:
    write_small_policy(tmp_path)
    folder = tmp_path / ID
    newer = MARKDOWN.replace("version: 2025-04-01", "version: 2026-04-01")
    (folder / "2026-04-01.txt").write_bytes((folder / f"{VERSION}.txt").read_bytes())
    sha256 = load_policy(tmp_path, ID).sha256
    (folder / "2026-04-01.md").write_text(newer.format(sha256=sha256), encoding="utf-8")

    assert load_policy(tmp_path, ID).version == "2026-04-01"
    assert load_policy(tmp_path, ID, VERSION).version == VERSION


def test_line_ends_of_the_source_count_as_they_are(tmp_path: Path) -> None:
    write_small_policy(tmp_path, source=SOURCE.replace("\n", "\r\n"))
    small = load_policy(tmp_path, ID)

    assert "\r\n" in small.text
    assert "さくら運輸 配送\r\n集荷 氏名、住所" in [passage.text for passage in small.passages]


@pytest.mark.parametrize("policy_id", ["", "a/b/c", "../etc", "Sakura", "さくら"])
def test_an_id_is_lower_case_ascii(policy_id: str) -> None:
    with pytest.raises(PolicyIsUnknownError, match="no policy id"):
        full_id(policy_id)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    write_small_policy(tmp_path)
    (tmp_path / "empty" / "privacy").mkdir(parents=True)

    with pytest.raises(PolicyIsUnknownError, match="holds no policy ume/privacy"):
        load_policy(tmp_path, "ume")
    with pytest.raises(PolicyIsUnknownError, match="has no version '1999'; there are 2025-04-01"):
        load_policy(tmp_path, ID, "1999")
    with pytest.raises(PolicyIsUnknownError, match="holds no version"):
        load_policy(tmp_path, "empty")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("controller: さくら商店\n", "", r"front matter: controller: Field required"),
        ("policy: sakura/privacy", "policy: ume/privacy", r"policy: it is ume/privacy, the folder says sakura/privacy"),
        ("version: 2025-04-01", "version: 2020-01-01", r"version: it is 2020-01-01, the file's name says 2025-04-01"),
        ("title: プ", "title: [プ", r"front matter: while parsing"),
        ("---\ncontroller", "controller", r"front matter: there is none"),
        ("sha256: {sha256}", "sha256: " + "f" * 64, r"2025-04-01\.txt: sha256 is "),
        ("omitted:", "labels: {{第9条: 九}}\nomitted:", r"no section is labelled '第9条'; there are プライバシー"),
        ("to: 会社情報", "to: 採用情報", r"omitted: the source does not say 「採用情報」"),
        (
            "当店は、業務の",
            "当店は、仕事の",
            r"\.md:27: the Markdown says 「仕事の.* where the source says 「業務の",
        ),
        ("委託先は次の", "委託先は下の", r"\.md:28: the Markdown says 「下の"),
        ("- 商品の発送\n", "", r"\.md:22: the Markdown says 「1\. お問い合わせ"),
        ("1\\\\. お", "1. お", r"\.md:2\d: "),
        ("- 商品の発送", "1. 商品の発送", r"\.md:22: an ordered list draws its own numbers"),
        ("**さくら運輸**", "<b>さくら運輸</b>", r"\.md:32: html inline cannot be aligned"),
        ("## お問い合わせ", "<hr>\n\n## お問い合わせ", r"\.md:40: html block cannot be aligned"),
        ("- 商品の発送", "- > 商品の発送", r"\.md:22: blockquote cannot be aligned"),
    ],
)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, before: str, after: str, message: str) -> None:
    before = before.replace("\\\\", "\\")
    assert before in MARKDOWN
    write_small_policy(tmp_path, markdown=MARKDOWN.replace(before, after, 1))

    with pytest.raises(BadInputError, match=message):
        load_policy(tmp_path, ID)


def test_a_missing_or_unreadable_source_is_told(tmp_path: Path) -> None:
    path = write_small_policy(tmp_path).with_suffix(".txt")
    path.unlink()

    with pytest.raises(PolicyIsUnknownError, match="is missing: every version has its source text"):
        load_policy(tmp_path, ID)


@pytest.mark.parametrize("suffix", [".md", ".txt"])
def test_a_file_in_another_encoding_is_told(tmp_path: Path, suffix: str) -> None:
    markdown = write_small_policy(tmp_path)
    other = SOURCE.encode("cp932", errors="ignore")
    known = hashlib.sha256(markdown.with_suffix(".txt").read_bytes()).hexdigest()
    markdown.write_text(
        markdown.read_text(encoding="utf-8").replace(known, hashlib.sha256(other).hexdigest()), encoding="utf-8"
    )
    markdown.with_suffix(suffix).write_bytes(other)

    with pytest.raises(BadInputError, match=rf"2025-04-01\{suffix}: not UTF-8 \(byte 0\)"):
        load_policy(tmp_path, ID)
