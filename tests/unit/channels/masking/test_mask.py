from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from bot.channels.masking.mask import mask, personal_data

_KANA = st.text(alphabet="あいうえおかなテスト漢字、。！ \n", max_size=30)
_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


@pytest.mark.parametrize(
    ("typed", "masked"),
    [
        ("連絡先は taro@example.jp です", "連絡先は ［メールアドレス］ です"),
        ("ＴＡＲＯ＠ｅｘａｍｐｌｅ．ｊｐへ", "［メールアドレス］へ"),
        ("taro.yamada+x @ mail.example.co.jp。", "［メールアドレス］。"),
        ("０９０ー１２３４ー５６７８です", "［電話番号］です"),
        ("09012345678", "［電話番号］"),
        ("03(1234)5678まで", "［電話番号］まで"),
        ("+81 90-1234-5678", "［電話番号］"),
        ("0120-117-117", "［電話番号］"),
        ("カード4111 1111 1111 1111", "カード［カード番号］"),
        ("４１１１−１１１１−１１１１−１１１１", "［カード番号］"),
        ("123456789018", "［マイナンバー］"),
        ("301234567811 です", "［免許証番号］ です"),
        ("免許 301234567899 です", "免許 ［免許証番号］ です"),
        ("マイナンバーは1234-5678-9012", "マイナンバーは［マイナンバー］"),
        ("〒150-0002", "［郵便番号］"),
        ("１５０−０００２に住む", "［郵便番号］に住む"),
        ("a@example.jpとb@example.jp", "［メールアドレス］と［メールアドレス］"),
    ],
)
def test_contact_and_identity_data_is_taken_out(typed: str, masked: str) -> None:
    assert mask(typed).text == masked


@pytest.mark.parametrize(
    "typed",
    [
        "2005年4月1日から",
        "2026-11-23に来店",
        "【2】5．(1) と 2-4-(1)",
        "受付番号 K261123-7F3K-9QXMC の状況",
        "K261123-0120-11711",
        "27条1項5-2号",
        "１２３４５６７円",
        "口座情報は何に使われますか",
        "@だけ、a@b",
    ],
)
def test_everything_else_stays(typed: str) -> None:
    assert mask(typed) == mask(typed, spared=frozenset())
    assert mask(typed).text == typed
    assert mask(typed).sorts == ()


def test_addresses_that_the_policy_prints_stay_however_they_are_written() -> None:
    spared = personal_data("窓口： support@mitsuraku.jp 電話 03-1234-5678")
    for typed in ("support@mitsuraku.jpは", "ＳＵＰＰＯＲＴ＠mitsuraku.jp", "0312345678"):
        assert mask(typed, spared=spared).text == typed
    assert mask("support@mitsuraku.jp.example.com", spared=spared).sorts == ("メールアドレス",)


@given(_KANA, st.from_regex(r"[a-z][a-z0-9]{0,12}@[a-z]{1,10}\.(jp|com|co\.jp)", fullmatch=True), _KANA, st.booleans())
def test_no_address_survives(before: str, address: str, after: str, wide: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    typed = address.translate(_WIDE) if wide else address
    masked = mask(f"{before}{typed}{after}")
    assert typed not in masked.text
    assert masked.text == f"{before}［メールアドレス］{after}"


@given(_KANA, st.integers(10**14, 10**15 - 1), _KANA)
def test_no_card_number_survives(before: str, number: int, after: str) -> None:
    card = f"{number}{luhn.calc_check_digit(str(number))}"
    assert card not in mask(f"{before}{card}{after}").text


@given(st.text(max_size=200))
def test_masking_twice_changes_nothing_more(typed: str) -> None:
    once = mask(typed).text
    assert mask(once).text == once


@given(
    st.text(max_size=200).filter(
        lambda text: not any(c.isdigit() or c in "@＠﹫" for c in unicodedata.normalize("NFKC", text))
    )
)
def test_text_without_digits_and_at_signs_holds_no_contact_data(typed: str) -> None:
    assert set(mask(typed).sorts) <= {"お名前"}
