from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.staff import passwords
from bot.staff.passwords import PasswordIsWeakError, check
from tests.support.staff_people import PASSWORD

KNOWN = ("sato", "佐藤花子", "hanako.sato@example.jp")


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "窓の外に象が三頭いる朝だった。", "correct horse battery staple", "x7愛知みかん坂道と青い九官鳥"],
)
def test_long_and_unlikely_ones_are_taken_whatever_their_characters(password: str) -> None:
    check(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "123456789012345",
        "qwertyuiopasdfghj",
        "aaaaaaaaaaaaaaaaaaaa",
        "letmeinletmeinletmein",
        "satosatosatosato",
        "hanakohanakohanako",
        "madoguchi1234567",
        "ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ",
        "a" * 150,
    ],
)
def test_common_ones_and_those_made_of_the_persons_own_facts_are_refused(password: str) -> None:
    with pytest.raises(PasswordIsWeakError, match="推測されやすい"):
        check(password, KNOWN)


@pytest.mark.parametrize(("password", "why"), [("Kx9!vqpLm2#rTz", "15文字以上"), ("ab7" * 70, "200文字以内")])
def test_short_and_endless_ones_are_refused(password: str, why: str) -> None:
    with pytest.raises(PasswordIsWeakError, match=why) as raised:
        check(password, KNOWN)
    assert password not in str(raised.value)


def test_only_the_password_itself_matches_its_hash() -> None:
    stored = passwords.hash_of(PASSWORD)

    assert stored.startswith("$argon2id$")
    assert passwords.matches(PASSWORD, stored)
    assert not passwords.matches(PASSWORD + " ", stored)
    assert passwords.hash_of(PASSWORD) != stored
    assert not passwords.is_outdated(stored)


def test_without_a_hash_the_same_work_is_done_for_nothing() -> None:
    assert not passwords.matches("of nobody at all", None)
    assert not passwords.matches(PASSWORD, "no hash")


@given(text=st.text(min_size=1, max_size=20))
@hypothesis_settings(max_examples=5)
def test_another_keyboards_spelling_is_the_same_password(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert passwords.matches(unicodedata.normalize("NFKC", decomposed), passwords.hash_of(decomposed))
