from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from sqlalchemy import Engine

from bot.commands.register import app
from bot.errors import BadInputError
from bot.register import audit
from bot.register.completing import give_details
from bot.register.details import read_details
from bot.register.drafts import open_draft
from bot.register.filing import Filed, file_draft
from bot.register.kinds import Kind
from bot.register.models import Draft, Request
from bot.storage.engine import transaction
from tests.support.register_desk import VAULT, CommandDesk

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def filed(engine: Engine, kind: Kind, words: str, scope: str | None = None, *, is_test: bool = False) -> Filed:
    with transaction(engine) as session:
        draft_id = open_draft(
            session,
            controller="eparkrelax",
            conversation_id="c" * 32,
            channel="web",
            kinds=[kind],
            scope=scope,
            words=words,
            vault=VAULT,
            now=NOW,
            is_test=is_test,
        )
        (receipt,) = file_draft(session, draft_id, now=NOW, vault=VAULT)
    return receipt


@pytest.fixture
def receipt(desk: CommandDesk, engine: Engine) -> Filed:
    desk.now = NOW
    receipt = filed(engine, Kind.DISCLOSURE, "見せてください", "予約履歴")
    details = read_details({"role": "self", "name": "山田花子", "email": "hanako@example.com"})
    with transaction(engine) as session:
        draft_id = session.get_one(Request, receipt.request_id).draft_id
        give_details(session, draft_id, details, actor=audit.MEMBER, now=NOW, vault=VAULT)
    return receipt


def test_lists_without_names(desk: CommandDesk, receipt: Filed) -> None:
    assert desk.run("list").split() == [
        *(receipt.number, "disclosure", "identity_pending", "2026-11-23", "10:30:00", "JST"),
        *("due", "2026-12-07/-", "left", "10", "-"),
    ]


def test_shows_the_trail_but_nothing_entered(desk: CommandDesk, receipt: Filed) -> None:
    shown = desk.run("show", receipt.number.lower())

    assert "1. 2026-11-23T10:30:00+09:00 member request:filed" in shown
    assert "contact details: given" in shown
    assert "suit possible from: 2026-12-08" in shown
    assert "山田" not in shown
    assert "見せて" not in shown


def test_revealing_shows_everything_and_is_recorded(desk: CommandDesk, engine: Engine, receipt: Filed) -> None:
    shown = desk.run("show", receipt.number, "--reveal", as_="ken")

    assert "name: 山田花子" in shown
    assert "email: hanako@example.com" in shown
    assert "words: 見せてください" in shown
    with transaction(engine) as session:
        event = audit.trail(session, receipt.request_id)[-1]
    assert (event.actor, event.action) == ("staff:ken", "details:revealed")
    assert event.fields == ["role", "reply_by", "name", "email", "words"]


def test_what_is_about_health_is_revealed_to_some_only(desk: CommandDesk, engine: Engine) -> None:
    receipt = filed(engine, Kind.DISCLOSURE, "見せてください", "健康情報")

    assert "sensitive" in desk.refused("show", receipt.number, "--reveal", as_="mei")
    assert "健康情報" in desk.run("show", receipt.number, as_="mei")
    assert "見せて" in desk.run("show", receipt.number, "--reveal", as_="aya")


@pytest.mark.parametrize("number", ["K261123-0000-00000", "", "nonsense", "Ｋ261123"])
def test_an_unknown_number_is_one_clear_line(desk: CommandDesk, number: str) -> None:
    assert desk.refused("show", number) == f"the register holds no request of the number {number!r}"


def test_another_companys_request_is_unknown(
    desk: CommandDesk, receipt: Filed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_DEFAULT_POLICY", "other/privacy")
    desk.forget_settings()

    assert "holds no request" in desk.refused("show", receipt.number)


def test_check_says_that_all_is_well(desk: CommandDesk, receipt: Filed) -> None:
    assert desk.run("check") == "The register agrees with itself.\n", receipt.number


def test_check_names_what_contradicts(desk: CommandDesk, engine: Engine, receipt: Filed) -> None:
    with transaction(engine) as session:
        draft_id = session.get_one(Request, receipt.request_id).draft_id
        session.get_one(Draft, draft_id).kinds = ["erasure"]

    result = desk.tried("check")

    assert result.exit_code == 2
    assert f"draft {draft_id}" in result.stderr


def test_purge_removes_tests_after_a_day(desk: CommandDesk, engine: Engine, receipt: Filed) -> None:
    filed(engine, Kind.ERASURE, "消して", is_test=True)
    assert "(test)" in desk.run("list")
    desk.later(days=1)

    assert desk.run("purge") == "tests 1\n"
    assert desk.run("list").split()[0] == receipt.number


@pytest.mark.parametrize(("as_", "told"), [("eve", "not in the staff file"), ("a b", "no id"), ("staff:aya", "no id")])
def test_only_staff_act(desk: CommandDesk, as_: str, told: str) -> None:
    assert told in desk.refused("list", as_=as_)


def test_without_a_staff_file_whoever_is_logged_in_acts(
    desk: CommandDesk, receipt: Filed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MADOGUCHI_STAFF_FILE")
    monkeypatch.setenv("LOGNAME", "login.name")
    desk.forget_settings()

    desk.run("begin", receipt.number, as_="")

    assert "staff:login.name review:begun" in desk.run("show", receipt.number, as_="")


def test_a_missing_database_is_not_created(desk: CommandDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "none.db"
    monkeypatch.setenv("MADOGUCHI_DATABASE_URL", f"sqlite:///{path}")
    desk.forget_settings()

    assert "there is no database" in desk.refused("list")
    assert not path.exists()


def test_a_database_without_tables_is_named(desk: CommandDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    monkeypatch.setenv("MADOGUCHI_DATABASE_URL", f"sqlite:///{path}")
    desk.forget_settings()

    result = desk.tried("list")
    assert isinstance(result.exception, BadInputError)
    assert "has no register" in str(result.exception)


def test_what_has_to_be_answered_without_delay_is_marked(desk: CommandDesk, engine: Engine) -> None:
    receipt = filed(engine, Kind.INQUIRY, "開示の手数料はいくらですか")

    assert "(without delay)" in desk.run("list")
    assert "(without delay)" in desk.run("show", receipt.number)


def test_every_command_stands_in_the_documentation() -> None:
    documented = Path("docs/register.md").read_text(encoding="utf-8")
    commands = [
        info.name or getattr(info.callback, "__name__", "") for group in groups() for info in group.registered_commands
    ]

    assert len(commands) > 35
    missing = [name for name in commands if not re.search(rf"`{name}[ `]|· `{name}`", documented)]
    assert missing == []


def groups() -> list[typer.Typer]:
    return [group.typer_instance for group in app.registered_groups if group.typer_instance is not None]


def test_a_request_is_held_and_let_go(desk: CommandDesk, receipt: Filed) -> None:
    number = receipt.number
    assert desk.run("hold", number, "--reason", "訴訟の準備") == f"{number}: held\n"
    assert "(held)" in desk.run("show", number)
    assert desk.run("purge") == "Nothing was due.\n"
    assert desk.run("hold", number, "--lift") == f"{number}: no longer held\n"
    assert "(held)" not in desk.run("show", number)
