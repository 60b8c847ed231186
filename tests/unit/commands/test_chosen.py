"""`madoguchi --for NAME …`: whose register, console and addresses a command works on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot import settings
from bot.cli import app
from bot.clock import system_clock
from bot.errors import BadInputError
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.settings import Settings
from bot.staff.models import Account
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.own_rows import across, open_own_engine
from tests.support.register_desk import ENVIRONMENT
from tests.support.two_controllers import FIRST, SECOND, SECOND_HOST, both_settings


@pytest.fixture
def served(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Settings, Settings]]:
    database = tmp_path / "madoguchi.db"
    database.write_bytes(sqlite_template.read_bytes())
    both = both_settings(tmp_path, f"sqlite:///{database}")
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for field in ("database_url", "controllers_dir", "corpus_dir", "data_dir", "deletions_dir"):
        monkeypatch.setenv(f"MADOGUCHI_{field.upper()}", str(getattr(both[0], field)))
    settings.load.cache_clear()
    yield both
    settings.load.cache_clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def file_request(own: Settings) -> str:
    engine, vault = open_own_engine(own), Vault.from_settings(own)
    with transaction(engine) as session:
        draft = open_draft(
            session,
            controller=own.controller,
            conversation_id=None,
            channel="web",
            kinds=(Kind.DISCLOSURE,),
            scope=None,
            words=None,
            vault=vault,
            now=system_clock(),
        )
        (filed,) = file_draft(session, draft, now=system_clock(), vault=vault)
    engine.dispose()
    return filed.number


def test_a_register_is_that_of_the_named_controller(served: tuple[Settings, Settings]) -> None:
    numbers = {own.controller: file_request(own) for own in served}
    for asked, own, other in (
        ((), FIRST, SECOND),
        (("--for", SECOND), SECOND, FIRST),
        (("--for", FIRST), FIRST, SECOND),
    ):
        listed = run(*asked, "register", "list")
        assert listed.exit_code == 0, listed.output
        assert numbers[own] in listed.stdout
        assert numbers[other] not in listed.stdout
        shown = run(*asked, "register", "show", numbers[other])
        assert isinstance(shown.exception, BadInputError)


def test_the_whole_register_is_checked_whoever_is_named(served: tuple[Settings, Settings]) -> None:
    for own in served:
        file_request(own)
    for asked in ((), ("--for", SECOND)):
        assert run(*asked, "register", "check").stdout == "The register agrees with itself.\n"


def test_an_administrator_is_the_named_controllers(served: tuple[Settings, Settings]) -> None:
    mori = ("console", "create-admin", "--id", "mori", "--name", "森", "--email", "mori@example.jp")
    made = run("--for", SECOND, *mori)
    assert made.stdout.startswith(f"http://{SECOND_HOST}:8081/")
    engine = open_own_engine(served[0])
    with reading(across(engine)) as session:
        assert session.execute(select(Account.id, Account.controller)).all() == [("mori", SECOND)]
    engine.dispose()
    assert "is an administrator already" in str(run("--for", SECOND, *mori).exception)
    # What another company calls its people is neither taken by that nor told.
    assert run(*mori).exit_code == 0


def test_the_lines_to_embed_are_the_named_controllers(served: tuple[Settings, Settings]) -> None:
    del served
    assert f"http://{SECOND_HOST}:8080/embed-" in run("--for", SECOND, "embed").stdout
    assert "http://127.0.0.1:8080/embed-" in run("embed").stdout


def test_what_is_missing_is_told_of_each_or_of_the_one_that_is_named(served: tuple[Settings, Settings]) -> None:
    del served
    every = run("launch", "check")
    assert every.exit_code == 1
    assert f"【{FIRST}】" in every.stdout
    assert f"【{SECOND}】" in every.stdout
    one = run("--for", SECOND, "launch", "check")
    assert one.exit_code == 1
    assert "【" not in one.stdout


@pytest.mark.parametrize("group", ["backup", "keys", "policy", "storage"])
def test_what_is_for_no_single_controller_says_so(served: tuple[Settings, Settings], group: str) -> None:
    del served
    ran = run("--for", SECOND, group, "--help-me")
    assert isinstance(ran.exception, BadInputError)
    assert f"`madoguchi {group}` is for no single controller" in str(ran.exception)


def test_a_name_that_is_not_served_is_told_with_those_that_are(served: tuple[Settings, Settings]) -> None:
    del served
    ran = run("--for", "akane", "register", "list")
    assert f"no controller 'akane' is served here: there is {FIRST}, {SECOND}" in str(ran.exception)
