"""カレンダー over HTTP: counts of both clocks, one day's list page by page, and a file that names nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime

import icalendar
import pytest
from sqlalchemy.orm import Session

from bot.clock import TOKYO
from bot.console.calendar import pages
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.staff.roles import Role
from tests.support.console import Desk, console_settings, running_console

NOW = datetime(2026, 12, 15, 11, 0, tzinfo=TOKYO)


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with running_console(console_settings(database_url), lambda: NOW) as running:
        yield running


async def arrived(desk: Desk, day: date, *, verified: date | None = None, **facts: object) -> str:
    """The id of a request that arrived in the morning of a day."""
    console = desk.console
    morning = datetime(day.year, day.month, day.day, 10, tzinfo=TOKYO)
    given = {"channel": EntryChannel.LETTER, "kinds": (Kind.DISCLOSURE,), "received_at": morning, "words": "山田花子"}
    entry = Entry(**{**given, **facts})  # type: ignore[arg-type]  # each test names what it means

    def step(session: Session) -> str:
        (filed,) = enter(session, entry, actor="staff:ito", now=NOW, vault=console.vault, controller=console.controller)
        if verified is not None:
            session.get_one(Request, filed.request_id).verified_at = datetime.combine(verified, NOW.timetz())
        return filed.request_id

    return await console.write(step)


async def test_the_month_counts_both_clocks_and_leads_to_the_day(desk: Desk) -> None:
    await arrived(desk, date(2026, 12, 1), verified=date(2026, 12, 4))
    await arrived(desk, date(2026, 12, 1))
    staff = await desk.signed_in(Role.VIEWER)

    text = await staff.get("/calendar")

    assert 'href="/calendar/2026-12-15" aria-label="2026年12月15日（火） 到着から2件"' in text
    assert 'href="/calendar/2026-12-18" aria-label="2026年12月18日（金） 本人確認から1件"' in text
    assert 'aria-current="date"' in text
    assert 'href="/calendar/2026-11"' in text
    assert 'href="/calendar/2027-01"' in text
    assert text.count("<time datetime=") % 7 == 0


async def test_a_closure_that_is_far_off_is_not_spoken_of(desk: Desk) -> None:
    await arrived(desk, date(2026, 12, 15))  # due on 29 December
    staff = await desk.signed_in(Role.VIEWER)
    assert "sheet__closure" not in await staff.get("/calendar")


async def test_a_closure_that_is_near_stands_above_the_sheet(database_url: str) -> None:
    now = datetime(2026, 12, 22, 11, 0, tzinfo=TOKYO)
    async with running_console(console_settings(database_url), lambda: now) as desk:
        await arrived(desk, date(2026, 12, 15))
        staff = await desk.signed_in(Role.VIEWER)
        text = await staff.get("/calendar")
    assert "2026年12月26日（土）から2027年1月4日（月）まで" in text
    assert "<strong>1件</strong>" in text


async def test_a_days_list_goes_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [await arrived(desk, date(2026, 12, 1)) for _ in range(3)]
    monkeypatch.setattr(pages, "PAGE_ROWS", 2)
    staff = await desk.signed_in(Role.VIEWER)

    first = await staff.get("/calendar/2026-12-15")
    onward = first.partition('<p class="onward"><a href="')[2].partition('"')[0]
    second = await staff.get(onward)

    seen = [id_ for id_ in ids if id_ in first] + [id_ for id_ in ids if id_ in second]
    assert sorted(seen) == sorted(ids)
    assert "山田" not in first + second
    assert "onward" not in second


async def test_a_day_without_anything_says_so(desk: Desk) -> None:
    staff = await desk.signed_in(Role.VIEWER)
    text = await staff.get("/calendar/2026-12-29")
    assert "終わっていない請求はありません" in text
    assert "窓口は休業" in text


async def test_the_file_holds_days_and_numbers_alone(desk: Desk) -> None:
    id_ = await arrived(desk, date(2026, 12, 1), verified=date(2026, 12, 4))
    staff = await desk.signed_in(Role.VIEWER)
    response = await staff.client.get("/calendar/2026-12/file")
    content = await response.read()

    events = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert {event.decoded("dtstart"): str(event["summary"]) for event in events} == {
        date(2026, 12, 15): "請求の期限：到着から1件",
        date(2026, 12, 18): "請求の期限：本人確認から1件",
    }
    number = await desk.console.read(lambda session: session.get_one(Request, id_).number)
    assert id_.encode() not in content
    assert number.encode() not in content
    assert response.headers["Content-Disposition"] == 'attachment; filename="due-2026-12.ics"'
    assert response.content_type == "text/calendar"


async def test_who_may_not_read_about_health_is_not_told_of_it(desk: Desk) -> None:
    id_ = await arrived(desk, date(2026, 12, 1), scope="健康情報")
    plain, sensitive = (
        await desk.signed_in(Role.OFFICER, "a"),
        await desk.signed_in(Role.OFFICER, "b", sees_sensitive=True),
    )
    assert "到着から" not in (await plain.get("/calendar")).partition("<tbody>")[2]
    assert id_ not in await plain.get("/calendar/2026-12-15")
    assert id_ in await sensitive.get("/calendar/2026-12-15")


@pytest.mark.parametrize("path", ["/calendar/2026-13", "/calendar/nonsense", "/calendar/2026-12-01/file"])
async def test_an_address_without_a_day_is_no_page(desk: Desk, path: str) -> None:
    await (await desk.signed_in(Role.VIEWER)).get(path, status=404)


async def test_a_made_up_place_is_refused(desk: Desk) -> None:
    staff = await desk.signed_in(Role.VIEWER)
    for place in ("nonsense", "WyJ4IiwgInkiXQ"):
        await staff.get(f"/calendar/2026-12-15?after={place}", status=400)


async def test_who_sees_no_requests_sees_no_calendar(desk: Desk) -> None:
    staff = await desk.signed_in(Role.ADMIN)
    for path in ("/calendar", "/calendar/2026-12", "/calendar/2026-12/file"):
        await staff.get(path, status=403)
