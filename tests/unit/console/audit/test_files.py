from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta

import pypdfium2 as pdfium
import pytest
from sqlalchemy import Engine

from bot.clock import in_tokyo, system_clock
from bot.console.audit.files import papers
from bot.console.audit.files.books import Asked, books_of
from bot.console.audit.files.zipping import pieces_of
from bot.staff.roles import Role
from bot.staff.trail import StaffAction
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from tests.support.console import Desk
from tests.support.ledger_cases import EMAIL, NAME, WORDS, Endings, fill
from tests.support.view_logged import assert_view_logged

VAULT = Vault(b"e" * 32, b"h" * 32)
TABLES = (
    "01_請求台帳",
    "02_苦情・相談台帳",
    "03_個人データの閲覧の集計",
    "04_消去の記録",
    "05_記録のつながりの確認",
    "06_記録の終わりの控え",
)


def opened(content: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(f"{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def paper(content: bytes) -> str:
    document = pdfium.PdfDocument(content)
    try:
        pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    finally:
        document.close()
    return "".join("".join(pages).split())


async def made(desk: Desk, since: str, until: str) -> zipfile.ZipFile:
    officer = await desk.signed_in(Role.OFFICER, "sato")
    form = {"csrf": await officer.csrf(), "since": since, "until": until}
    response = await officer.client.post("/audit/files", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status == 200
    assert response.content_type == "application/zip"
    return opened(await response.read())


@dataclass(frozen=True)
class Kept:
    """The files of one register, and the requests that are in it."""

    endings: Endings
    archive: zipfile.ZipFile


@pytest.fixture(scope="module")
def kept() -> dict[str, Kept]:
    """Of each database: to draw the papers takes seconds, and who only reads them reads the same ones."""
    return {}


@pytest.fixture
async def files(desk: Desk, kept: dict[str, Kept]) -> Kept:
    database = desk.console.engine.dialect.name
    if database not in kept:
        arrived, controller = system_clock() - timedelta(days=20), desk.console.controller
        endings = await desk.console.write(
            lambda session: fill(session, controller=controller, now=arrived, vault=VAULT)
        )
        today = in_tokyo(system_clock()).date()
        archive = await made(desk, (today - timedelta(days=30)).isoformat(), today.isoformat())
        kept[database] = Kept(endings, archive)
    return kept[database]


@pytest.fixture
def endings(files: Kept) -> Endings:
    return files.endings


@pytest.fixture
def archive(files: Kept) -> zipfile.ZipFile:
    return files.archive


async def test_every_table_is_there_as_csv_and_as_paper(archive: zipfile.ZipFile) -> None:
    expected = {f"{name}.csv" for name in TABLES} | {f"{name}_001.pdf" for name in TABLES[:-1]}
    assert set(archive.namelist()) == expected


async def test_the_ledger_says_whether_the_two_weeks_were_kept(archive: zipfile.ZipFile, endings: Endings) -> None:
    rows = {row["受付番号"]: row for row in table(archive, "01_請求台帳")}

    assert {number: row["期限内か"] for number, row in rows.items()} == {
        endings.refused_in_time: "期限内",
        endings.told_late: "遅れ",
        endings.withdrawn: "取下げ",
        endings.untouched: "通知前・期限超過",
    }
    refused = rows[endings.refused_in_time]
    assert (refused["種類"], refused["結果"]) == ("開示", "応じない")
    assert "33条" in refused["根拠"]
    printed = paper(archive.read("01_請求台帳_001.pdf"))
    for row in rows.values():
        assert row["受付番号"] in printed
        assert row["期限（受付から）"] in printed


async def test_complaints_have_a_ledger_of_their_own(archive: zipfile.ZipFile, endings: Endings) -> None:
    (row,) = table(archive, "02_苦情・相談台帳")
    assert (row["受付番号"], row["種類"], row["結果"]) == (endings.complaint, "苦情", "回答する")
    assert endings.complaint in paper(archive.read("02_苦情・相談台帳_001.pdf"))


async def test_the_chains_are_checked_and_their_ends_are_there(archive: zipfile.ZipFile, endings: Endings) -> None:
    facts = {row["項目"]: row["内容"] for row in table(archive, "05_記録のつながりの確認")}
    ends = {row["受付番号"]: row for row in table(archive, "06_記録の終わりの控え")}

    assert facts["異常"] == "なし"
    assert {"コンソール", endings.told_late} <= set(ends)
    assert endings.test not in ends
    assert all(len(row["最後の記録のハッシュ"]) == 64 for row in ends.values())


async def test_nothing_of_a_member_is_in_any_file(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        content = archive.read(name)
        text = paper(content) if name.endswith(".pdf") else content.decode("utf-8-sig")
        for secret in (NAME, EMAIL, WORDS, "ほかの方の予約内容"):
            assert secret not in text
            assert "".join(secret.split()) not in text


async def test_a_period_without_anything_gives_papers_that_say_so(desk: Desk) -> None:
    archive = await made(desk, "2020-01-01", "2020-12-31")
    assert table(archive, "01_請求台帳") == []
    assert "この期間に該当するものはありません。" in paper(archive.read("01_請求台帳_001.pdf"))


async def test_making_them_is_noted(desk: Desk) -> None:
    officer = await desk.signed_in(Role.OFFICER, "sato")
    with assert_view_logged(desk.console.engine, StaffAction.AUDIT_FILES_MADE, actor=officer.actor):
        await made(desk, "2020-01-01", "2020-12-31")


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        ("", "", "入力してください"),
        ("x", "2026-01-01", "日付は"),
        ("2026-02-01", "2026-01-01", "始まりより前"),
        ("2020-01-01", "2025-01-02", "5年以内"),
        ("2999-01-01", "2999-01-02", "今日より後"),
    ],
)
async def test_a_period_that_is_none_is_told_beside_the_form(desk: Desk, since: str, until: str, says: str) -> None:
    admin = await desk.signed_in(Role.ADMIN)
    _, text = await admin.post("/audit/files", {"since": since, "until": until}, status=400)
    assert says in text
    assert f'value="{until}"' in text


async def test_five_years_are_allowed_to_the_day(desk: Desk) -> None:
    assert table(await made(desk, "2020-01-01", "2025-01-01"), "01_請求台帳") == []


async def test_the_form_begins_with_a_year(desk: Desk) -> None:
    officer = await desk.signed_in(Role.OFFICER)
    today = in_tokyo(system_clock()).date()
    assert f'value="{today}"' in await officer.get("/audit/files")


def test_a_long_table_goes_into_volumes(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "ROWS_IN_A_VOLUME", 3)
    now = system_clock()
    today = in_tokyo(now).date()
    with transaction(engine) as session:
        fill(session, controller="eparkrelax", now=now - timedelta(days=20), vault=VAULT)
    asked = Asked("eparkrelax", "見本会社", today - timedelta(days=30), today, now, "見本", {})

    archive = opened(b"".join(pieces_of(books_of(engine, asked), asked)))

    volumes = [name for name in archive.namelist() if name.startswith("01_") and name.endswith(".pdf")]
    assert volumes == ["01_請求台帳_001.pdf", "01_請求台帳_002.pdf"]
    numbers = {row["受付番号"] for row in table(archive, "01_請求台帳")}
    printed = "".join(paper(archive.read(name)) for name in volumes)
    assert all(number in printed for number in numbers)
    assert len(numbers) == 4
