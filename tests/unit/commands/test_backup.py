"""`madoguchi backup …` as an operator types it, on both databases."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner, Result

from bot import settings
from bot.channels.beating import BACKUP
from bot.clock import system_clock
from bot.commands.backup import FAULTS_STATUS, app
from bot.controllers import load_controllers
from bot.errors import BadInputError
from bot.storage.beats import last_beats
from bot.storage.deletion_list import DeletionList, Sort
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation
from tests.support.backups import EmptyDatabase, opened
from tests.support.filing_writer import file, keep_draft
from tests.support.register_desk import VAULT, CommandDesk
from tests.support.talks import Told, store_talk
from tests.support.two_controllers import write_second

pytestmark = pytest.mark.usefixtures("desk")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def made(into: Path) -> str:
    told = run("make", str(into))
    assert told.exit_code == 0, told.output
    return told.stdout.splitlines()[0]


def restore_to(desk: CommandDesk, url: str, patch: pytest.MonkeyPatch, *arguments: str) -> Result:
    patch.setenv("MADOGUCHI_DATABASE_URL", url)
    desk.forget_settings()
    return run("restore", *arguments)


def test_make_verify_restore(
    engine: Engine,
    desk: CommandDesk,
    empty_database: EmptyDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MADOGUCHI_DELETIONS_DIR", str(tmp_path / "lists"))
    with transaction(engine) as session:
        conversation = store_talk(session, Told("料金は"), vault=VAULT, now=system_clock() - timedelta(hours=1)).id
    file(engine, keep_draft(engine))
    folder = made(tmp_path / "backups")
    DeletionList(tmp_path / "elsewhere").note(Sort.CONVERSATION, conversation, now=system_clock())

    verified = run("verify", folder)
    assert verified.exit_code == 0
    if engine.dialect.name == "sqlite":
        assert verified.stdout.endswith("1 trails with 1 events verified\n")
    else:
        assert "--scratch URL" in verified.stdout
        scratch = run("verify", folder, "--scratch", empty_database())
        assert scratch.stdout.endswith("1 trails with 1 events verified\n")

    url = empty_database()
    restored = restore_to(desk, url, monkeypatch, folder, "--deletions", str(tmp_path / "elsewhere"))

    assert restored.exit_code == 0, restored.exception
    lines = restored.stdout.splitlines()
    assert lines[0] == "deleted again: 1 conversations, 0 messages taken back"
    assert lines[-1].startswith("restored what was there at ")
    with opened(url) as again, reading(again) as session:
        assert session.scalars(select(Conversation.deleted_at)).one() is not None
    assert isinstance(restore_to(desk, url, monkeypatch, folder).exception, BadInputError)


def test_every_company_is_told_of_the_backup(
    database_url: str, desk: CommandDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_CONTROLLERS_DIR", str(write_second(tmp_path)))
    desk.forget_settings()
    made(tmp_path / "backups")
    for served in load_controllers():
        with opened(database_url) as again, reading(again) as session:
            assert BACKUP in last_beats(session, served.controller)


def test_a_restore_without_lists_says_so_loudly(
    engine: Engine,
    desk: CommandDesk,
    empty_database: EmptyDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del engine
    monkeypatch.setenv("MADOGUCHI_DELETIONS_DIR", str(tmp_path / "lists"))
    folder = made(tmp_path / "backups")
    assert "THERE IS NO LIST" in restore_to(desk, empty_database(), monkeypatch, folder).stdout

    later = system_clock() + timedelta(days=2)
    DeletionList(tmp_path / "lists").note(Sort.TURN, secrets.token_hex(16), now=later)
    told = restore_to(desk, empty_database(), monkeypatch, folder).stdout
    assert f"the lists begin on {later.date()} only" in told


def test_verify_ends_with_2_when_a_file_changed(engine: Engine, tmp_path: Path) -> None:
    del engine
    folder = Path(made(tmp_path / "backups"))
    (folder / "files" / "corpus" / "stray.txt").write_text("?", "utf-8")

    told = run("verify", str(folder))

    assert told.exit_code == FAULTS_STATUS
    assert told.stderr == "files/corpus/stray.txt does not belong to the backup\n"


def test_a_folder_that_cannot_be_written_is_one_line(engine: Engine, tmp_path: Path) -> None:
    del engine
    (tmp_path / "file").write_text("", "utf-8")

    told = run("make", str(tmp_path / "file" / "backups"))

    assert isinstance(told.exception, BadInputError)
    assert str(told.exception).endswith("Not a directory; nothing was written")
    settings.load.cache_clear()
