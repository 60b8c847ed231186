from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
from aiohttp import ClientError
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.console.audit.exporting import FORMATS
from bot.console.audit.spreadsheet import csv_lines
from bot.console.audit.words import ACTIONS, FAULTS, FIELDS, SORTS, STAFF_ACTIONS, action_title, shown_fields
from bot.register.audit import Action, record
from bot.register.drafts import open_draft
from bot.register.filing import Filed, file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.trail.joined import Place, TrailRow
from bot.staff.roles import Right, Role
from bot.staff.trail import About, StaffAction, note_of
from bot.storage.encryption import Vault
from bot.storage.hash_chain import Fault
from tests.support.console import Desk, Staff
from tests.support.view_logged import assert_view_logged

VAULT = Vault(b"e" * 32, b"h" * 32)


def file_one(session: Session, controller: str, events: int = 0) -> Filed:
    now = system_clock()
    draft = open_draft(
        session,
        controller=controller,
        conversation_id="c" * 32,
        channel="web",
        kinds=[Kind.DISCLOSURE],
        scope="予約履歴",
        words="見せてください",
        vault=VAULT,
        now=now,
    )
    (filed,) = file_draft(session, draft, now=now, vault=VAULT)
    request = session.get_one(Request, filed.request_id)
    for number in range(events):
        at = now + timedelta(milliseconds=number + 1)
        record(session, request, action=Action.PAGE_ISSUED, actor="system", now=at, fields=["link"])
    return filed


def add_talk(session: Session, controller: str, reason: str = "") -> None:
    about = About("talk", "t" * 32, fields=["words"], reason=reason or None)
    now = system_clock()
    note_of(session, controller, "staff:sato", StaffAction.TALK_REVEALED, about, now=now, role="officer")


@pytest.fixture
async def officer(desk: Desk) -> Staff:
    return await desk.signed_in(Role.OFFICER, "sato")


def test_every_action_and_fault_has_a_name() -> None:
    assert set(ACTIONS) == {str(action) for action in (*Action, *StaffAction)}
    assert set(STAFF_ACTIONS) == set(StaffAction)
    assert set(FAULTS) == set(Fault)
    assert action_title("later:version") == "later:version"


async def test_both_trails_stand_in_one_list_newest_first(desk: Desk, officer: Staff) -> None:
    filed = await desk.console.write(lambda session: file_one(session, desk.console.controller, events=2))
    await desk.console.write(lambda session: add_talk(session, desk.console.controller, "苦情の調査のため"))

    text = await officer.get("/audit")

    table = text[text.index("<tbody>") :]
    assert table.index("会話の伏せた部分を閲覧しました") < table.index("入力ページを案内しました")
    assert filed.number in table
    assert "理由：苦情の調査のため" in table
    assert "見本 sato" in table


async def test_looking_and_taking_out_are_noted(desk: Desk, officer: Staff) -> None:
    with assert_view_logged(desk.console.engine, StaffAction.AUDIT_READ, actor=officer.actor):
        await officer.get("/audit?sort=request")
    with assert_view_logged(desk.console.engine, StaffAction.LIST_EXPORTED, actor=officer.actor):
        await officer.post("/audit/export", {"format": "csv"}, status=200)


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("actor=system", "入力ページを案内しました", "会話の伏せた部分を閲覧しました"),
        ("action=talk:revealed", "会話の伏せた部分を閲覧しました", "入力ページを案内しました"),
        ("sort=talk", "会話の伏せた部分を閲覧しました", "入力ページを案内しました"),
        ("sort=request", "入力ページを案内しました", "会話の伏せた部分を閲覧しました"),
        ("since=2020-01-01&until=2099-12-31", "入力ページを案内しました", "この条件に合う記録はありません"),
        ("until=2020-01-01", "この条件に合う記録はありません", "入力ページを案内しました"),
        ("since=2099-01-01", "この条件に合う記録はありません", "入力ページを案内しました"),
    ],
)
async def test_filters_narrow_the_list(desk: Desk, officer: Staff, query: str, shown: str, hidden: str) -> None:
    await desk.console.write(lambda session: file_one(session, desk.console.controller, events=1))
    await desk.console.write(lambda session: add_talk(session, desk.console.controller))

    text = await officer.get(f"/audit?{query}")

    body = text[text.index('<div class="card filter">') :].split("</select>")[-1]
    assert shown in body
    assert hidden not in body


async def test_a_request_is_found_by_its_number_and_no_number_stands_in_the_address(desk: Desk, officer: Staff) -> None:
    one = await desk.console.write(lambda session: file_one(session, desk.console.controller))
    other = await desk.console.write(lambda session: file_one(session, desk.console.controller))

    where, _ = await officer.post("/audit/request", {"number": f" {one.number.lower()} "})
    text = await officer.get(where)

    assert where == f"/audit?request={one.request_id}"
    assert one.number in text
    assert other.number not in text


@pytest.mark.parametrize("number", ["", "K261123-0000-0000", "<script>"])
async def test_a_number_that_there_is_not_is_told(officer: Staff, number: str) -> None:
    _, text = await officer.post("/audit/request", {"number": number}, status=200)
    assert "この受付番号の請求はありません" in text


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("since=yesterday", 200, "日付は"),
        ("since=2026-11-02&until=2026-11-01", 200, "始まりより前"),
        ("after=x", 400, "続きの指定"),
        ("after=WyJ4IiwgIiIsIDFd", 400, "続きの指定"),
        ("action=DROP&sort=x&actor=%27&request=1", 200, "監査"),
    ],
)
async def test_nonsense_in_the_address_is_told_or_left_aside(
    officer: Staff, query: str, status: int, says: str
) -> None:
    assert says in await officer.get(f"/audit?{query}", status=status)


async def test_pages_show_every_event_once(desk: Desk, officer: Staff) -> None:
    filed = await desk.console.write(lambda session: file_one(session, desk.console.controller, events=120))
    path, seen = f"/audit?request={filed.request_id}&sort=request", []
    while path:
        text = await officer.get(path)
        seen += re.findall(r'<time datetime="([^"]+)"', text)
        onward = re.search(r'href="([^"]+)" rel="next"', text)
        path = onward.group(1).replace("&amp;", "&") if onward else ""

    assert len(seen) == 121
    assert seen == sorted(seen, reverse=True)


async def test_events_of_one_moment_are_neither_lost_nor_doubled(desk: Desk, officer: Staff) -> None:
    now = system_clock()

    def fill(session: Session) -> None:
        filed = [file_one(session, desk.console.controller) for _ in range(2)]
        for number in range(40):
            for one in filed:
                request = session.get_one(Request, one.request_id)
                record(session, request, action=Action.CODE_SENT, actor="system", now=now, fields=[str(number)])
            about = About("talk", f"{number}", fields=[str(number)])
            note_of(session, desk.console.controller, "system", StaffAction.TALK_READ, about, now=now)

    await desk.console.write(fill)
    path, told = "/audit?actor=system", []
    while path:
        text = await officer.get(path)
        rows = re.findall(r"<td>([^<]*)</td>\s*<td>[^<]*(?:<span[^>]*>[^<]*</span>)?</td>\s*<td>(\d+)", text)
        told += rows
        onward = re.search(r'href="([^"]+)" rel="next"', text)
        path = onward.group(1).replace("&amp;", "&") if onward else ""

    assert len(told) == 120
    assert {number for _, number in told} == {str(number) for number in range(40)}


async def test_csv_is_read_back_and_runs_nothing(desk: Desk, officer: Staff) -> None:
    await desk.console.write(partial(add_talk, controller=desk.console.controller, reason='=HYPERLINK("http://x")'))
    filed = await desk.console.write(lambda session: file_one(session, desk.console.controller, events=3))

    _, text = await officer.post("/audit/export", {"format": "csv", "actor": "staff:sato"}, status=200)
    _, all_of_it = await officer.post("/audit/export", {"format": "csv"}, status=200)

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {row["ID"] for row in rows} == {"staff:sato"}
    assert [row["理由"] for row in rows if row["操作（記号）"] == "talk:revealed"] == ['\'=HYPERLINK("http://x")']
    everything = list(csv.DictReader(io.StringIO(all_of_it.removeprefix("\ufeff"))))
    assert sum(row["受付番号"] == filed.number for row in everything) == 4
    assert all(len(row["ハッシュ"]) == 64 for row in everything)


async def test_json_lines_hold_what_the_chain_covers(desk: Desk, officer: Staff) -> None:
    filed = await desk.console.write(lambda session: file_one(session, desk.console.controller, events=1200))

    form = {"format": "jsonl", "request": filed.request_id}
    _, text = await officer.post("/audit/export", form, status=200)

    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["position"] for row in rows if row["trail"] == "request"] == list(range(1201, 0, -1))
    newer_first = [row for row in rows if row["trail"] == "request"]
    assert all(newer["prev_hash"] == older["hash"] for newer, older in pairwise(newer_first))


async def test_a_file_that_fails_in_the_middle_breaks_off(officer: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_rows: object) -> bytes:
        raise RuntimeError("the disk is gone")

    form = replace(FORMATS["csv"], lines=fails)
    monkeypatch.setitem(FORMATS, "csv", form)
    await officer.get("/audit")

    with pytest.raises(ClientError):
        await officer.post("/audit/export", {"format": "csv"}, status=200)


async def test_an_unknown_form_is_refused(officer: Staff) -> None:
    _, text = await officer.post("/audit/export", {"format": "exe"}, status=400)
    assert "形式を選んで" in text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_a_cell_that_would_run_begins_with_an_apostrophe(cell: str) -> None:
    ((read,),) = csv.reader(io.StringIO(csv_lines([[cell]]).decode(), newline=""))
    assert read == f"'{cell}"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (["tests:3", "drafts:12"], "テストの請求 3件、下書きの文面 12件"),
        (["GET", "manage_people"], "画面の表示、権限「利用者を管理する」"),
        (["name", "email", "state"], "氏名、メール"),
        (["2026-01-01/2026-02-01", "later:version"], "2026-01-01/2026-02-01、later:version"),
    ],
)
def test_fields_are_told_in_words_where_there_are_any(fields: list[str], told: str) -> None:
    place = Place(system_clock(), "", 1)
    row = TrailRow(place, "i", "a", None, "x:y", "purge", None, None, fields, None, "p", "h")
    assert shown_fields(row) == told


def test_every_right_and_sort_has_a_name() -> None:
    assert {str(right) for right in Right} <= set(FIELDS)
    assert all(SORTS.values())
