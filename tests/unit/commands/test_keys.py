"""`madoguchi keys …`: what is under which key, and the way from one key to the next, step by step as the page says."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from bot import settings
from bot.commands.keys import LEFT_STATUS, app
from bot.errors import BadInputError
from bot.storage import conversations
from bot.storage.conversations import Sender
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from tests.support.sealed_everywhere import NOW

pytestmark = pytest.mark.usefixtures("desk")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


class Installation:
    """Settings that somebody changes, and one member whose name must stay readable throughout."""

    def __init__(self, patch: pytest.MonkeyPatch, engine: Engine) -> None:
        self._patch, self._engine = patch, engine

    def set(self, **values: str) -> None:
        for name, value in values.items():
            self._patch.setenv(f"MADOGUCHI_{name.upper()}", value)
        settings.load.cache_clear()

    @property
    def vault(self) -> Vault:
        return Vault.from_settings(settings.load())

    def add(self, user: str) -> str:
        with transaction(self._engine) as session:
            sender = Sender("eparkrelax", "web", user)
            return conversations.add_member(session, sender, vault=self.vault, now=NOW).id

    def read(self, member: str) -> str:
        with reading(self._engine) as session:
            return conversations.user_key(session, member, vault=self.vault)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Installation:
    return Installation(monkeypatch, engine)


def test_a_new_key_is_one_that_the_settings_take() -> None:
    first, second = (run("new").stdout.strip() for _ in range(2))

    assert first != second
    assert len(base64.b64decode(first, validate=True)) == 32


def test_from_one_key_to_the_next_as_the_page_says(installed: Installation) -> None:
    old, new = (run("new").stdout.strip() for _ in range(2))
    installed.set(encryption_key=old)
    first = installed.add("前から")
    installed.set(encryption_keys_before=new)
    assert installed.read(first) == "前から"
    installed.set(encryption_key=new, encryption_keys_before=old)
    second = installed.add("新しく")
    before = run("status")
    done = run("rotate")
    again = run("rotate")
    installed.set(encryption_keys_before="")

    assert before.exit_code == 0
    assert before.stdout.splitlines()[1:] == [
        f"member.sealed_user: 1 under key {Vault(base64.b64decode(new), b'').keyring.current.name} (current)",
        f"member.sealed_user: 1 under key {Vault(base64.b64decode(old), b'').keyring.current.name} (opens)",
        "1 values are not under the current key; 0 of them no key that is set opens",
    ]
    assert done.exit_code == 0
    assert "member.sealed_user: 1 sealed anew" in done.stdout
    assert "sealed anew" not in again.stdout
    assert [installed.read(first), installed.read(second)] == ["前から", "新しく"]
    for told in (before, done, again):
        assert old not in told.output
        assert new not in told.output


def test_a_key_that_was_taken_out_too_early_is_told(installed: Installation) -> None:
    old, new = (run("new").stdout.strip() for _ in range(2))
    installed.set(encryption_key=old)
    member = installed.add("前から")
    installed.set(encryption_key=new)

    for result in (run("status"), run("rotate")):
        assert result.exit_code == LEFT_STATUS
        assert "unknown: it is not set" in result.stdout
        assert "1 of them no key that is set opens" in result.stdout
    installed.set(encryption_keys_before=old)
    assert run("rotate").exit_code == 0
    assert installed.read(member) == "前から"


def test_with_keys_of_days_the_files_go_under_the_new_key(installed: Installation, tmp_path: Path) -> None:
    old, new = (run("new").stdout.strip() for _ in range(2))
    installed.set(encryption_key=old, period_keys_dir=str(tmp_path))
    member = installed.add("会員")
    installed.set(encryption_key=new)
    lost = run("status")
    installed.set(encryption_keys_before=old)
    before = run("status")
    done = run("rotate")
    installed.set(encryption_keys_before="")

    assert "1 period keys are sealed with a key of before" in before.stdout
    assert "key of before" not in done.stdout
    assert lost.exit_code == LEFT_STATUS
    assert "sealed with a key that is not set" in lost.stderr
    assert done.exit_code == 0
    assert "member.sealed_user: 1 under 1 period keys" in done.stdout
    assert installed.read(member) == "会員"


def test_a_folder_that_is_not_there_is_told(installed: Installation, tmp_path: Path) -> None:
    installed.set(period_keys_dir=str(tmp_path / "volume"))

    result = run("status")

    assert isinstance(result.exception, BadInputError)
    assert "not there" in str(result.exception)
