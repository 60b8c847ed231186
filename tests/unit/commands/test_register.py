from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from bot import settings
from bot.commands.register import app
from bot.errors import BadInputError
from bot.register import audit
from bot.register.details import read_details
from bot.register.drafts import open_draft
from bot.register.errors import RequestIsUnknownError
from bot.register.filing import Filed, file_draft
from bot.register.kinds import Kind
from bot.register.models import Draft, Request
from bot.register.pages import issue_page, submit_details
from bot.storage.encryption import Vault
from bot.storage.engine import transaction

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
KEYS = {"MADOGUCHI_ENCRYPTION_KEY": b"e" * 32, "MADOGUCHI_HASH_KEY": b"h" * 32}
run = CliRunner().invoke


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    settings.load.cache_clear()
    for name, key in KEYS.items():
        monkeypatch.setenv(name, base64.b64encode(key).decode())
    if "engine" in request.fixturenames:
        monkeypatch.setenv("MADOGUCHI_DATABASE_URL", request.getfixturevalue("database_url"))
    yield
    settings.load.cache_clear()


@pytest.fixture
def receipt(engine: Engine) -> Filed:
    vault = Vault(*KEYS.values())
    details = read_details({"role": "self", "name": "山田花子", "email": "hanako@example.com"})
    with transaction(engine) as session:
        draft_id = open_draft(
            session,
            controller="eparkrelax",
            conversation_id="c" * 32,
            channel="web",
            kinds=[Kind.DISCLOSURE],
            scope="予約履歴",
            words="見せてください",
            vault=vault,
            now=NOW,
        )
        (filed,) = file_draft(session, draft_id, now=NOW, vault=vault)
        submit_details(session, issue_page(session, draft_id, now=NOW), details, now=NOW, vault=vault)
    return filed


def test_lists_without_names(receipt: Filed) -> None:
    result = run(app, ["list"])

    assert result.exit_code == 0
    assert result.output.split() == [
        *(receipt.number, "disclosure", "identity_pending", "2026-11-23", "10:30:00", "JST", "due", "2026-12-07")
    ]


def test_shows_the_trail_but_nothing_entered(receipt: Filed) -> None:
    result = run(app, ["show", receipt.number.lower()])

    assert "1. 2026-11-23 10:30:00 JST member request:filed" in result.output
    assert "contact details: given" in result.output
    assert "山田" not in result.output
    assert "見せて" not in result.output


def test_revealing_shows_everything_and_is_recorded(engine: Engine, receipt: Filed) -> None:
    result = run(app, ["show", receipt.number, "--reveal"])

    assert "name: 山田花子" in result.output
    assert "email: hanako@example.com" in result.output
    assert "words: 見せてください" in result.output
    with transaction(engine) as session:
        event = audit.trail(session, receipt.request_id)[-1]
    assert event.action == "details:revealed"
    assert event.actor.startswith("staff:")
    assert event.fields == ["role", "reply_by", "name", "email", "words"]


def test_an_unknown_number_is_one_clear_line(engine: Engine) -> None:
    with pytest.raises(RequestIsUnknownError, match="K261123-0000-00000"):
        run(app, ["show", "K261123-0000-00000"], catch_exceptions=False)
    assert engine.url.database


def test_check_says_that_all_is_well(receipt: Filed) -> None:
    result = run(app, ["check"])

    assert (result.exit_code, result.output) == (0, "The register agrees with itself.\n"), receipt.number


def test_check_names_what_contradicts(engine: Engine, receipt: Filed) -> None:
    with transaction(engine) as session:
        draft_id = session.get_one(Request, receipt.request_id).draft_id
        session.get_one(Draft, draft_id).kinds = ["erasure"]

    result = run(app, ["check"])

    assert result.exit_code == 2
    assert f"draft {draft_id}" in result.output


def test_a_missing_database_is_not_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "none.db"
    monkeypatch.setenv("MADOGUCHI_DATABASE_URL", f"sqlite:///{path}")

    with pytest.raises(BadInputError, match="there is no database"):
        run(app, ["list"], catch_exceptions=False)
    assert not path.exists()


def test_a_database_without_tables_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    monkeypatch.setenv("MADOGUCHI_DATABASE_URL", f"sqlite:///{path}")

    with pytest.raises(BadInputError, match="has no register"):
        run(app, ["list"], catch_exceptions=False)


def test_what_has_to_be_answered_without_delay_is_marked(engine: Engine) -> None:
    with transaction(engine) as session:
        draft_id = open_draft(
            session,
            controller="eparkrelax",
            conversation_id="c" * 32,
            channel="web",
            kinds=[Kind.INQUIRY],
            scope=None,
            words="開示の手数料はいくらですか",
            vault=Vault(*KEYS.values()),
            now=NOW,
        )
        (filed,) = file_draft(session, draft_id, now=NOW, vault=Vault(*KEYS.values()))

    assert "(without delay)" in run(app, ["list"]).output
    assert "(without delay)" in run(app, ["show", filed.number]).output
