"""Originals between the press that sends them and the press that files them: sealed files that soon go.

A browser empties its field of a file when a form is shown again, and a mail is read before its fields are put right. A
kept file is opened only by the account that sent it. The entry takes it over, and it is removed; what was never filed
is removed some hours later, whenever somebody next enters something.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import BadInputError
from bot.storage.encryption import SealIsBrokenError, Vault
from bot.storage.whole_files import write_whole

_KEPT_SECONDS = 6 * 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")
_TABLE = "kept_original"


class KeptFileIsGoneError(BadInputError):
    """The file was kept for too long, was filed, or is not this person's."""


@dataclass(frozen=True)
class KeptFile:
    """An original as it was sent; of a mail also its Message-ID."""

    name: str = field(repr=False)
    media_type: str
    message_id: str | None = field(repr=False)
    content: bytes = field(repr=False)


class KeptFiles:
    """The folder of kept originals."""

    def __init__(self, data_dir: Path, vault: Vault) -> None:
        self._folder = data_dir / "entry"
        self._vault = vault

    def keep(self, file: KeptFile, account_id: str) -> str:
        """Keeps a file for a while; gives the name under which this account finds it again."""
        self._forget_old()
        self._folder.mkdir(parents=True, exist_ok=True)
        token = secrets.token_hex(16)
        facts = json.dumps([file.name, file.media_type, file.message_id], ensure_ascii=False).encode()
        plain = len(facts).to_bytes(4, "big") + facts + file.content
        write_whole(self._folder / token, self._vault.seal_bytes(plain, table=_TABLE, row=token, column=account_id))
        return token

    def find(self, token: str, account_id: str) -> KeptFile:
        """The file of this name.

        Raises:
            KeptFileIsGoneError: it is gone, or another account's.
        """
        try:
            sealed = self._path(token).read_bytes()
            plain = self._vault.open_bytes(sealed, table=_TABLE, row=token, column=account_id)
        except (OSError, SealIsBrokenError):
            raise KeptFileIsGoneError("the file is no longer kept") from None
        size = int.from_bytes(plain[:4], "big")
        name, media_type, message_id = json.loads(plain[4 : 4 + size])
        return KeptFile(name, media_type, message_id, plain[4 + size :])

    def forget(self, token: str) -> None:
        """Removes a file, if it is there."""
        self._path(token).unlink(missing_ok=True)

    def _path(self, token: str) -> Path:
        if not _TOKEN.fullmatch(token):
            raise KeptFileIsGoneError("no file is kept under this name")
        return self._folder / token

    def _forget_old(self) -> None:
        limit = time.time() - _KEPT_SECONDS
        for path in self._folder.glob("*"):
            try:
                if path.stat().st_mtime < limit:
                    path.unlink()
            except FileNotFoundError:
                continue  # somebody else has removed it
