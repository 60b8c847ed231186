"""Keys by their ids: what is sealed says at its head which key opens it, so that keys can change while serving."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import BadInputError, MadoguchiError

KEY_BYTES = 32
BY_SETTINGS = b"\x01"
BY_PERIOD = b"\x02"
"""The first byte of what is sealed: with a key of the settings, or with one of a table's day."""

HEADER_BYTES = 9
_ID_BYTES = HEADER_BYTES - 1
_LABEL = b"madoguchi key id\x00"
_NONCE_BYTES = 12


class SealIsBrokenError(MadoguchiError):
    """A ciphertext was changed, moved to another row or column, or sealed with another key."""


class KeyIsUnknownError(SealIsBrokenError):
    """It was sealed with a key that is not set: one that was taken out too early, or destroyed on purpose."""


class Key:
    """One key of AES-256-GCM. Sealed is header, nonce, ciphertext; the header is authenticated with the place.

    A nonce is 96 random bits, which NIST SP 800-38D (8.3) allows for 2**32 values under one key.
    """

    def __init__(self, secret: bytes, kind: bytes = BY_SETTINGS) -> None:
        self.header = kind + hashlib.sha256(_LABEL + secret).digest()[:_ID_BYTES]
        self._cipher = AESGCM(secret)

    def __repr__(self) -> str:
        return f"Key({self.name})"

    @property
    def name(self) -> str:
        """Its id as people read it; it tells nothing of the key."""
        return name_of(self.header)

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Encrypts for exactly this place."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.header + nonce + self._cipher.encrypt(nonce, plain, self.header + place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Decrypts what this key sealed for this place.

        Raises:
            InvalidTag: it did not.
            ValueError: it is too short to be sealed.
        """
        nonce_ends = HEADER_BYTES + _NONCE_BYTES
        return self._cipher.decrypt(sealed[HEADER_BYTES:nonce_ends], sealed[nonce_ends:], self.header + place)

    def open_headless(self, sealed: bytes, place: bytes) -> bytes:
        """Decrypts what was sealed before there were headers; raises as `open` does."""
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)


class Keyring:
    """The keys of the settings: the current one seals, those before it only open."""

    def __init__(self, current: bytes, before: Sequence[bytes] = ()) -> None:
        self.current = Key(current)
        self._keys = {key.header: key for key in (self.current, *map(Key, before))}

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys.values())

    def get(self, header: bytes) -> Key | None:
        """The key of this header, if it is set."""
        return self._keys.get(header)


def header_of(sealed: bytes) -> bytes | None:
    """The header of something sealed; None where it can have none. What was sealed before headers may look like one."""
    return sealed[:HEADER_BYTES] if sealed[:1] in (BY_SETTINGS, BY_PERIOD) else None


def name_of(header: bytes) -> str:
    """The id in a header as people read it."""
    return header[1:].hex()


def read_key(name: str, text: str) -> bytes:
    """A key as the environment holds it.

    Raises:
        BadInputError: it is not the base64 of 32 bytes; the message has the name of the variable, never its value.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadInputError(f"{name} is not set to the base64 of {KEY_BYTES} bytes (`madoguchi keys new` prints one)")
    return key


def new_key() -> str:
    """A fresh key as the environment holds it."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
