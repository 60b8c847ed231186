"""What is owed after a leak stands on 今日, for those who read the audit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.clock import TOKYO
from bot.incidents.affected import affected
from bot.incidents.filters import read_filters
from bot.incidents.keeping import open_incident
from bot.staff.roles import Role
from tests.support.console import Desk, console_settings, running_console

NOW = datetime(2026, 11, 26, 11, 0, tzinfo=TOKYO)


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with running_console(console_settings(database_url), lambda: NOW) as running:
        yield running


async def test_a_report_that_is_owed_is_shown_to_officers_and_administrators_alone(desk: Desk) -> None:
    def step(session: Session) -> str:
        filters = read_filters(desk.console.controller, NOW - timedelta(days=9), NOW)
        found = affected(session, filters)
        noticed = NOW - timedelta(days=6)
        return open_incident(session, filters, found, noticed_at=noticed, actor="staff:sato", now=NOW).id

    id_ = await desk.console.write(step)

    for role in (Role.OFFICER, Role.ADMIN):
        page = await (await desk.signed_in(role, str(role))).get("/")
        assert id_[:8] in page
        assert "期限超過" in page
    for role in (Role.COUNSELLOR, Role.VIEWER):
        assert "漏えい等の報告" not in await (await desk.signed_in(role, str(role))).get("/")
