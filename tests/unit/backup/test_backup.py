"""Backups of both databases: whole, verified, restored elsewhere, and refused wherever something is not as it was."""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, make_url, select, text

from bot.backup import making
from bot.backup.dumping import ToolFailedError, ToolIsMissingError, dump_postgresql
from bot.backup.manifest import NAME, BackupIsUnusableError, read_manifest
from bot.backup.needed_keys import KeysAreMissingError
from bot.backup.restoring import restore_backup
from bot.backup.targets import DatabaseIsNotEmptyError
from bot.backup.verifying import faults
from bot.clock import system_clock
from bot.errors import BadInputError, UnavailableError
from bot.register.check import contradictions
from bot.register.models import Request
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.restorations import last_restoration
from bot.storage.rotation import survey
from tests.support.backups import EmptyDatabase, Installation, nothing, opened
from tests.support.filing_writer import file, keep_draft
from tests.support.kept_requests import counts
from tests.support.register_desk import KEYS, VAULT
from tests.support.sealed_everywhere import NOW, fill

RESTORED_AT = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


def test_what_is_restored_is_what_was_there(
    engine: Engine, installation: Installation, elsewhere: Installation
) -> None:
    fill(engine, VAULT)
    with reading(engine) as session:
        before = counts(session)

    made = installation.back_up()
    restored = elsewhere.restore(made)

    assert list(faults(made.place)) == []
    assert restored.notes == []
    with opened(elsewhere.database_url) as again:
        with reading(again) as session:
            after = counts(session)
            assert last_restoration(session) == restored.at
            assert contradictions(session, now=NOW) == []
        assert [held for held in survey(again, VAULT) if not held.is_known] == []
    assert after == before | {"restoration": 1}
    assert (elsewhere.folder / "regression" / "cases.yml").read_text("utf-8") == "- made by staff\n"


def test_a_backup_names_the_keys_it_needs_and_holds_none(engine: Engine, installation: Installation) -> None:
    fill(engine, VAULT)

    made = installation.back_up()

    assert {key.name for key in made.manifest.keys} == {VAULT.keyring.current.name}
    assert sum(key.values for key in made.manifest.keys) > 10
    for path in (one for one in made.place.rglob("*") if one.is_file()):
        content = path.read_bytes()
        for key in KEYS.values():
            assert key not in content
            assert base64.b64encode(key) not in content


def test_the_counts_are_those_of_the_moment_that_was_copied(engine: Engine, installation: Installation) -> None:
    numbers = [file(engine, keep_draft(engine)) for _ in range(3)]

    made = installation.back_up()
    file(engine, keep_draft(engine))

    assert made.manifest.rows["request"] == len(numbers)
    assert (made.manifest.heads.chains, made.manifest.heads.events) == (3, 3)
    assert list(faults(made.place)) == []


def test_a_changed_missing_or_additional_file_is_found_and_not_restored(
    engine: Engine, installation: Installation, elsewhere: Installation
) -> None:
    file(engine, keep_draft(engine))
    made = installation.back_up()
    database = made.place / made.manifest.database
    whole = database.read_bytes()

    for where in (0, len(whole) // 2, len(whole) - 1):
        database.write_bytes(whole[:where] + bytes([whole[where] ^ 1]) + whole[where + 1 :])
        assert list(faults(made.place)) == [f"{database.name} is not what was written"]
        with pytest.raises(BackupIsUnusableError, match="not what was written"):
            elsewhere.restore(made)
    database.write_bytes(whole)
    (made.place / "more.txt").write_text("")
    assert list(faults(made.place)) == ["more.txt does not belong to the backup"]
    (made.place / "more.txt").unlink()
    database.unlink()
    assert list(faults(made.place)) == [f"{database.name} is missing"]
    with opened(elsewhere.database_url) as again, again.connect() as connection:
        assert again.dialect.get_table_names(connection) == []


def test_a_rewritten_trail_is_found_though_every_hash_is_made_to_fit(
    engine: Engine, installation: Installation, empty_database: EmptyDatabase
) -> None:
    file(engine, keep_draft(engine))
    with engine.begin() as connection:
        # Whoever owns the tables can drop what protects them.
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        else:
            names = select(text("name")).select_from(text("sqlite_master")).where(text("type = 'trigger'"))
            for name in connection.scalars(names.where(text("tbl_name = 'audit'"))).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE audit SET actor = 'staff:eve'"))

    made = installation.back_up()
    found = list(faults(made.place, scratch_url=empty_database() if made.manifest.backend == "postgresql" else None))

    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
    assert len(found) == 1
    assert found[0].startswith("the trail is broken at ")


def test_a_database_that_holds_something_is_never_restored_over(engine: Engine, installation: Installation) -> None:
    file(engine, keep_draft(engine))
    made = installation.back_up()
    with transaction(engine) as session:
        before = session.scalar(select(func.count()).select_from(Request))

    with pytest.raises(DatabaseIsNotEmptyError):
        installation.restore(made)

    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Request)) == before
        assert last_restoration(session) is None


def test_no_number_is_given_twice_however_often_the_same_backup_is_restored(
    engine: Engine, installation: Installation, empty_database: EmptyDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All randomness gone: only what is built into the numbers keeps them apart."""
    monkeypatch.setattr("tests.support.filing_writer.system_clock", lambda: RESTORED_AT - timedelta(minutes=1))
    kept = file(engine, keep_draft(engine))
    made = installation.back_up(lambda: RESTORED_AT - timedelta(minutes=1))
    monkeypatch.setattr("bot.register.numbers.secrets.choice", lambda letters: letters[7])
    given = [file(engine, keep_draft(engine))]
    for seconds in (0, 3, 6):
        at = RESTORED_AT + timedelta(seconds=seconds)
        machine = Installation(installation.folder, empty_database())
        machine.restore(made, clock=partial(datetime.fromtimestamp, at.timestamp(), UTC))
        monkeypatch.setattr("tests.support.filing_writer.system_clock", lambda at=at: at)
        with opened(machine.database_url) as again:
            given.append(file(again, keep_draft(again)))

    assert len({kept, *given}) == 5
    assert [number.split("-")[1][0] for number in given] == ["7", "Z", "Z", "Z"]


def test_a_restored_database_looks_before_it_gives_a_number_and_is_like_any_other_on_the_next_day(
    engine: Engine, installation: Installation, elsewhere: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    del engine
    elsewhere.restore(installation.back_up(lambda: RESTORED_AT), clock=lambda: RESTORED_AT)
    letters = iter("AAAAAAAABBBB")
    monkeypatch.setattr("bot.register.numbers.secrets.choice", lambda _letters: next(letters))
    monkeypatch.setattr("tests.support.filing_writer.system_clock", lambda: RESTORED_AT)

    with opened(elsewhere.database_url) as again:
        first, second = file(again, keep_draft(again)), file(again, keep_draft(again))
        monkeypatch.undo()
        monkeypatch.setattr("tests.support.filing_writer.system_clock", lambda: RESTORED_AT + timedelta(days=1))
        later = [file(again, keep_draft(again)) for _ in range(40)]

    assert first[:-1].endswith("AAAA")
    assert second[:-1].endswith("BBBB")
    assert not any(number.split("-")[1].startswith("Z") for number in later)


def test_a_restore_waits_until_another_one_would_give_other_numbers(
    engine: Engine, installation: Installation, elsewhere: Installation
) -> None:
    del engine
    made = installation.back_up(lambda: RESTORED_AT)
    slept: list[float] = []

    restore_backup(elsewhere.settings, made.place, clock=lambda: RESTORED_AT, forget_again=nothing, sleep=slept.append)

    assert len(slept) == 1
    assert 2.6 < slept[0] < 2.7


def test_what_cannot_be_opened_is_said_before_anything_is_written(
    engine: Engine, installation: Installation, elsewhere: Installation
) -> None:
    fill(engine, VAULT)
    made = installation.back_up()
    other = base64.b64encode(b"o" * 32).decode()
    elsewhere.changes = {"encryption_key": other}

    with pytest.raises(KeysAreMissingError, match=VAULT.keyring.current.name):
        elsewhere.restore(made)

    elsewhere.changes = {"encryption_key": other, "encryption_keys_before": base64.b64encode(b"e" * 32).decode()}
    assert elsewhere.restore(made).notes == []


def test_destroyed_period_keys_are_a_note_and_no_reason_to_refuse(
    engine: Engine, installation: Installation, elsewhere: Installation, tmp_path: Path
) -> None:
    keys = tmp_path / "period-keys"
    keys.mkdir()
    fill(engine, Vault(*KEYS.values(), period_keys_dir=keys))
    made = installation.back_up()
    (tmp_path / "empty").mkdir()
    elsewhere.changes = {"period_keys_dir": tmp_path / "empty"}

    restored = elsewhere.restore(made)

    assert all(key.by_period for key in made.manifest.keys if key.values > 2)
    assert [note for note in restored.notes if "period keys that are not there" in note] == restored.notes
    assert restored.notes


def test_a_clock_behind_the_backup_and_a_newer_release_are_refused(
    engine: Engine, installation: Installation, elsewhere: Installation
) -> None:
    del engine
    made = installation.back_up()
    with pytest.raises(BadInputError, match="clock is behind"):
        elsewhere.restore(made, clock=lambda: made.manifest.begun_at - timedelta(seconds=1))

    newer = made.manifest.model_copy(update={"revision": "9999"})
    (made.place / NAME).write_text(newer.model_dump_json(), "utf-8")
    with pytest.raises(BackupIsUnusableError, match="newer release"):
        elsewhere.restore(made)


def test_a_backup_that_fails_leaves_nothing(
    engine: Engine, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    del engine

    def full(*_given: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(making, "describe", full)

    with pytest.raises(OSError, match="No space"):
        installation.back_up()

    assert list((installation.folder / "backups").iterdir()) == []


def test_a_restore_that_dies_leaves_no_file_and_a_server_that_takes_no_other(
    engine: Engine, installation: Installation, elsewhere: Installation
) -> None:
    made = installation.back_up()

    def dies(_engine: Engine, _since: datetime) -> str:
        raise UnavailableError("the power went")

    with pytest.raises(UnavailableError, match="the power went"):
        elsewhere.restore(made, forget=dies)

    if engine.dialect.name == "sqlite":
        assert list(Path(elsewhere.database_url.removeprefix("sqlite:///")).parent.iterdir()) == []
        elsewhere.restore(made)
    else:
        with pytest.raises(DatabaseIsNotEmptyError):
            elsewhere.restore(made)


def test_what_is_no_backup_is_said_in_a_line(tmp_path: Path, elsewhere: Installation) -> None:
    with pytest.raises(BackupIsUnusableError, match="No such file"):
        read_manifest(tmp_path)
    (tmp_path / NAME).write_text('{"format": 1}')
    with pytest.raises(BackupIsUnusableError, match="no manifest"):
        list(faults(tmp_path))
    del elsewhere


def test_files_outside_the_backup_are_never_written(engine: Engine, installation: Installation) -> None:
    del engine
    made = installation.back_up()
    said = made.manifest.model_dump_json().replace('"files/corpus', '"../../corpus')
    (made.place / NAME).write_text(said, "utf-8")

    with pytest.raises(BackupIsUnusableError, match="no manifest"):
        read_manifest(made.place)


@pytest.mark.postgres
def test_without_postgresql_s_programs_it_says_which_to_install(
    postgres_template: str, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del postgres_template
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolIsMissingError, match="postgresql-client"):
        Installation(tmp_path, postgres_url.replace("/postgres?", "/migrated?")).back_up()

    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.postgres
def test_a_dump_that_fails_says_so_without_the_password(postgres_url: str, tmp_path: Path) -> None:
    url = make_url(postgres_url).set(password="geheim", database="nowhere")

    with pytest.raises(ToolFailedError, match="pg_dump ended with status 1") as raised:
        dump_postgresql(url, tmp_path / "dump", snapshot="1")

    assert "geheim" not in str(raised.value)


def test_a_file_that_the_owner_changed_stays_as_it_is(
    engine: Engine, installation: Installation, elsewhere: Installation
) -> None:
    del engine
    made = installation.back_up(system_clock)
    (elsewhere.folder / "regression").mkdir()
    mine = elsewhere.folder / "regression" / "cases.yml"
    mine.write_text("- newer\n", "utf-8")

    restored = elsewhere.restore(made)

    assert mine.read_text("utf-8") == "- newer\n"
    assert restored.notes == [f"{mine} is another one than in the backup, and was left as it is"]
