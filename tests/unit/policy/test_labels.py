from __future__ import annotations

import pytest

from bot.policy.labels import numbered_apart, read_heading, shown_name, slug


@pytest.mark.parametrize(
    ("text", "number", "words"),
    [
        ("【1】個人情報の保護", "1", "個人情報の保護"),
        ("1.個人情報の利用目的", "1", "個人情報の利用目的"),
        ("2. 共同利用", "2", "共同利用"),
        ("５．開示等の手続き", "5", "開示等の手続き"),
        ("（1） 基本方針の策定", "(1)", "基本方針の策定"),
        ("(9)", "(9)", ""),
        ("第１０条（利用目的）", "第10条", "（利用目的）"),
        ("第 三 章 委託", "第三章", "委託"),
        ("2.1 収集する情報", "2.1", "収集する情報"),
        ("１－２．収集する情報", "1-2", "収集する情報"),
        ("3）保存期間", "3", "保存期間"),
        ("４ 窓口", "4", "窓口"),
        ("③ 提供先", "3", "提供先"),
        ("Ⅱ．安全管理", "II", "安全管理"),
        ("一、総則", "一", "総則"),
        ("Ａ．収集する情報", "A", "収集する情報"),
        ("ア、氏名", "ア", "氏名"),
        ("U.S. の法律", "", "U.S. の法律"),
        ("2023年の改定", "", "2023年の改定"),
        ("一般的な事項", "", "一般的な事項"),
        ("（株）さくらの窓口", "", "（株）さくらの窓口"),
        ("お問い\n 合わせ", "", "お問い 合わせ"),
    ],
)
def test_a_heading_is_taken_apart(text: str, number: str, words: str) -> None:
    heading = read_heading(text)

    assert (heading.number, heading.words) == (number, words)


def test_a_heading_without_number_is_its_words_in_labels() -> None:
    assert read_heading("ＩＤ と　パスワード").label == slug("ID と パスワード") == "ID_と_パスワード"


def test_a_name_has_the_outer_numbers() -> None:
    outer = [read_heading("【2】取扱い"), read_heading("4．安全管理")]

    assert shown_name(outer, read_heading("（3） 組織的措置")) == "【2】4．（3） 組織的措置"


def test_a_mere_number_is_named_after_the_heading_above() -> None:
    assert shown_name([read_heading("【1】考え方")], read_heading("(2)")) == "【1】考え方 (2)"
    assert shown_name([], read_heading("(2)")) == "(2)"


def test_the_same_label_again_is_told_apart() -> None:
    assert numbered_apart(["1", "2", "1", "1"]) == ["1", "2", "1~2", "1~3"]


def test_a_heading_that_looks_numbered_apart_gets_a_label_of_its_own() -> None:
    assert numbered_apart(["1", "1", "1~2", "1~2"]) == ["1", "1~2", "1~2~2", "1~2~3"]
