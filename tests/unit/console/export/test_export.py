"""書き出し over HTTP: the filtered queue as CSV and JSON, in the trail before it leaves, without anything sealed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import QueuePool, select, update

from bot.clock import TOKYO
from bot.console.export import pages
from bot.console.export.titles import TITLES
from bot.register import ledger
from bot.register.details import read_details
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.kinds import Kind
from bot.register.ledger import COLUMNS
from bot.register.models import Request
from bot.staff.models import StaffEvent
from bot.staff.roles import Role
from tests.support.console import Desk, Staff, console_settings, running_console
from tests.support.waiting import until

NOW = datetime(2026, 11, 26, 11, 0, tzinfo=TOKYO)
DETAILS = read_details({"role": "self", "name": "山田花子", "email": "hanako@example.com"})
REASON = {"reason": "11月の月次報告"}


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with running_console(console_settings(database_url), lambda: NOW) as running:
        yield running


async def enter_one(desk: Desk, kind: Kind = Kind.DISCLOSURE, *, days: int = 1, **facts: Any) -> str:  # noqa: ANN401
    """The number of a request that arrived so many days ago."""
    console = desk.console
    given: dict[str, Any] = {
        "channel": EntryChannel.PHONE,
        "kinds": (kind,),
        "received_at": NOW - timedelta(days=days),
        "words": "秘密の言葉",
        "details": DETAILS,
    }
    entry = Entry(**given | facts)
    (filed,) = await console.write(
        lambda session: enter(
            session, entry, actor="staff:ito", now=NOW, vault=console.vault, controller=console.controller
        )
    )
    return filed.number


async def exported(staff: Staff, **form: str) -> str:
    """The file's text."""
    _, text = await staff.post("/export", REASON | form, status=200)
    return text


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_every_column_of_the_ledger_has_a_title_in_its_order() -> None:
    assert tuple(TITLES) == COLUMNS


async def test_the_spreadsheet_is_in_the_words_of_the_screens(desk: Desk) -> None:
    number = await enter_one(desk, scope="予約履歴")
    staff = await desk.signed_in(Role.OFFICER)

    text = await exported(staff, format="csv")

    assert text.startswith("\ufeff受付番号,種類,対象,")
    (row,) = table(text)
    assert (row["受付番号"], row["種類"], row["状態"], row["経路"]) == (number, "開示", "本人確認待ち", "電話")
    assert (row["受付日時"], row["期限（受付から）"], row["残り営業日"]) == ("2026-11-25 11:00", "2026-12-09", "9")
    assert (row["連絡先"], row["急ぎ"], row["担当"]) == ("○", "", "")
    assert "秘密" not in text
    assert "hanako" not in text


async def test_programs_get_the_columns_of_the_command(desk: Desk) -> None:
    number = await enter_one(desk)
    staff = await desk.signed_in(Role.OFFICER)
    (row,) = json.loads(await exported(staff, format="json"))
    assert tuple(row) == COLUMNS
    assert (row["number"], row["kind"], row["has_contact"]) == (number, "disclosure", True)
    assert json.loads(await exported(staff, format="json", group="over")) == []


async def test_what_is_filtered_is_what_is_written(desk: Desk) -> None:
    disclosure, inquiry = await enter_one(desk), await enter_one(desk, Kind.INQUIRY)
    overdue, test = await enter_one(desk, days=20), await enter_one(desk, is_test=True)
    staff = await desk.signed_in(Role.OFFICER)

    async def numbers(**form: str) -> list[str]:
        return [row["受付番号"] for row in table(await exported(staff, format="csv", **form))]

    assert sorted(await numbers()) == sorted([disclosure, inquiry, overdue])
    assert await numbers(kind="inquiry") == [inquiry]
    assert await numbers(due="overdue") == [overdue]
    assert test in await numbers(with_tests="1")
    text = await staff.get("/export?kind=inquiry&due=3")
    assert 'name="kind" value="inquiry"' in text
    assert "<dd>お問い合わせ</dd>" in text


async def test_a_list_longer_than_one_piece_is_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "BATCH", 2)
    monkeypatch.setattr(ledger, "BATCH", 2)
    numbers = [await enter_one(desk, days=days) for days in (1, 1, 2, 3)]
    staff = await desk.signed_in(Role.OFFICER)
    rows = table(await exported(staff, format="csv"))
    assert sorted(row["受付番号"] for row in rows) == sorted(numbers)
    assert len(json.loads(await exported(staff, format="json"))) == 4


async def test_it_stands_in_the_trail_who_took_it_and_why(desk: Desk) -> None:
    staff = await desk.signed_in(Role.OFFICER, "sato")
    await exported(staff, format="json", kind="inquiry", urgent="1")
    query = select(StaffEvent).where(StaffEvent.action == "list:exported")
    event = await desk.console.read(lambda session: session.scalars(query).one())
    assert (event.actor, event.reason) == ("staff:sato", REASON["reason"])
    assert event.fields == ["json", "group=open", "kind=inquiry", "urgent"]


@pytest.mark.parametrize(
    "form", [{"format": "csv", "reason": " "}, {"format": "xlsx"}, {"format": "csv", "reason": "x" * 201}]
)
async def test_without_a_reason_or_a_format_nothing_is_taken(desk: Desk, form: dict[str, str]) -> None:
    number = await enter_one(desk)
    staff = await desk.signed_in(Role.OFFICER)
    _, text = await staff.post("/export", REASON | form, status=422)
    assert number not in text
    query = select(StaffEvent.id).where(StaffEvent.action == "list:exported")
    assert await desk.console.read(lambda session: session.scalars(query).all()) == []


async def test_no_cell_runs_as_a_formula(desk: Desk) -> None:
    await enter_one(desk)
    await desk.console.write(lambda session: session.execute(update(Request).values(scope='=HYPERLINK("http://x")')))
    (row,) = table(await exported(await desk.signed_in(Role.OFFICER), format="csv"))
    assert row["対象"] == '\'=HYPERLINK("http://x")'


async def test_what_is_about_health_leaves_only_with_those_who_may_read_it(desk: Desk) -> None:
    number = await enter_one(desk, scope="健康情報")
    assert number not in await exported(await desk.signed_in(Role.OFFICER, "a"), format="csv")
    may = await desk.signed_in(Role.OFFICER, "b", sees_sensitive=True)
    assert number in await exported(may, format="csv")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.COUNSELLOR, Role.ADMIN])
async def test_nobody_else_takes_lists_out(desk: Desk, role: Role) -> None:
    staff = await desk.signed_in(role)
    await staff.get("/export", status=403)
    await staff.post("/export", REASON | {"format": "csv"}, status=403)


async def test_the_queue_leads_there_with_its_choices(desk: Desk) -> None:
    text = await (await desk.signed_in(Role.OFFICER)).get("/requests?kind=erasure")
    assert 'href="/export?group=open&amp;kind=erasure"' in text
    assert "/export" not in await (await desk.signed_in(Role.COUNSELLOR)).get("/requests")


async def test_the_browser_saves_it_and_keeps_no_copy(desk: Desk) -> None:
    staff = await desk.signed_in(Role.OFFICER)
    response = await staff.client.post("/export", data=REASON | {"format": "csv", "csrf": await staff.csrf()})
    assert response.headers["Content-Disposition"] == 'attachment; filename="requests-20261126-1100.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"


async def test_who_goes_away_in_the_middle_leaves_nothing_open(desk: Desk) -> None:
    staff = await desk.signed_in(Role.OFFICER)
    pool = cast(QueuePool, desk.console.engine.pool)
    response = await staff.client.post("/export", data=REASON | {"format": "csv", "csrf": await staff.csrf()})
    response.close()
    await until(lambda: pool.checkedout() == 0)
