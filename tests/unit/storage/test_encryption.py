from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.errors import BadInputError
from bot.settings import Settings
from bot.storage.encryption import SealIsBrokenError, Vault

VAULT = Vault(b"e" * 32, b"h" * 32)
PLACE = {"table": "contact", "row": "r1", "column": "sealed_name"}
KEY = base64.b64encode(b"k" * 32).decode()


@given(st.text(alphabet=st.characters()))
def test_what_is_sealed_can_be_opened(plain: str) -> None:
    assert VAULT.open(VAULT.seal(plain, **PLACE), **PLACE) == plain


def test_half_an_emoji_is_kept() -> None:
    assert VAULT.open(VAULT.seal("\ud83d", **PLACE), **PLACE) == "\ud83d"
    assert VAULT.keyed_hash("\ud83d", purpose="email")


def test_the_same_text_is_never_sealed_the_same() -> None:
    assert len({VAULT.seal("山田", **PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("other", [{"table": "request"}, {"row": "r2"}, {"column": "sealed_email"}])
def test_a_ciphertext_is_worthless_elsewhere(other: dict[str, str]) -> None:
    with pytest.raises(SealIsBrokenError):
        VAULT.open(VAULT.seal("山田", **PLACE), **{**PLACE, **other})


@given(st.data())
def test_a_changed_ciphertext_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal("山田花子", **PLACE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(SealIsBrokenError):
        VAULT.open(bytes(sealed), **PLACE)


@pytest.mark.parametrize("length", [0, 5, 12, 27])
def test_a_cut_ciphertext_is_noticed(length: int) -> None:
    with pytest.raises(SealIsBrokenError):
        VAULT.open(VAULT.seal("山田花子", **PLACE)[:length], **PLACE)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SealIsBrokenError):
        Vault(b"x" * 32, b"h" * 32).open(VAULT.seal("山田", **PLACE), **PLACE)


def test_hashes_differ_by_value_purpose_and_key() -> None:
    hashes = {
        VAULT.keyed_hash("a", purpose="email"),
        VAULT.keyed_hash("b", purpose="email"),
        VAULT.keyed_hash("a", purpose="member"),
        Vault(b"e" * 32, b"x" * 32).keyed_hash("a", purpose="email"),
    }

    assert len(hashes) == 4
    assert VAULT.keyed_hash("a", purpose="email") in hashes


@pytest.mark.parametrize("key", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_an_unusable_key_is_named_without_its_value(key: str) -> None:
    given_settings = Settings(encryption_key=SecretStr(key), hash_key=SecretStr(KEY))

    with pytest.raises(BadInputError, match="MADOGUCHI_ENCRYPTION_KEY") as caught:
        Vault.from_settings(given_settings)
    assert not key or key not in str(caught.value)
