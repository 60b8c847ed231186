from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.register.typed_lines import read_email, read_phone, read_postal_code


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("taro@example.co.jp", "taro@example.co.jp"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "taro@example.com"),
        ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
        ("abc.@ezweb.ne.jp", '"abc."@ezweb.ne.jp'),
        (".abc@docomo.ne.jp", '".abc"@docomo.ne.jp'),
        ('"a..b"@docomo.ne.jp', '"a..b"@docomo.ne.jp'),
        ('"ab"@docomo.ne.jp', "ab@docomo.ne.jp"),
        ("taro@", None),
        ("...@docomo.ne.jp", None),
        ("a b@example.com", None),
        ('"a"b"@example.com', None),
        ("a\r\nBcc: x@example.com", None),
        ("a@b@c.jp", None),
    ],
)
def test_addresses(typed: str, kept: str | None) -> None:
    assert read_email(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("０３－１２３４－５６７８", "03-1234-5678"),
        ("03(1234)5678", "03-1234-5678"),
        ("０９０ー１２３４ー５６７８", "090-1234-5678"),
        ("09012345678", "090-1234-5678"),
        ("+81 90 1234 5678", "090-1234-5678"),
        ("050-3123-4567", "050-3123-4567"),
        ("0120-444-444", "0120-444-444"),
        ("+1 650-253-0000", "+1 650-253-0000"),
        ("110", None),
        ("090-1234", None),
        ("電話なし", None),
        ("", None),
    ],
)
def test_phone_numbers(typed: str, kept: str | None) -> None:
    assert read_phone(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("100-0001", "100-0001"),
        ("〒１００－０００１", "100-0001"),
        ("1000001", "100-0001"),
        ("100ー0001", "100-0001"),
        ("100-001", None),
        ("SW1A 1AA", None),
    ],
)
def test_postal_codes(typed: str, kept: str | None) -> None:
    assert read_postal_code(typed) == kept


@given(st.text())
def test_whatever_is_typed_is_read_or_not(typed: str) -> None:
    for read in (read_email, read_phone, read_postal_code):
        kept = read(typed)
        assert kept is None or "\n" not in kept
