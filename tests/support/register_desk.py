"""A desk at work on the command line: two people, a clock that a test moves, and a register of its own."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner, Result

from bot import settings
from bot.commands.register import app
from bot.storage.encryption import Vault

KEYS = {"MADOGUCHI_ENCRYPTION_KEY": b"e" * 32, "MADOGUCHI_HASH_KEY": b"h" * 32}
VAULT = Vault(*KEYS.values())
ENVIRONMENT = {name: base64.b64encode(key).decode() for name, key in KEYS.items()}

STAFF = """
- {id: aya, name: 青木彩, email: aya@desk.example, deputy: ken, may: [approve, sensitive]}
- {id: ken, name: 工藤健, email: ken@desk.example, deputy: aya, may: [approve]}
- {id: mei, name: 森芽衣, email: mei@desk.example, deputy: aya}
"""

PHONE = """
role: self
name: 山田花子
reply_by: post
postal_code: "150-0001"
address: 東京都渋谷区神宮前1-2-3
"""


@dataclass
class CommandDesk:
    """Runs commands of the register as one of the staff at its own moment."""

    folder: Path
    now: datetime = field(default=datetime(2026, 11, 24, 1, 30, tzinfo=UTC))

    def clock(self) -> datetime:
        """The moment of the next command."""
        return self.now

    def forget_settings(self) -> None:
        """Reads the environment anew with the next command."""
        settings.load.cache_clear()

    def later(self, **span: float) -> None:
        """Lets time pass."""
        self.now += timedelta(**span)

    def file(self, name: str, content: str | bytes) -> str:
        """A file beside the desk."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def run(self, *arguments: str, as_: str = "aya", words: str | None = None) -> str:
        """What a command that succeeds prints."""
        result = self.tried(*arguments, as_=as_, words=words)
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        return result.stdout

    def refused(self, *arguments: str, as_: str = "aya", words: str | None = None) -> str:
        """The message of a command that is refused."""
        result = self.tried(*arguments, as_=as_, words=words)
        assert result.exit_code != 0, (arguments, result.output)
        return str(result.exception) if result.exception else result.output

    def tried(self, *arguments: str, as_: str = "aya", words: str | None = None) -> Result:
        """A command's result."""
        who = ["--as", as_] if as_ else []
        return CliRunner().invoke(app, [*arguments, *who], input=words)

    def enter_by_phone(self, *options: str, words: str = "予約履歴を見せてほしいとのことです。") -> str:
        """The number of a request that came by telephone yesterday."""
        told = self.run(
            *("enter", "--channel", "phone", "--received-at", "2026-11-23 15:20", "--words", "-"),
            *(options or ("--kind", "disclosure")),
            words=words,
        )
        return told.partition(":")[0]
