"""A request from the first word to its end: a person in Chromium, staff at the command line, a mail server between.

Every process is real, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.barriers import expect_no_barriers
from tests.support.browsing import Visitor, visiting
from tests.support.databases import postgres_database
from tests.support.product import ROOT, Product
from tests.support.smtp_server import LocalMailServer, mail_server

pytestmark = [
    pytest.mark.stack,
    pytest.mark.browser,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]

MEMBER = "hanako@example.jp"
STAFF = """
- {id: aya, name: 青木, email: aya@desk.example, deputy: ken, may: [approve, sensitive]}
- {id: ken, name: 工藤, email: ken@desk.example, deputy: aya, may: [approve, sensitive]}
"""
# Set to a folder to look at the screens afterwards.
SHOTS = os.environ.get("MADOGUCHI_PRODUCT_SHOTS", "")
_MAIL_SECONDS = 60


class Desk:
    """Two people at the command line of the running product."""

    def __init__(self, product: Product) -> None:
        self._product = product

    def run(self, *arguments: str, as_: str = "aya", words: str | None = None) -> str:
        """What a command that succeeds prints."""
        done = self._tried(*arguments, as_=as_, words=words)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def refused(self, *arguments: str, as_: str = "aya") -> str:
        """The one line of a command that is refused."""
        done = self._tried(*arguments, as_=as_, words=None)
        assert done.returncode == 2, (arguments, done.stdout)
        return done.stderr

    def _tried(self, *arguments: str, as_: str, words: str | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("madoguchi"), "register", *arguments, "--as", as_],
            cwd=ROOT,
            env=self._product.environment,
            input=words,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def mails() -> Iterator[LocalMailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mails: LocalMailServer
) -> Iterator[Product]:
    """The product with a mail server and a staff list, on the one database and on the other."""
    folder = tmp_path_factory.mktemp("whole")
    staff = folder / "staff.yml"
    staff.write_text(STAFF, encoding="utf-8")
    more = {
        "SMTP_URL": mails.url,
        "MAIL_FROM": "madoguchi@desk.example",
        "STAFF_MAIL": "desk@desk.example",
        "STAFF_FILE": str(staff),
    }
    if request.param == "sqlite":
        yield from _running(Product(folder, **more))
        return
    for url in postgres_database(request.getfixturevalue("postgres_url"), template="template0"):
        yield from _running(Product(folder, **more, DATABASE_URL=url))


def _running(product: Product) -> Iterator[Product]:
    product.start()
    yield product
    product.stop()


async def mail_to(mails: LocalMailServer, address: str, *words: str) -> str:
    """The text of the newest mail to this address that has these words, once it has come."""
    async with asyncio.timeout(_MAIL_SECONDS):
        while True:
            for mail in reversed(mails.to(address)):
                text = f"{mail['Subject']}\n{mail.get_content()}"
                if all(word in text for word in words):
                    return text
            await asyncio.sleep(0.2)


async def code_to(mails: LocalMailServer, address: str, *, known: set[str]) -> str:
    """The newest code, not one of those that came before."""
    async with asyncio.timeout(_MAIL_SECONDS):
        while True:
            text = await mail_to(mails, address, "確認コード：")
            (code,) = re.findall(r"確認コード：(\d+)", text)
            if code not in known:
                known.add(code)
                return str(code)
            await asyncio.sleep(0.2)


async def look(page: Page, name: str) -> None:
    await expect_no_barriers(page)
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def file_from_the_chat(member: Visitor, *presses: str) -> Page:
    """Presses through the request; gives the page that its receipt links."""
    for title in presses:
        receipt = await member.press(title)
    await expect(receipt).to_contain_text("受付番号")
    async with member.context.expect_page() as opened:
        await receipt.get_by_role("link", name="ご連絡先を入力する").click()
    page = await opened.value
    await page.get_by_role("button", name="入力ページを開く").click()
    return page


async def give_address(form: Page, mails: LocalMailServer, known: set[str]) -> str:
    """Enters the address, sends, and proves the mailbox by the code that comes; gives the receipt number."""
    await form.locator("#email").fill(MEMBER)
    await form.locator("#email_again").fill(MEMBER)
    await form.get_by_role("button", name="同意して送信する").click()
    await form.get_by_label("確認コード").fill(await code_to(mails, MEMBER, known=known))
    await form.get_by_label("確認コード").press("Enter")
    await expect(form.get_by_role("heading", name="メールアドレスを確認しました")).to_be_visible()
    await look(form, "form-done")
    return await form.locator(".receipts__number").first.inner_text()


class Case:
    """One request on its way: the member in the browser, the desk at its commands, the mails between."""

    def __init__(self, member: Visitor, desk: Desk, mails: LocalMailServer, known: set[str]) -> None:
        self.member = member
        self.desk = desk
        self.mails = mails
        self.known = known
        self.number = ""

    async def file(self) -> None:
        """From the first word to a proven mailbox."""
        await self.member.open_chat()
        await self.member.ask("自分の個人情報を開示してください")
        form = await file_from_the_chat(self.member, "利用履歴情報", "この内容で受け付ける")
        await look(form, "form")
        await form.get_by_label("本人", exact=True).check()
        await form.get_by_label("お名前").first.fill("見本 花子")
        self.number = await give_address(form, self.mails, self.known)
        assert self.number in await mail_to(self.mails, MEMBER, "2週間以内")
        await mail_to(self.mails, "desk@desk.example", self.number)

    async def be_asked(self) -> None:
        """A code proves a mailbox, so staff compare facts before they begin; then one question and its reply."""
        assert "identity_pending" in self.desk.run("show", self.number)
        facts = ("--fact", "氏名", "--fact", "登録メールアドレス", "--binds-address")
        self.desk.run("proof", self.number, "--sort", "collation", "--agrees", *facts)
        self.desk.run("assign", self.number, "aya")
        self.desk.run("begin", self.number)
        self.desk.run("ask", self.number, words="いつごろの予約でしょうか。")
        assert "いつごろ" not in await mail_to(self.mails, MEMBER, self.number, "確認したいこと")
        page = await self.open("case-asked")
        await expect(page.locator("main")).to_contain_text("いつごろの予約でしょうか。")
        await page.get_by_label("窓口へのメッセージ").fill("今年の5月と6月の分です。")
        await page.get_by_role("button", name="メッセージを送る").click()
        await expect(page.get_by_role("status")).to_contain_text("届けました")
        await mail_to(self.mails, "aya@desk.example", self.number)
        assert "今年の5月" in self.desk.run("show", self.number, "--reveal")

    async def be_answered(self, answer: Path) -> None:
        """Two people decide, two let the answer go; the mail says only that it waits."""
        self.desk.run("decide", self.number, "--outcome", "granted")
        assert "another person" in self.desk.refused("approve", self.number)
        self.desk.run("approve", self.number, as_="ken")
        self.desk.run("deliver", self.number, "--by", "page", "--file", str(answer))
        assert "another person" in self.desk.refused("release", self.number)
        self.desk.run("release", self.number, as_="ken")
        await mail_to(self.mails, MEMBER, self.number, "お受け取りいただけます")

    async def fetch(self) -> bytes:
        """What the member gets for a fresh code."""
        page = await self.open("case-answered")
        await page.get_by_role("button", name="確認コードを送って受け取る").click()
        await page.get_by_label("確認コード（6桁の数字）").fill(await code_to(self.mails, MEMBER, known=self.known))
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="回答をダウンロードする").click()
        path = await (await downloading.value).path()
        return await asyncio.to_thread(path.read_bytes)

    async def end(self) -> None:
        """Closed by staff, told by mail and on the page."""
        self.desk.run("close", self.number)
        await mail_to(self.mails, MEMBER, self.number, "終わりました")
        await self.member.page.goto(f"{self.member.url}/request/case")
        await expect(self.member.page.locator("main")).to_contain_text("この手続きは終わりました。")
        await look(self.member.page, "case-closed")

    async def open(self, name: str) -> Page:
        """The request's page, by its number and a fresh code."""
        page = self.member.page
        await page.goto(f"{self.member.url}/request")
        await page.get_by_label("受付番号").fill(self.number)
        await page.get_by_role("button", name="メールにコードを送る").click()
        await page.get_by_label("確認コード（6桁の数字）").fill(await code_to(self.mails, MEMBER, known=self.known))
        await page.get_by_role("button", name="開く", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("ご請求の状況")
        await look(page, name)
        return page


async def test_a_request_from_the_first_word_to_its_end(
    whole: Product, chromium: Browser, mails: LocalMailServer, tmp_path: Path
) -> None:
    mails.reset()
    desk = Desk(whole)
    answer = tmp_path / "回答.pdf"
    answer.write_bytes(b"%PDF-1.7\n" + b"bookings of May and June\n" * 40)
    async with visiting(chromium, whole.url, viewport={"width": 1100, "height": 900}) as member:
        case = Case(member, desk, mails, set())
        await case.file()
        await case.be_asked()
        await case.be_answered(answer)
        assert await case.fetch() == answer.read_bytes()
        await case.end()
        assert member.faults == []

    shown = json.loads(desk.run("show", case.number, "--json"))
    assert shown["state"] == "closed"
    trail = [event["action"] for event in shown["trail"]]
    for action in ("answer:released", "answer:downloaded", "member:notified", "request:closed"):
        assert action in trail


async def test_stopping_advertisements_takes_two_taps_and_one_address(
    whole: Product, chromium: Browser, mails: LocalMailServer
) -> None:
    mails.reset()
    desk = Desk(whole)
    async with visiting(chromium, whole.url, viewport={"width": 320, "height": 640}) as member:
        await member.open_chat()
        await member.ask("広告のメールを止めてください")
        form = await file_from_the_chat(member, "この内容で受け付ける")
        await look(form, "stop-form")
        assert await form.get_by_label("お名前").count() == 0
        number = await give_address(form, mails, set())
        assert member.faults == []
    shown = json.loads(desk.run("show", number, "--json"))
    assert (shown["state"], shown["kind"], shown["is_urgent"]) == ("verified", "use_stop", True)


async def test_a_telephone_request_stands_in_the_same_ledger(whole: Product) -> None:
    desk = Desk(whole)
    entered = desk.run(
        *("enter", "--channel", "phone", "--kind", "correction", "--received-at", "2026-11-20 10:30", "--words", "-"),
        words="電話番号を直してほしいとのことです。",
    )
    number = entered.partition(":")[0]
    assert "cannot check" in desk.refused("check-arrival", number)
    desk.run("check-arrival", number, as_="ken")
    (row,) = [row for row in json.loads(desk.run("list", "--json")) if row["number"] == number]
    assert (row["kind"], row["due_from_arrival"]) == ("correction", "2026-12-04")
