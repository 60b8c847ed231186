from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path

from junitparser import JUnitXml
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.console.trying.tools import TOOLS
from bot.evaluation.runs.models import RegressionRun
from bot.evaluation.runs.store import Order, hold, queue
from bot.staff.models import StaffEvent
from bot.staff.roles import Role
from bot.storage.engine import transaction
from tests.support.console import Desk, Staff
from tests.support.regression import LIVE, SET, StubSubjects, written_set
from tests.unit.console.testing.conftest import finished

_RUN = re.compile(r'href="/tests/runs/([0-9a-f]{32})"')


async def run_all(desk: Desk, staff: Staff, subject: str = "live") -> str:
    """The id of a run of the one set."""
    to, _ = await staff.post("/tests/run", {"subject": subject, "set": "periods"})
    await finished(desk)
    found = _RUN.search(await staff.get(to))
    assert found
    return found[1]


async def test_a_set_is_run_and_shows_what_came_of_each_case(desk: Desk, subjects: StubSubjects) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    assert "まだ実行していません" in await staff.get("/tests")
    run = await run_all(desk, staff)
    page = await staff.get(f"/tests/runs/{run}")
    assert "2 / 2" in page
    assert "合格" in page
    assert "見本 sato" in page
    assert "これより前の実行はありません" in page
    subjects.lacks = ("期間", "手数料", "本当")
    second = await run_all(desk, staff)
    page = await staff.get(f"/tests/runs/{second}?show=broken")
    assert "種類が 方針から回答 ではなく 方針に書かれていない" in page
    assert "種類 方針から回答、" in page
    assert "手数料は" not in page
    case = await staff.get(f"/tests/runs/{second}/cases/0?against={run}")
    assert "<mark>" in case
    assert "2週間以内に" in case
    overview = await staff.get("/tests")
    assert "不合格" in overview
    assert "1 / 2" in overview


async def test_the_page_is_shown_while_somebody_writes(desk: Desk, subjects: StubSubjects) -> None:
    del subjects
    staff = await desk.signed_in(Role.COUNSELLOR)
    with transaction(desk.console.engine):
        assert "まだ実行していません" in await staff.get("/tests")


async def test_the_trend_is_drawn_and_told_in_figures(desk: Desk, subjects: StubSubjects) -> None:
    del subjects
    staff = await desk.signed_in(Role.COUNSELLOR)
    await run_all(desk, staff)
    assert "<svg" not in await staff.get("/tests/sets/periods")
    await run_all(desk, staff)
    page = await staff.get("/tests/sets/periods")
    assert page.count("<circle") == 2
    assert "<polyline" in page
    assert "数字で見る" in page
    assert "style=" not in page


async def test_a_run_leaves_as_a_file(desk: Desk, subjects: StubSubjects, sets: Path) -> None:
    subjects.lacks = ("期間",)
    written_set(sets, SET.replace("say: 開示の期間は", 'say: "=開示の期間は"'))
    staff = await desk.signed_in(Role.COUNSELLOR)
    run = await run_all(desk, staff)
    rows = list(csv.DictReader(io.StringIO((await staff.get(f"/tests/runs/{run}/file/csv")).lstrip("\ufeff"))))
    assert [row["passed"] for row in rows] == ["no", "no"]
    assert rows[0]["question"] == "'=開示の期間は"
    told = json.loads(await staff.get(f"/tests/runs/{run}/file/json"))
    assert (told["subject"], told["green"], len(told["results"])) == ("live", False, 2)
    suite = next(iter(JUnitXml.fromstring(await staff.get(f"/tests/runs/{run}/file/xml"))))
    assert (suite.tests, suite.failures, suite.errors) == (2, 2, 0)
    await staff.get(f"/tests/runs/{run}/file/exe", status=404)


async def test_the_candidate_is_green_when_every_set_passed_at_once(desk: Desk, subjects: StubSubjects) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR)
    subjects.begin_candidate()
    assert "まだ実行していない" in await staff.get("/tests")
    await run_all(desk, staff, "candidate")
    assert "すべてのセットに合格しています" in await staff.get("/tests")


async def test_a_run_whose_process_died_is_told_as_cut_short(desk: Desk, subjects: StubSubjects, sets: Path) -> None:
    del subjects
    staff = await desk.signed_in(Role.COUNSELLOR)
    regression_set, console = written_set(sets), desk.console
    long_ago = console.clock() - timedelta(hours=1)
    order = Order(console.controller, staff.actor, "another process", LIVE)
    batch = await console.write(lambda session: queue(session, order, [regression_set], now=long_ago))
    page = await staff.get(f"/tests/batches/{batch}")
    assert "中断" in page
    assert "hx-get" not in page


async def test_while_it_runs_the_page_asks_again_and_links_for_who_has_no_script(
    desk: Desk, subjects: StubSubjects, sets: Path
) -> None:
    del subjects
    staff = await desk.signed_in(Role.COUNSELLOR)
    regression_set, console = written_set(sets), desk.console
    order = Order(console.controller, staff.actor, "another process", LIVE)
    batch = await console.write(lambda session: queue(session, order, [regression_set], now=console.clock()))
    page = await staff.get(f"/tests/batches/{batch}")
    assert f'hx-get="/tests/batches/{batch}/piece"' in page
    assert "いまの様子を見る" in page
    piece = await staff.get(f"/tests/batches/{batch}/piece")
    assert "<html" not in piece
    await staff.post("/tests/run", {"subject": "live", "set": "periods"}, status=503)


async def test_what_changed_while_it_waited_is_not_run_unseen(desk: Desk, subjects: StubSubjects) -> None:
    del subjects
    staff = await desk.signed_in(Role.COUNSELLOR)
    run = await run_all(desk, staff)
    tools = desk.server.app[TOOLS]

    def wait_again(session: Session) -> None:
        hold(session, desk.console.controller, tools.holder, now=desk.console.clock())
        values = {"state": "waiting", "holder": tools.holder, "set_digest": "other"}
        session.execute(update(RegressionRun).where(RegressionRun.id == run).values(values))

    await desk.console.write(wait_again)
    batch = await desk.console.read(lambda session: session.get_one(RegressionRun, run).batch)
    await staff.get(f"/tests/batches/{batch}")
    await finished(desk)
    assert "セットが変わりました" in await staff.get(f"/tests/runs/{run}")


async def test_who_only_looks_runs_nothing_and_a_run_is_noted(desk: Desk, subjects: StubSubjects) -> None:
    del subjects
    viewer = await desk.signed_in(Role.VIEWER)
    assert "選んだセットを実行" not in await viewer.get("/tests")
    await viewer.post("/tests/run", {"subject": "live", "set": "periods"}, status=403)
    staff = await desk.signed_in(Role.COUNSELLOR)
    await staff.post("/tests/run", {"subject": "live"}, status=400)
    await staff.post("/tests/run", {"subject": "candidate", "set": "periods"}, status=400)
    await run_all(desk, staff)
    events = await desk.console.read(
        lambda session: list(session.scalars(select(StaffEvent.fields).where(StaffEvent.action == "tests:run")))
    )
    assert events == [["live", "periods"]]


async def test_a_set_that_cannot_be_read_is_shown_with_its_reason(
    desk: Desk, subjects: StubSubjects, sets: Path
) -> None:
    del subjects
    (sets / "eparkrelax" / "privacy" / "wrong.yml").write_text("title: [", encoding="utf-8")
    staff = await desk.signed_in(Role.VIEWER)
    page = await staff.get("/tests")
    assert "読めません" in page
    assert "wrong.yml:" in page
