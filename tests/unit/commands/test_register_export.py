from __future__ import annotations

import csv
import json
from pathlib import Path

from bot.register.ledger import COLUMNS
from tests.support.register_desk import PHONE, CommandDesk


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_ledger_is_exported_without_anything_sealed(desk: CommandDesk, tmp_path: Path) -> None:
    number = desk.enter_by_phone("--kind", "disclosure", "--details", desk.file("details.yml", PHONE))
    to = tmp_path / "out" / "ledger.csv"

    assert desk.run("export", "--to", str(to)) == f"1 requests: {to}\n"

    (row,) = table(to)
    assert tuple(row) == COLUMNS
    assert (row["number"], row["due_from_arrival"], row["suit_possible_from"]) == (number, "2026-12-07", "2026-12-08")
    assert "山田" not in to.read_text(encoding="utf-8")
    assert to.stat().st_mode & 0o077 == 0


def test_revealing_is_recorded_and_no_cell_runs_as_a_formula(desk: CommandDesk, tmp_path: Path) -> None:
    number = desk.enter_by_phone(
        "--kind", "disclosure", "--details", desk.file("details.yml", PHONE), words='=HYPERLINK("http://x")'
    )
    to = tmp_path / "ledger.csv"

    desk.run("export", "--to", str(to), "--reveal", as_="ken")

    (row,) = table(to)
    assert (row["name"], row["words"]) == ("山田花子", '\'=HYPERLINK("http://x")')
    last = json.loads(desk.run("show", number, "--json"))["trail"][-1]
    assert (last["actor"], last["action"]) == ("staff:ken", "details:revealed")


def test_what_is_about_health_is_exported_by_some_only(desk: CommandDesk, tmp_path: Path) -> None:
    desk.enter_by_phone("--kind", "disclosure", "--scope", "健康情報")
    to = tmp_path / "ledger.csv"

    assert "sensitive" in desk.refused("export", "--to", str(to), "--reveal", as_="mei")
    assert not to.exists()


def test_tests_are_left_out_unless_wanted_and_an_empty_ledger_has_its_head(desk: CommandDesk, tmp_path: Path) -> None:
    desk.enter_by_phone("--kind", "erasure", "--test")
    to = tmp_path / "ledger.csv"

    desk.run("export", "--to", str(to))
    assert table(to) == []
    assert to.read_text(encoding="utf-8-sig").startswith("number,kind,")
    desk.run("export", "--to", str(to), "--tests")
    assert len(table(to)) == 1


def test_a_place_that_cannot_be_written_is_named(desk: CommandDesk) -> None:
    desk.enter_by_phone()
    blocked = desk.file("file", "x")

    assert "File exists" in desk.refused("export", "--to", f"{blocked}/ledger.csv")
    assert Path(blocked).read_text(encoding="utf-8") == "x"


def test_the_list_is_narrowed_down(desk: CommandDesk) -> None:
    one = desk.enter_by_phone("--kind", "disclosure", "--kind", "complaint")
    desk.run("begin", one)
    desk.run("assign", one, "ken")

    def listed(*options: str, as_: str = "aya") -> list[str]:
        rows: list[dict[str, str]] = json.loads(desk.run("list", "--json", *options, as_=as_))
        return sorted(row["kind"] for row in rows)

    assert listed() == ["complaint", "disclosure"]
    assert listed("--kind", "complaint") == ["complaint"]
    assert listed("--state", "in_review") == listed("--mine", as_="ken") == ["disclosure"]
    assert listed("--mine") == listed("--overdue") == []
    desk.later(days=20)
    assert listed("--overdue") == ["complaint", "disclosure"]
    assert "(overdue)" in desk.run("list")
    assert desk.tried("list", "--state", "lost").exit_code == 2
