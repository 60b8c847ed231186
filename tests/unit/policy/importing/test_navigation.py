from __future__ import annotations

import pytest

from bot.policy.check import check_policy
from bot.policy.importing.navigation import is_anchor, is_menu
from tests.unit.policy.importing.conftest import ImportText

BODY = "プライバシーポリシー\n当社は、個人情報を守ります。\n"


@pytest.mark.parametrize(
    "words", ["▲ページトップへ", "このページの先頭へ", "Copyright (C) 2024 Sakura", "© さくら", "TOPへ戻る"]
)
def test_ways_back_and_copyrights(words: str) -> None:
    assert is_anchor(words)


@pytest.mark.parametrize("words", ["著作権について", "ページトップへ戻るボタンは右下にあります。"])
def test_words_about_them_are_none(words: str) -> None:
    assert not is_anchor(words)


@pytest.mark.parametrize("words", ["ホーム 会社概要 採用情報", "ホーム > 規約 > 方針", "外来｜入院｜健診｜アクセス"])
def test_menus(words: str) -> None:
    assert is_menu(words)


@pytest.mark.parametrize("words", ["氏名 住所 電話番号", "利用目的", "お問い合わせはこちらへお願いします。"])
def test_lists_of_a_policy_are_no_menus(words: str) -> None:
    assert not is_menu(words)


def left_out(import_text: ImportText, text: str) -> list[str]:
    policy = import_text(text).policy
    return [policy.text[start:end] for start, end in policy.omitted]


def test_menus_above_the_title_go(import_text: ImportText) -> None:
    assert left_out(import_text, f"トップ > 方針\nログイン カート ヘルプ\n{BODY}") == [
        "トップ > 方針\nログイン カート ヘルプ"
    ]


def test_contacts_above_a_copyright_stay(import_text: ImportText) -> None:
    text = f"{BODY}お問い合わせ\n電話：000-555-0100\n© さくら\n"

    assert left_out(import_text, text) == ["© さくら"]


def test_what_is_said_below_a_copyright_stays(import_text: ImportText) -> None:
    text = f"{BODY}会社概要　採用情報　サイトマップ\n© さくら\n関連サイト\nご注意\n番号は確認のために使います。\n"

    assert left_out(import_text, text) == ["会社概要　採用情報　サイトマップ\n© さくら\n関連サイト"]


def test_a_page_of_nothing_but_links_is_kept_whole(import_text: ImportText) -> None:
    assert left_out(import_text, "ホーム\n会社概要\n© さくら\n") == []


def test_an_item_does_not_go_on_over_what_was_left_out(import_text: ImportText) -> None:
    policy = import_text("【1】; COPYRIGHT 0 【 々 々").policy

    assert check_policy(policy) == []


def test_what_cannot_be_declared_stays_and_is_reported(import_text: ImportText) -> None:
    text = f"{BODY}次の語は「サイトマップ 会社概要 採用情報」です。\nサイトマップ 会社概要 採用情報\n"

    imported = import_text(text)

    assert imported.policy.omitted == ()
    assert "kept since the same words stand before it" in imported.doubts[0].reason
