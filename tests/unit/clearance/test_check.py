"""What the owner must do before real requests are taken: each thing is seen when it is missing, and only then."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from typer.testing import CliRunner

from bot.clearance.check import NotClearedError, look, require_cleared
from bot.clearance.installation import installation_items
from bot.clearance.items import State
from bot.cli import app
from bot.crash_points import Armed, CrashPoint
from bot.errors import BadInputError
from bot.secret_split import OURS, SPLIT, held_by
from bot.settings import Settings
from bot.staff.models import Account
from bot.storage.engine import open_engine, transaction
from tests.support.cleared import change_desk

_ASKED = {"encryption_key", "hash_key", "internal_token", "digest_key", "smtp_url"}
_OWNER = (
    *("request_form", "identity_documents", "agent_documents", "fee", "address", "representative", "complaints"),
    *("accredited_body", "membership_desk_url", "chat_readers", "retention"),
)
_ITEM_OF = {"membership_desk_url": "desk:membership", "retention": "request_retention"}


def red(settings: Settings) -> list[str]:
    return [item.key for item in look(settings) if item.state is not State.GREEN]


def test_nothing_is_red_when_everything_is_done(settings: Settings) -> None:
    assert red(settings) == []
    require_cleared(settings)


def test_a_fresh_checkout_is_red_all_over() -> None:
    fresh = Settings(_env_file=None, database_url="sqlite://")
    items = look(fresh)
    assert [item.key for item in items if item.state is State.GREEN] == ["desk", "controller", "desk:service"]
    assert [item.key for item in items if item.state is State.UNKNOWN] == ["admin", "database"]


@pytest.mark.parametrize("field", _OWNER)
def test_an_empty_fact_of_the_owner_is_red(field: str, settings: Settings) -> None:
    change_desk(settings.corpus_dir, owner={field: " "})
    assert red(settings) == [_ITEM_OF.get(field, field)]


@pytest.mark.parametrize("field", ["purposes", "notice", "retention", "regime"])
def test_what_nobody_has_looked_at_is_red(field: str, settings: Settings) -> None:
    change_desk(settings.corpus_dir, confirmed={field: None})
    assert red(settings) == [field]


@pytest.mark.parametrize(
    ("changes", "items"),
    [
        ({"retention_days": 60}, ["notice", "retention"]),
        ({"refusal_regime": "appi"}, ["regime"]),
        ({"public_url": "http://127.0.0.1:8080"}, ["public_url"]),
        ({"console_url": "http://127.0.0.1:8081"}, ["console_url"]),
        ({"encryption_key": "short"}, ["encryption_key", "hash_key"]),
        ({"internal_token": ""}, ["internal_token"]),
        ({"digests_dir": None}, ["digests_dir"]),
        ({"digests_dir": Path("nowhere")}, ["digests_dir"]),
        ({"digest_key": ""}, ["digests_dir"]),
        ({"digest_key": "short"}, ["digests_dir"]),
        ({"smtp_url": ""}, ["smtp_url"]),
        ({"mail_from": ""}, ["mail_from"]),
    ],
)
def test_a_setting_that_has_changed_since_or_does_not_do_is_red(
    changes: dict[str, object], items: list[str], settings: Settings
) -> None:
    changed = Settings(_env_file=None, **settings.model_dump() | changes)
    assert red(changed) == items


def test_postgresql_needs_a_folder_of_period_keys(settings: Settings, tmp_path: Path) -> None:
    on_postgresql = settings.model_copy(update={"database_url": "postgresql+psycopg://madoguchi@/madoguchi"})
    found = {
        folder: item
        for folder in (None, tmp_path / "missing", tmp_path)
        for item in installation_items(on_postgresql.model_copy(update={"period_keys_dir": folder}))
        if item.key == "period_keys_dir"
    }

    assert [item.is_red for item in found.values()] == [True, True, False]
    assert "period_keys_dir" not in {item.key for item in installation_items(settings)}


def test_one_card_without_approval_is_red_and_counted(settings: Settings) -> None:
    answers = settings.corpus_dir / settings.default_policy / "answers.yml"
    approved = "approved_by: 見本 花子\n  approved_on: 2026-11-25"
    text = answers.read_text("utf-8")
    answers.write_text(text.replace(approved, 'approved_by: ""\n  approved_on: null', 1), "utf-8")
    (item,) = [item for item in look(settings) if item.is_red]
    assert item.key == "cards"
    assert "未承認1件" in item.found


def test_keys_of_a_first_start_are_no_keys_of_production(settings: Settings, tmp_path: Path) -> None:
    local = tmp_path / "local.env"
    local.write_text(f"MADOGUCHI_HASH_KEY={settings.hash_key.get_secret_value()}\n", "utf-8")
    (item,) = [item for item in installation_items(settings, local) if item.is_red]
    assert item.key == "hash_key"
    assert settings.hash_key.get_secret_value() not in str(item)


@pytest.mark.parametrize("change", [{"sealed_totp": None}, {"role": "viewer"}])
def test_an_administrator_without_second_factor_is_none(change: dict[str, object], settings: Settings) -> None:
    engine = open_engine(settings.database_url, controller=settings.controller)
    with transaction(engine) as session:
        session.execute(update(Account).values(**change))
    engine.dispose()
    assert red(settings) == ["admin"]


def test_a_database_that_does_not_answer_keeps_nobody_from_starting(settings: Settings, tmp_path: Path) -> None:
    away = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/empty.db"})
    assert red(away) == ["admin", "database"]
    require_cleared(away)


def test_production_tells_everything_that_is_red_in_one_line(settings: Settings) -> None:
    change_desk(settings.corpus_dir, owner={"fee": "", "complaints": ""})
    with pytest.raises(NotClearedError, match=r"済んでいない2件：手数料.*、苦情の申出先") as raised:
        require_cleared(settings)
    assert "\n" not in str(raised.value)
    require_cleared(settings.model_copy(update={"mode": "trial"}))


@pytest.mark.parametrize("process", sorted(OURS))
def test_a_process_starts_with_its_own_secrets_and_no_other(process: str, settings: Settings) -> None:
    others = {name: Settings.model_fields[name].default for name in SPLIT.keys() - held_by(process)}

    require_cleared(settings.model_copy(update=others), process)


@pytest.mark.parametrize(
    ("process", "secret"), [(process, name) for process in sorted(OURS) for name in sorted(held_by(process) & _ASKED)]
)
def test_no_process_starts_without_a_secret_of_its_own(process: str, secret: str, settings: Settings) -> None:
    lacking = settings.model_copy(update={secret: SecretStr("")})

    with pytest.raises(NotClearedError):
        require_cleared(lacking, process)


@pytest.fixture
def command(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    from bot import settings as configuration  # noqa: PLC0415 - its cache is this test's alone

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    configuration.load.cache_clear()
    monkeypatch.setattr("bot.controllers.load", lambda: Settings(_env_file=None))

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["launch", "check", *arguments])
        return result.exit_code, result.output

    return run


def test_the_command_lists_everything_and_says_by_its_status_whether_something_is_left(
    command: Callable[..., tuple[int, str]], settings: Settings
) -> None:
    status, text = command()
    assert status == 0
    assert "未記入" not in text
    change_desk(settings.corpus_dir, owner={"fee": ""})
    status, text = command()
    assert status == 1
    assert "× 手数料（いただかない場合は、その旨）：未記入　→ desk.yml の owner.fee" in text
    assert text.splitlines()[-1].endswith("済んでいないもの：1件")
    status, text = command("--json")
    assert status == 1
    assert [item["key"] for item in json.loads(text) if item["state"] == "red"] == ["fee"]


def test_a_process_that_is_made_to_die_somewhere_does_not_start_in_production(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.crash_points._armed", Armed(CrashPoint.FILING_BEGUN))
    with pytest.raises(BadInputError, match="MADOGUCHI_CRASH_AT"):
        require_cleared(settings)
    require_cleared(settings.model_copy(update={"mode": "trial"}))
