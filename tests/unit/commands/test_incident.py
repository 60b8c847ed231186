"""The commands of the bad day, one after the other, on a register with a request in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands.incident import app
from tests.support.register_desk import PHONE, CommandDesk


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments])
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return result.stdout


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments])
    assert result.exit_code != 0, (arguments, result.output)
    return str(result.exception)


def test_what_may_be_affected_is_listed_without_anybody_s_name(desk: CommandDesk) -> None:
    number = desk.enter_by_phone("--kind", "disclosure", "--details", desk.file("details.yml", PHONE))
    desk.later(minutes=1)

    told = run("--since", "2026-11-20", "--as", "aya")

    assert number in told
    assert "氏名:暗号化" in told
    assert "多くて1人" in told
    assert "[ ] unlawful:" in told
    assert "速報は2026-11-26から2026-11-28まで" in told
    assert "山田" not in told
    assert "神宮前" not in told


def test_names_are_for_who_may_and_every_look_is_an_event(desk: CommandDesk) -> None:
    number = desk.enter_by_phone("--kind", "disclosure", "--details", desk.file("details.yml", PHONE))
    desk.later(minutes=1)

    assert "may not do this" in refused("--since", "2026-11-20", "--names", "--as", "mei")
    assert "山田花子" in run("--since", "2026-11-20", "--names", "--as", "aya")
    last = json.loads(desk.run("show", number, "--json"))["trail"][-1]
    assert (last["actor"], last["action"]) == ("staff:aya", "details:revealed")
    desk.later(minutes=1)
    told = json.loads(run("--since", "2026-11-20", "--actor", "aya", "--json", "--as", "ken"))
    assert [(item["number"], item["data"]["氏名"]) for item in told["items"]] == [(number, "clear")]


def test_an_incident_goes_from_open_to_reported(desk: CommandDesk) -> None:
    desk.enter_by_phone("--kind", "disclosure", "--details", desk.file("details.yml", PHONE))
    desk.later(minutes=1)
    id_ = run("open", "--since", "2026-11-20", "--noticed", "2026-11-24 09:00", "--as", "mei").splitlines()[-1][:32]
    assert "速報 2026-11-28まで  未判断  1人" in run("list", "--as", "mei")

    desk.later(days=5)
    assert "期限を過ぎています" in run("list", "--as", "mei")
    assert f"incident {id_}: its report" in desk.tried("check").output
    assert "may not do this" in refused("judge", id_, "--ground", "unlawful", "--as", "mei")
    assert "確報" not in run("judge", id_[:6], "--ground", "unlawful", "--as", "aya")
    assert "確報 2027-01-22まで" in run("reported", id_, "--first", "--as", "aya")
    assert json.loads(run("show", id_, "--as", "mei").partition("\n")[2])["grounds"] == ["unlawful"]
    drafts = run("draft", id_, "--as", "mei")
    assert "# 漏えい等報告の下書き" in drafts
    assert "# 本人への通知の下書き" in drafts
    assert "山田" not in drafts
    assert "完了" in run("reported", id_, "--final", "--as", "aya")
    assert "incident" not in desk.tried("check").output


@pytest.mark.usefixtures("desk")
def test_what_is_not_said_is_asked_for() -> None:
    assert "--since" in refused("--as", "aya")
    assert "no moment" in refused("--since", "gestern", "--as", "aya")
    assert "either --ground" in refused("judge", "ab", "--as", "aya")
    assert "either --ground" in refused("judge", "ab", "--none", "--ground", "many", "--as", "aya")
    assert "no incident" in refused("show", "ab", "--as", "aya")


def test_every_command_stands_in_the_documentation() -> None:
    documented = Path("docs/incident.md").read_text(encoding="utf-8")

    for info in app.registered_commands:
        assert f"incident {info.name}" in documented or f"/ {info.name}" in documented, info.name
