"""What staff read of a refusal: Japanese, without the paths that commands print."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.policy.documents import load_policy
from bot.policy.importing import import_policy
from tests.support.small_policy import MARKDOWN, write_small_policy


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("title: プ", "title: [プ", "構成の先頭（--- ではさんだ部分）に、誤りか不足があります。"),
        ("title: プ", "titel: プ", "構成の先頭（--- ではさんだ部分）の title に、誤りか不足があります。"),
        ("to: 会社情報", "to: 採用情報", "構成の先頭（--- ではさんだ部分）の omitted に、誤りか不足があります。"),
        ("sha256: {sha256}", "sha256: " + "f" * 64, "本文が、構成を作ったときのものと違います。"),
        ("当店は、業務の", "当店は、仕事の", "27行目は構成では「仕事の"),
        ("- 商品の発送", "1. 商品の発送", "22行目に、使えない書き方があります。"),
        ("omitted:", "labels: {{第9条: 九}}\nomitted:", "labels にある条項「第9条」は、この方針にありません。"),
    ],
)
def test_a_structure_that_does_not_fit(tmp_path: Path, before: str, after: str, told: str) -> None:
    assert before in MARKDOWN
    write_small_policy(tmp_path, markdown=MARKDOWN.replace(before, after, 1))

    with pytest.raises(BadInputError) as refusal:
        load_policy(tmp_path, "sakura")

    assert refusal.value.told.startswith(told)
    assert str(tmp_path) not in refusal.value.told


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "policy.txt", "ファイルが空です。"),
        (b" \n", "policy.txt", "ファイルに文字がありません。"),
        (b"a\x00b", "policy.txt", "文字のファイルではありません。文書、HTML、PDFを選んでください。"),
        (b"\xfd\xfd\x81 \xff\xff", "policy.txt", "文字コードを読み取れません。UTF-8 で保存し直してください。"),
        (b"<html><body></body></html>", "policy.html", "ページに文字がありません。"),
        (b"%PDF-1.7 broken", "policy.pdf", "PDFを開けません。壊れているか、パスワードがついています。"),
    ],
)
def test_a_file_that_cannot_be_imported(tmp_path: Path, content: bytes, name: str, told: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(BadInputError) as refusal:
        import_policy(file, policy_id="sakura", controller="さくら", version="2026-01-01", corpus=tmp_path / "corpus")

    assert refusal.value.told == told
