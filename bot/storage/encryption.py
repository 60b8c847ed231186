"""Personal data at rest: AES-256-GCM bound to its place, and keyed hashes to find it again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag

from bot.clock import Clock, system_clock
from bot.settings import PREFIX, Settings
from bot.storage.keyring import (
    BY_PERIOD,
    HEADER_BYTES,
    Key,
    KeyIsUnknownError,
    Keyring,
    SealIsBrokenError,
    header_of,
    name_of,
    read_key,
)
from bot.storage.period_keys import PeriodKeys

__all__ = ["KeyIsUnknownError", "SealIsBrokenError", "Vault"]

SEALED = "sealed_"
"""How the name of every column begins that holds something sealed for its row."""

# Half an emoji is no text by the letter of the standard, but clients send it; what a member wrote is kept all the same.
_ENCODING = ("utf-8", "surrogatepass")


class Vault:
    """Seals and opens values; each is bound to table, row and column, so that it is worthless anywhere else.

    With a folder of period keys, columns are sealed with the key of their table's day, which can be destroyed. What is
    sealed beside the columns (a cookie, a file of some hours) stays with the settings' key.
    """

    def __init__(
        self,
        encryption_key: bytes,
        hash_key: bytes,
        *,
        keys_before: Sequence[bytes] = (),
        period_keys_dir: Path | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self.keyring = Keyring(encryption_key, keys_before)
        self.period_keys = None if period_keys_dir is None else PeriodKeys(period_keys_dir, self.keyring, clock)
        self._hash_key = hash_key

    @classmethod
    def from_settings(cls, settings: Settings) -> Vault:
        """The vault of this installation.

        Raises:
            BadInputError: a key is missing or not the base64 of 32 bytes, or the folder of period keys is not there.
        """
        before = settings.encryption_keys_before.get_secret_value().split()
        return cls(
            read_key(f"{PREFIX}ENCRYPTION_KEY", settings.encryption_key.get_secret_value()),
            read_key(f"{PREFIX}HASH_KEY", settings.hash_key.get_secret_value()),
            keys_before=[read_key(f"{PREFIX}ENCRYPTION_KEYS_BEFORE", key) for key in before],
            period_keys_dir=settings.period_keys_dir,
        )

    def seal(self, plain: str, *, table: str, row: str, column: str) -> bytes:
        """Encrypts `plain` for exactly this place."""
        return self.seal_bytes(plain.encode(*_ENCODING), table=table, row=row, column=column)

    def seal_bytes(self, plain: bytes, *, table: str, row: str, column: str) -> bytes:
        """Encrypts a file's content for exactly this place."""
        key = self.keyring.current
        if self.period_keys is not None and column.startswith(SEALED):
            key = self.period_keys.of_today(table)
        return key.seal(plain, _place(table, row, column))

    def open(self, sealed: bytes, *, table: str, row: str, column: str) -> str:
        """Decrypts what `seal` made for this place.

        Raises:
            SealIsBrokenError: it was not sealed for this place with a known key.
        """
        return self.open_bytes(sealed, table=table, row=row, column=column).decode(*_ENCODING)

    def open_bytes(self, sealed: bytes, *, table: str, row: str, column: str) -> bytes:
        """Decrypts what `seal_bytes` made for this place.

        Raises:
            KeyIsUnknownError: its header names a key that is not set.
            SealIsBrokenError: it was not sealed for this place with a known key.
        """
        header, place = header_of(sealed), _place(table, row, column)
        key = None if header is None else self.key_of(header)
        if key is not None:
            try:
                return key.open(sealed, place)
            except (InvalidTag, ValueError):  # the latter for what is too short to hold a nonce
                raise SealIsBrokenError(f"{table}.{column} of row {row} cannot be opened") from None
        # The nonce of what has no header may begin like one, so that an unknown key is no proof that there is one.
        plain = self._open_headless(sealed, place)
        if plain is not None:
            return plain
        if header is None:
            raise SealIsBrokenError(f"{table}.{column} of row {row} cannot be opened")
        raise KeyIsUnknownError(
            f"{table}.{column} of row {row} was sealed with a key that is not set: {name_of(header)}"
        )

    def reseal(self, sealed: bytes, *, table: str, row: str, column: str) -> bytes:
        """The same plain text under the key that such a value should be under now.

        What the key of a table's day sealed goes to another key of the same day, so that it still ends with its day.

        Raises:
            SealIsBrokenError: as `open_bytes` does.
        """
        plain = self.open_bytes(sealed, table=table, row=row, column=column)
        period_key = None if self.period_keys is None else self.period_keys.find(sealed[:HEADER_BYTES])
        if self.period_keys is None or period_key is None:
            return self.seal_bytes(plain, table=table, row=row, column=column)
        return self.period_keys.heir_of(period_key).seal(plain, _place(table, row, column))

    def key_of(self, header: bytes) -> Key | None:
        """The key that a header names, if it is set."""
        if header[:1] != BY_PERIOD:
            return self.keyring.get(header)
        found = None if self.period_keys is None else self.period_keys.find(header)
        return None if found is None else found.key

    def keyed_hash(self, value: str, *, purpose: str) -> str:
        """A hex digest that finds equal values again but tells nothing without the key.

        Args:
            value: what to find again; fold it first if different spellings shall be equal.
            purpose: what the hash is for; equal values of different purposes have different hashes.
        """
        return hmac.new(self._hash_key, f"{purpose}\x00{value}".encode(*_ENCODING), hashlib.sha256).hexdigest()

    def _open_headless(self, sealed: bytes, place: bytes) -> bytes | None:
        for key in self.keyring:
            try:
                return key.open_headless(sealed, place)
            except (InvalidTag, ValueError):
                continue
        return None


def _place(table: str, row: str, column: str) -> bytes:
    return f"{table}\x00{row}\x00{column}".encode()
