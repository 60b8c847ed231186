"""Personal data at rest: AES-256-GCM bound to its place, and keyed hashes to find it again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import BadInputError, MadoguchiError
from bot.settings import Settings

_NONCE_BYTES = 12
_KEY_BYTES = 32
# Half an emoji is no text by the letter of the standard, but clients send it; what a member wrote is kept all the same.
_ENCODING = ("utf-8", "surrogatepass")


class SealIsBrokenError(MadoguchiError):
    """A ciphertext was changed, moved to another row or column, or sealed with another key."""


class Vault:
    """Seals and opens values; each is bound to table, row and column, so that it is worthless anywhere else."""

    def __init__(self, encryption_key: bytes, hash_key: bytes) -> None:
        self._cipher = AESGCM(encryption_key)
        self._hash_key = hash_key

    @classmethod
    def from_settings(cls, settings: Settings) -> Vault:
        """The vault of this installation.

        Raises:
            BadInputError: a key is missing or not the base64 of 32 bytes.
        """
        return cls(
            _decode_key("MADOGUCHI_ENCRYPTION_KEY", settings.encryption_key.get_secret_value()),
            _decode_key("MADOGUCHI_HASH_KEY", settings.hash_key.get_secret_value()),
        )

    def seal(self, plain: str, *, table: str, row: str, column: str) -> bytes:
        """Encrypts `plain` for exactly this place."""
        return self.seal_bytes(plain.encode(*_ENCODING), table=table, row=row, column=column)

    def seal_bytes(self, plain: bytes, *, table: str, row: str, column: str) -> bytes:
        """Encrypts a file's content for exactly this place."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, _place(table, row, column))

    def open(self, sealed: bytes, *, table: str, row: str, column: str) -> str:
        """Decrypts what `seal` made for this place.

        Raises:
            SealIsBrokenError: it was not sealed for this place with this key.
        """
        return self.open_bytes(sealed, table=table, row=row, column=column).decode(*_ENCODING)

    def open_bytes(self, sealed: bytes, *, table: str, row: str, column: str) -> bytes:
        """Decrypts what `seal_bytes` made for this place.

        Raises:
            SealIsBrokenError: it was not sealed for this place with this key.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _place(table, row, column))
        except (InvalidTag, ValueError):  # the latter for what is too short to hold a nonce
            raise SealIsBrokenError(f"{table}.{column} of row {row} cannot be opened") from None

    def keyed_hash(self, value: str, *, purpose: str) -> str:
        """A hex digest that finds equal values again but tells nothing without the key.

        Args:
            value: what to find again; fold it first if different spellings shall be equal.
            purpose: what the hash is for; equal values of different purposes have different hashes.
        """
        return hmac.new(self._hash_key, f"{purpose}\x00{value}".encode(*_ENCODING), hashlib.sha256).hexdigest()


def _place(table: str, row: str, column: str) -> bytes:
    return f"{table}\x00{row}\x00{column}".encode()


def _decode_key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise BadInputError(f"{name} is not set to the base64 of {_KEY_BYTES} bytes (`make run` writes one)")
    return key
