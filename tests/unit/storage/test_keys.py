"""What is sealed names its key: keys change, what was sealed before names is still opened, nothing tells a key."""

from __future__ import annotations

import base64
import os

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.errors import BadInputError
from bot.settings import Settings
from bot.storage.encryption import KeyIsUnknownError, SealIsBrokenError, Vault
from bot.storage.keyring import BY_SETTINGS, HEADER_BYTES, Key, Keyring, header_of, new_key

_TRIES = int(os.environ.get("MADOGUCHI_PROOF_MOVES", "300"))
_SEALS = int(os.environ.get("MADOGUCHI_PROOF_SEALS", "20000"))

_BEFORE, _NOW, _HASH = b"b" * 32, b"n" * 32, b"h" * 32
_PLACE = {"table": "contact", "row": "r1", "column": "sealed_name"}
_BOUND = b"contact\x00r1\x00sealed_name"
_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
_PLACES = st.fixed_dictionaries({"table": _WORDS, "row": _WORDS, "column": _WORDS})


def _headless(plain: str, key: bytes = _NOW, nonce: bytes = b"\x01" * 12) -> bytes:
    return nonce + Key(key)._cipher.encrypt(nonce, plain.encode(), _BOUND)


@settings(max_examples=_TRIES, deadline=None)
@given(plain=st.binary(max_size=64), here=_PLACES, there=_PLACES)
def test_a_ciphertext_opens_at_its_place_and_at_no_other(
    plain: bytes, here: dict[str, str], there: dict[str, str]
) -> None:
    assume(here != there)
    vault = Vault(_NOW, _HASH, keys_before=[_BEFORE])
    sealed = vault.seal_bytes(plain, **here)

    assert vault.open_bytes(sealed, **here) == plain
    with pytest.raises(SealIsBrokenError):
        vault.open_bytes(sealed, **there)


def test_no_nonce_comes_twice() -> None:
    key = Key(_NOW)
    nonces = {key.seal(b"", b"")[HEADER_BYTES : HEADER_BYTES + 12] for _ in range(_SEALS)}

    assert len(nonces) == _SEALS


def test_what_another_key_sealed_opens_while_that_key_is_set() -> None:
    sealed = Vault(_BEFORE, _HASH).seal("山田", **_PLACE)

    assert Vault(_NOW, _HASH, keys_before=[_BEFORE]).open(sealed, **_PLACE) == "山田"
    with pytest.raises(KeyIsUnknownError, match="sealed with a key that is not set"):
        Vault(_NOW, _HASH).open(sealed, **_PLACE)


def test_a_key_before_seals_nothing() -> None:
    vault = Vault(_NOW, _HASH, keys_before=[_BEFORE])

    assert header_of(vault.seal("山田", **_PLACE)) == Key(_NOW).header


@pytest.mark.parametrize("key", [_BEFORE, _NOW])
@pytest.mark.parametrize("begins", [b"\x00", b"\x01", b"\x02"])
def test_what_has_no_header_still_opens_whatever_its_nonce_begins_with(key: bytes, begins: bytes) -> None:
    vault = Vault(_NOW, _HASH, keys_before=[_BEFORE])
    sealed = _headless("山田", key, (begins + b"n" * 12)[:12])

    assert vault.open(sealed, **_PLACE) == "山田"
    assert vault.reseal(sealed, **_PLACE)[:HEADER_BYTES] == Key(_NOW).header


def test_what_has_no_header_and_is_moved_does_not_open() -> None:
    with pytest.raises(SealIsBrokenError):
        Vault(_NOW, _HASH).open(_headless("山田"), **{**_PLACE, "row": "r2"})


def test_the_header_cannot_be_changed_into_that_of_another_key() -> None:
    vault = Vault(_NOW, _HASH, keys_before=[_BEFORE])
    sealed = vault.seal("山田", **_PLACE)

    with pytest.raises(SealIsBrokenError):
        vault.open(Key(_BEFORE).header + sealed[HEADER_BYTES:], **_PLACE)


def test_ids_tell_keys_apart_and_nothing_tells_a_key() -> None:
    vault, text = Vault(_NOW, _HASH, keys_before=[_BEFORE]), repr(Keyring(_NOW, [_BEFORE]).current)

    assert Key(_NOW).header[:1] == BY_SETTINGS
    assert Key(_NOW).header != Key(_BEFORE).header
    assert Key(_NOW).name in text
    for told in (text, repr(vault), repr(list(vault.keyring))):
        assert "nnnn" not in told
        assert _NOW.hex() not in told


def test_keys_come_from_the_settings() -> None:
    now, before, older = new_key(), new_key(), new_key()
    configured = Settings(
        _env_file=None,
        encryption_key=SecretStr(now),
        encryption_keys_before=SecretStr(f"{before}  {older}"),
        hash_key=SecretStr(new_key()),
    )
    vault = Vault.from_settings(configured)

    for key in (now, before, older):
        assert vault.open(_headless("山田", base64.b64decode(key)), **_PLACE) == "山田"


def test_an_unusable_key_before_is_named_without_its_value() -> None:
    configured = Settings(
        _env_file=None,
        encryption_key=SecretStr(new_key()),
        encryption_keys_before=SecretStr("c2hvcnQ="),
        hash_key=SecretStr(new_key()),
    )

    with pytest.raises(BadInputError, match="MADOGUCHI_ENCRYPTION_KEYS_BEFORE") as caught:
        Vault.from_settings(configured)
    assert "c2hvcnQ" not in str(caught.value)
