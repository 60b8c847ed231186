from __future__ import annotations

from tests.unit.policy.importing.conftest import ImportText


def rows(import_text: ImportText, text: str) -> list[list[str]]:
    policy = import_text(text).policy
    found: dict[int, list[str]] = {}
    for block in policy.blocks:
        if block.kind in {"header", "key", "cell"}:
            found.setdefault(block.group, []).append(policy.text[block.start : block.end])
    return list(found.values())


def flattened(*lines: str) -> str:
    return " ".join(
        [
            "プライバシーポリシー",
            "株式会社さくら（以下「当社」という。）は、情報を守ります。",
            "1. 利用目的",
            *lines,
            "2. 窓口",
            "電話で承ります。",
        ]
    )


def test_purposes_of_a_flattened_table_belong_to_the_key_before_them(import_text: ImportText) -> None:
    text = flattened(
        *(
            "次の目的で利用します。",
            "情報の種類",
            "利用目的",
            "会員の情報",
            "（家族を含む）",
            "本人確認のため",
            "発送のため",
        ),
        *("なお、発送は国内に限ります。", "口座の情報", "返金のため"),
    )

    assert rows(import_text, text) == [
        ["情報の種類", "利用目的"],
        ["会員の情報", "（家族を含む）", "本人確認のため", "発送のため", "なお、発送は国内に限ります。"],
        ["口座の情報", "返金のため"],
    ]


def test_a_table_that_is_announced_alternates(import_text: ImportText) -> None:
    text = flattened(
        *(
            "次の表のとおりです。",
            "取得する情報",
            "利用目的",
            "写真",
            "本人の確認、会員証の作成",
            "履歴",
            "おすすめの表示、統計",
        ),
        "ほかには使いません。",
    )

    assert rows(import_text, text)[1:] == [["写真", "本人の確認、会員証の作成"], ["履歴", "おすすめの表示、統計"]]


def test_words_that_do_not_alternate_are_items(import_text: ImportText) -> None:
    text = flattened("次の表のとおりです。", "取得する情報", "利用目的", "写真", "ほかには使いません。")

    assert rows(import_text, text) == []


def test_rows_parted_by_wide_gaps_are_a_table(import_text: ImportText) -> None:
    text = "プライバシーポリシー\n次のとおりです。\n委託先　　業務\nさくら運輸　　配送\nもみじ印刷\t印刷\n以上です。\n"

    assert rows(import_text, text) == [["委託先", "業務"], ["さくら運輸", "配送"], ["もみじ印刷", "印刷"]]


def test_one_gap_is_no_table(import_text: ImportText) -> None:
    assert rows(import_text, "プライバシーポリシー\n代表　　山田\n当社は守ります。\n") == []
