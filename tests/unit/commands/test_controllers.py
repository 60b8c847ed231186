"""`madoguchi controllers split`: each process finds of a company what it is to have, and no other process's secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from bot import settings
from bot.cli import app
from bot.commands.controllers import split
from bot.controllers import OF_A_CONTROLLER, ControllersAreWrongError, fields_of, read_controllers
from bot.secret_split import OURS, SPLIT, held_by
from bot.settings import PREFIX, Settings

SECRETS = sorted(OF_A_CONTROLLER & SPLIT.keys())
PLAIN = {
    "default_policy": "kogane/privacy",
    "public_url": "http://kogane.localhost:8080",
    "console_url": "http://kogane.localhost:8081",
    "mail_from": "privacy@kogane-bakery.example",
}
WHOLE = PLAIN | {name: f"hush-{name}" for name in SECRETS}

every_process = pytest.mark.parametrize("process", sorted(OURS))


@pytest.fixture(autouse=True)
def installation(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("MADOGUCHI_CONTROLLERS_DIR", raising=False)
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


def write(folder: Path, name: str = "kogane", /, **fields: str) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [f"{PREFIX}{field.upper()}={value}\n" for field, value in fields.items()]
    (folder / f"{name}.env").write_text("# MADOGUCHI_LINE_ACCESS_TOKEN=hush-before\n" + "".join(lines), "utf-8")
    return folder


def run(folder: Path, into: Path) -> Result:
    return CliRunner().invoke(app, ["controllers", "split", str(folder), str(into)])


def test_a_company_has_secrets_of_several_holders() -> None:
    # Else nothing below would say anything.
    assert {SPLIT[name] for name in SECRETS} >= {frozenset({"web"}), frozenset({"web", "jobs"}), frozenset({"console"})}


@every_process
def test_a_process_is_handed_what_the_table_says_and_no_other_secret(tmp_path: Path, process: str) -> None:
    assert run(write(tmp_path / "whole", **WHOLE), tmp_path / "split").exit_code == 0
    own = fields_of(tmp_path / "split" / process / "kogane.env")

    assert own == PLAIN | {name: WHOLE[name] for name in held_by(process) & WHOLE.keys()}


@every_process
def test_no_other_process_s_secret_is_anywhere_in_its_folder(tmp_path: Path, process: str) -> None:
    run(write(tmp_path / "whole", **WHOLE), tmp_path / "split")
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "split" / process).iterdir())

    assert {name for name in SECRETS if WHOLE[name] in text} == held_by(process) & set(SECRETS)
    assert "hush-before" not in text


@every_process
def test_a_process_serves_the_company_from_its_own_folder(tmp_path: Path, process: str) -> None:
    run(write(tmp_path / "whole", **WHOLE), tmp_path / "split")
    first = Settings(_env_file=None, controllers_dir=tmp_path / "split" / process)
    _, second = read_controllers(first)

    assert (second.controller, second.mail_from) == ("kogane", "privacy@kogane-bakery.example")


def test_files_of_companies_that_are_gone_go_and_others_are_written_anew(tmp_path: Path) -> None:
    folder = write(tmp_path / "whole", **WHOLE)
    akane = {name: value.replace("kogane", "akane") for name, value in PLAIN.items()}
    write(folder, "akane", **akane)
    run(folder, tmp_path / "split")
    (folder / "akane.env").unlink()
    write(folder, **WHOLE | {"slack_bot_token": "another"})
    told = run(folder, tmp_path / "split")

    assert "jobs/akane.env: removed" in told.output
    for process in OURS:
        assert [path.name for path in (tmp_path / "split" / process).iterdir()] == ["kogane.env"]
    assert fields_of(tmp_path / "split" / "jobs" / "kogane.env")["slack_bot_token"] == "another"


def test_names_are_told_and_never_a_value(tmp_path: Path) -> None:
    told = run(write(tmp_path / "whole", **WHOLE), tmp_path / "split").output

    assert "jobs/kogane.env: MADOGUCHI_SLACK_BOT_TOKEN\n" in told
    assert "actions/kogane.env: no secret\n" in told
    assert "hush" not in told


def test_the_folder_is_closed_and_what_lies_in_it_can_be_read_by_a_containers_user(tmp_path: Path) -> None:
    run(write(tmp_path / "whole", **WHOLE), tmp_path / "split")
    places = [tmp_path / "split", tmp_path / "split" / "web", tmp_path / "split" / "web" / "kogane.env"]

    assert [place.stat().st_mode & 0o777 for place in places] == [0o700, 0o755, 0o444]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"default_policy": "akane/privacy"}, "the file has to be akane.env"),
        ({"public_url": "http://127.0.0.1:8080"}, "is the host of the environment already"),
        ({"web_port": "9"}, "is the installation's"),
    ],
)
def test_what_could_not_be_served_is_not_handed_out(tmp_path: Path, change: dict[str, str], told: str) -> None:
    refusal = run(write(tmp_path / "whole", **WHOLE | change), tmp_path / "split")

    assert isinstance(refusal.exception, ControllersAreWrongError)
    assert told in str(refusal.exception)
    assert not (tmp_path / "split").exists()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    told = run(write(tmp_path / "whole", **WHOLE), tmp_path / "nowhere" / "split")

    assert str(told.exception) == f"{tmp_path / 'nowhere' / 'split'}: No such file or directory"


def test_a_value_that_a_file_cannot_hold_is_told_of_and_not_changed(tmp_path: Path) -> None:
    folder = write(tmp_path / "whole", **PLAIN | {"staff_mail": r'"one\rtwo"'})

    assert "kogane.env: a value cannot be written anew" in str(run(folder, tmp_path / "split").exception)
    assert [path for path in (tmp_path / "split").rglob("*") if path.is_file()] == []


@given(value=st.text(st.characters(codec="utf-8", exclude_characters="\r\x00")))
def test_any_other_value_comes_through_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    folder = tmp_path_factory.mktemp("controllers")
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    written = fields_of(write(folder / "whole", **PLAIN | {"staff_mail": f"'{quoted}'"}) / "kogane.env")
    split(folder / "whole", folder / "split")

    assert written["staff_mail"] == value
    assert fields_of(folder / "split" / "web" / "kogane.env") == written
