"""How a member comes in: a number and a fresh code by mail, or the code printed on a receipt."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from bot.register.identity import codes
from bot.register.identity.models import Visit
from bot.register.kinds import Kind
from bot.register.models import State
from bot.register.numbers import new_number
from bot.storage.engine import transaction
from tests.support.timeline_visitor import HANDLE, START, Visitor, found, visiting

_OF_THE_REGISTER = re.compile(r"\b(audit|code|code_day|contact|draft|proof|request|request_page|visit)\b")


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL that runs while the block does, without that of what runs beside the requests."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if _OF_THE_REGISTER.search(statement):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_the_door_asks_for_the_number_and_changes_nothing(visitor: Visitor) -> None:
    with statements(visitor.desk.gateway.engine) as seen:
        response = await visitor.get("/request")

    text = await response.text()
    assert response.status == 200
    assert "受付番号" in text
    assert "メールにコードを送る" in text
    assert response.headers["Cache-Control"] == "no-store"
    assert not seen


async def test_a_number_and_a_fresh_code_open_the_page(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()

    await visitor.enter(receipt.number)

    text = await visitor.page()
    assert receipt.number in text
    assert "開示" in text
    assert "2026年11月24日（火）12時00分" in text
    assert "page:visited" in visitor.desk.trail(receipt.request_id)


async def test_full_width_digits_with_spaces_are_the_code(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    handle = await visitor.ask_for_code(receipt.number.replace("-", "").lower())
    code = visitor.desk.newest_code().translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    response = await visitor.post("/request", step="code", handle=handle, code=f" {code[:3]}　{code[3:]} ")

    assert response.status == 303


async def test_the_cookie_is_for_this_page_alone(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    handle = await visitor.ask_for_code(receipt.number)

    response = await visitor.post("/request", step="code", handle=handle, code=visitor.desk.newest_code())

    cookie = response.cookies["request"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/request", True, "Strict")
    with transaction(visitor.desk.gateway.engine) as session:
        assert session.scalars(select(Visit)).one().token_hash != cookie.value


async def test_behind_https_the_cookie_is_secure(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "madoguchi.db")
    async with visiting(f"sqlite:///{tmp_path / 'madoguchi.db'}", public_url="https://desk.example.test") as visitor:
        (receipt,) = visitor.desk.filed_with_details()
        handle = await visitor.ask_for_code(receipt.number)
        response = await visitor.post("/request", step="code", handle=handle, code=visitor.desk.newest_code())
        assert response.cookies["__Secure-request"]["secure"]


async def test_a_wrong_code_opens_nothing_and_three_are_enough(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    handle = await visitor.ask_for_code(receipt.number)
    code = visitor.desk.newest_code()
    wrong = "000000" if code != "000000" else "000001"
    pages = set()
    for _ in range(3):
        response = await visitor.post("/request", step="code", handle=handle, code=wrong)
        assert (response.status, response.cookies) == (422, {})
        pages.add(await response.text())

    response = await visitor.post("/request", step="code", handle=handle, code=code)

    assert response.status == 422
    assert pages == {await response.text()}


@pytest.mark.parametrize("other", ["unknown", "not a number", "K261124"])
async def test_nobody_learns_which_numbers_there_are(database_url: str, other: str) -> None:
    async with visiting(database_url) as visitor:
        (receipt,) = visitor.desk.filed_with_details()
        engine = visitor.desk.gateway.engine
        texts, work = [], []
        for number in (receipt.number, new_number(START) if other == "unknown" else other):
            with statements(engine) as seen:
                response = await visitor.post("/request", step="send", number=number)
            text = await response.text()
            handle = found(HANDLE, text)
            _make_wanted(visitor)
            with statements(engine) as seen_trying:
                wrong = await visitor.post("/request", step="code", handle=handle, code="12345x")
            texts.append([page.replace(handle, "") for page in (text, await wrong.text())])
            work.append([*seen, *seen_trying])

        assert texts[0] == texts[1]
        assert work[0] == work[1]
        assert "番号が正しく、メールアドレスをお預かりしていれば、コードをお送りしました" in texts[0][0]


def _make_wanted(visitor: Visitor) -> None:
    gateway = visitor.desk.gateway
    with transaction(gateway.engine) as session:
        codes.make_wanted(session, controller=gateway.controller, now=gateway.clock(), vault=gateway.vault)


async def test_no_number_is_told_so(visitor: Visitor) -> None:
    response = await visitor.post("/request", step="send", number="　")

    assert response.status == 422
    assert "受付番号を入力してください。" in await response.text()


async def test_the_first_code_shows_whose_mailbox_it_is(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details(Kind.PURPOSE_NOTICE)
    await visitor.enter(receipt.number)
    await visitor.enter(receipt.number)

    trail = visitor.desk.trail(receipt.request_id)
    assert trail.count("proof:tried") == 1
    assert visitor.desk.state(receipt.request_id) is State.VERIFIED


async def test_the_printed_code_opens_the_page_without_any_mail(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.file()
    code = visitor.desk.resume_code(receipt.request_id)

    # Enter in the field of the code presses the button that stands first.
    response = await visitor.post("/request", step="send", number=receipt.number, resume=code)

    assert response.status == 303
    text = await visitor.page()
    assert "ご連絡先を入力する" in text
    details = await visitor.post("/request/case", step="details")
    assert re.fullmatch(r"/request/[\w-]{43}", details.headers["Location"])


async def test_a_printed_code_opens_its_own_number_only(visitor: Visitor) -> None:
    (receipt,), (other,) = visitor.desk.file(), visitor.desk.file()
    code = visitor.desk.resume_code(receipt.request_id)
    pages = set()
    for number, typed in ((other.number, code), (receipt.number, "AAAA"), (new_number(START), code)):
        response = await visitor.post("/request", step="resume", number=number, resume=typed)
        assert (response.status, response.cookies) == (422, {})
        pages.add((await response.text()).replace(number, ""))

    assert len(pages) == 1


async def test_printed_codes_are_tried_ten_times_a_day(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.file()
    code = visitor.desk.resume_code(receipt.request_id)
    for _ in range(10):
        await visitor.post("/request", step="resume", number=receipt.number, resume="AAAA")

    assert (await visitor.post("/request", step="resume", number=receipt.number, resume=code)).status == 422
    visitor.clock.now += timedelta(days=1)
    assert (await visitor.post("/request", step="resume", number=receipt.number, resume=code)).status == 303
