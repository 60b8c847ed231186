from __future__ import annotations

import pytest

from bot.policy.importing.titles import (
    is_document_title,
    is_plain_title,
    is_sentence,
    is_term,
    is_title,
    mark_of,
    title_length,
)


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("当社は、個人情報を守ります。", True),
        ("お問い合わせください", True),
        ("対象サービスの履歴（通信の秘密に触れる場合は除く。）", False),
        ("（土日を除きます。）", True),
        ("利用目的", False),
    ],
)
def test_sentences_are_told_from_words(text: str, *, is_it: bool) -> None:
    assert is_sentence(text) is is_it


@pytest.mark.parametrize(
    "words", ["利用目的", "はじめに", "自動的に", "広告SDK", "Cookie 等の利用について", "会社の変更（合併など）"]
)
def test_words_that_can_follow_a_number_as_heading(words: str) -> None:
    assert is_title(words)


@pytest.mark.parametrize(
    "words",
    ["", "当社は", "氏名、", "住所、氏名、電話番号、年齢", "電話：000-555-0100", "2024年4月1日", "お願いします"],
)
def test_words_that_cannot(words: str) -> None:
    assert not is_title(words)


@pytest.mark.parametrize(
    ("words", "is_it"),
    [
        ("お問い合わせについて", True),
        ("個人情報の第三者提供", True),
        ("開示等の手続き（有料）", True),
        ("株式会社さくらの利用目的", False),
        ("業者　目的", False),
        ("担当　山田", False),
    ],
)
def test_a_line_without_any_mark_has_to_read_like_a_heading(words: str, *, is_it: bool) -> None:
    assert is_plain_title(words) is is_it


def test_known_terms() -> None:
    assert is_term("共同して利用する個人データの項目")
    assert is_term("個人データの管理について責任を有する者の名称、住所")
    assert not is_term("共同利用")


def test_names_of_policies() -> None:
    assert is_document_title("お客様の個人情報の取り扱いについて")
    assert not is_document_title("トップ > プライバシーポリシー")
    assert not is_document_title("会社概要")


def test_marks_and_frames() -> None:
    assert [mark_of(words) for words in ("■目的", "【目的】以下", "目的", "■")] == ["■", "【", "", ""]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("共同利用 当社は、次のとおり共同利用します。", "共同利用"),
        ("Cookie の利用について 当サイトは Cookie を使います。", "Cookie の利用について"),
        ("カメラ 撮影した画像は送りません。", "カメラ"),
        ("第三者提供当社は、提供しません。", "第三者提供"),
        ("写真の保管についてお客様の写真は、三年間保管します。", "写真の保管について"),
        ("当社は、同意なく提供しません。", ""),
        ("個人情報を取得するときは、目的を明示し、適法に取得します。", ""),
        ("お客様の 情報を守ります。", ""),
    ],
)
def test_a_heading_ends_where_its_sentence_begins(text: str, heading: str) -> None:
    length, _ = title_length(text, is_article=False)

    assert text[:length] == heading


def test_the_bracket_is_the_heading_of_an_article() -> None:
    text = "（目的）　当社は、次の目的で利用します。"

    assert title_length(text, is_article=True) == (4, False)
