from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy.importing.decoding import decode
from bot.policy.importing.faults import FileCannotBeReadError

TEXT = "個人情報の取扱いについて\r\n株式会社さくらは、①利用目的を定めます。\r\n"
FILE = Path("policy.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_text_comes_out_as_it_was(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), FILE) == TEXT


def test_euc_is_not_taken_for_half_width_katakana() -> None:
    text = TEXT.replace("①", "")

    assert decode(text.encode("euc_jp"), FILE) == text


def test_a_page_is_believed_when_it_names_its_encoding() -> None:
    page = '<meta charset="EUC-JP">ｱｲｳ個人情報'

    assert decode(page.encode("euc_jp"), FILE) == page


def test_the_place_of_the_fault_is_told() -> None:
    with pytest.raises(FileCannotBeReadError, match=r"policy\.txt: neither UTF-8 \(byte 3\)"):
        decode("情".encode() + b"\xff\xff\xa0", FILE)
