"""The first administrator, made at the machine: one link printed, everything else refused in one line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner, Result

from bot import cli, settings
from bot.commands.console import app
from bot.launch import first_admin
from bot.staff import invitations
from bot.staff.models import Account, StaffEvent
from bot.storage import migrate
from bot.storage.engine import reading, transaction
from tests.support.two_controllers import both_settings

pytestmark = pytest.mark.usefixtures("desk")

SATO = ("create-admin", "--id", "sato", "--name", "佐藤花子", "--email", "sato@example.jp")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def people(engine: Engine) -> list[tuple[str, str, str]]:
    with reading(engine) as session:
        return [(one.id, one.name, one.role) for one in session.scalars(select(Account))]


def test_it_prints_a_link_that_opens_the_set_up_of_an_administrator(engine: Engine) -> None:
    result = run(*SATO)
    assert result.exit_code == 0, result.output
    link, note = result.stdout.splitlines()
    assert link.startswith("http://127.0.0.1:8081/setup/")
    assert "good once, until" in note
    assert people(engine) == [("sato", "佐藤花子", "admin")]
    with transaction(engine) as session:
        token = link.rpartition("/")[2]
        account = session.get_one(Account, ("sato", "eparkrelax"))
        assert invitations.find(session, token, controller="eparkrelax", now=account.invited_at) is account
        events = session.scalars(select(StaffEvent)).all()
    assert [(event.actor, event.action, event.object_id) for event in events] == [("system", "account:invited", "sato")]


def test_a_second_first_administrator_is_refused_and_told_how(engine: Engine) -> None:
    run(*SATO)
    result = run(*SATO[:2], "suzuki", *SATO[3:])
    assert "console reinvite --id sato" in str(result.exception)
    assert len(people(engine)) == 1


def test_whoever_cannot_log_in_any_more_gets_a_new_link() -> None:
    first = run(*SATO).stdout.splitlines()[0]
    second = run("reinvite", "--id", "sato").stdout.splitlines()[0]
    assert first != second
    assert run("reinvite", "--id", "nobody").exit_code != 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["create-admin", "--id", "佐藤", "--name", "佐藤", "--email", "sato@example.jp"],
        ["create-admin", "--id", "staff", "--name", "佐藤", "--email", "sato@example.jp"],
        ["create-admin", "--id", "sato", "--name", " ", "--email", "sato@example.jp"],
        ["create-admin", "--id", "sato", "--name", "佐藤", "--email", "nowhere"],
        ["create-admin", "--id", "sato", "--name", "佐藤\n鈴木", "--email", "sato@example.jp"],
        ["reinvite", "--id", "nobody"],
    ],
)
def test_what_cannot_be_used_is_one_line_and_status_2(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["madoguchi", "console", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert people(engine) == []


def test_what_make_run_tells_of_two_companies_works_for_both(tmp_path: Path) -> None:
    """An id is given once in an installation."""
    url = f"sqlite:///{tmp_path / 'register.db'}"
    migrate.upgrade(url)
    told = [first_admin.advice(each) for each in both_settings(tmp_path, url)]
    assert "--for kogane console create-admin" in told[1]
    first, second = (re.search(r"--id (\S+)", line) for line in told)
    assert first is not None
    assert second is not None
    assert first[1] != second[1]


def test_make_run_tells_how_until_there_is_one(database_url: str) -> None:
    values = settings.load().model_copy(update={"database_url": database_url})
    assert "madoguchi console create-admin" in first_admin.advice(values)
    run(*SATO)
    assert first_admin.advice(values) == ""
