"""The entry of mail, telephone and letter over HTTP: looked at, filed once, under the true time of arrival."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import func, select

from bot.clock import TOKYO
from bot.pii import revealed
from bot.register.contacts import reveal
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.thread.files import files_of
from bot.staff.roles import Role
from tests.support.console import Desk, Staff, console_settings, running_console

NOW = datetime(2026, 11, 26, 11, 0, tzinfo=TOKYO)
PHONE = {"channel": "phone", "day": "2026-11-24", "time": "15:20", "kind": "disclosure", "words": "予約履歴を見たい"}
CONTACT = {"role": "self", "name": "山田花子", "reply_by": "email", "email": "hanako@example.com"}


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with running_console(console_settings(database_url, data_dir=tmp_path), lambda: NOW) as running:
        yield running


@pytest.fixture
async def staff(desk: Desk) -> Staff:
    return await desk.signed_in(Role.COUNSELLOR, "sato")


async def sent(staff: Staff, path: str, data: dict[str, Any], *, status: int) -> tuple[str, str]:
    """Sends a form with files as the page would; values that are lists stand for several boxes of one name."""
    form = FormData({"csrf": await staff.csrf()}, quote_fields=False, default_to_multipart=True)
    for name, value in data.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, tuple):
                form.add_field(name, each[1], filename=each[0], content_type="application/octet-stream")
            else:
                form.add_field(name, each)
    response = await staff.client.post(
        path, data=form, headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False
    )
    text = await response.text()
    assert response.status == status, (response.status, text[:3000])
    return response.headers.get("Location", ""), text


async def looked_at(staff: Staff, data: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The form as it stands after the look, ready to be filed, and the page."""
    _, text = await sent(staff, "/entry", data | {"step": "check"}, status=200)
    ready = {name: value for name, value in data.items() if name != "original"}
    for name in ("checked", "kept"):
        found = re.search(rf'name="{name}" value="(\w+)"', text)
        if found:
            ready[name] = found[1]
    return ready | {"step": "file"}, text


async def filed(staff: Staff, data: dict[str, Any]) -> str:
    """Where the entry leads once it is filed."""
    ready, _ = await looked_at(staff, data)
    where, _ = await sent(staff, "/entry", ready, status=303)
    return where


async def requests(desk: Desk) -> list[Request]:
    return await desk.console.read(lambda session: list(session.scalars(select(Request).order_by(Request.kind))))


async def test_a_call_is_filed_under_its_true_time_after_one_look(desk: Desk, staff: Staff) -> None:
    ready, look = await looked_at(staff, PHONE | CONTACT)
    assert "2026年12月8日（火）" in look
    assert await requests(desk) == []

    where, _ = await sent(staff, "/entry", ready, status=303)

    (request,) = await requests(desk)
    assert (request.channel, request.kind, request.entered_by) == ("phone", "disclosure", staff.actor)
    assert request.received_at == datetime(2026, 11, 24, 15, 20, tzinfo=TOKYO)
    assert request.state == "identity_pending"
    page = await staff.get(where)
    assert request.number in page
    assert "山田" not in page


async def test_what_was_changed_after_the_look_is_looked_at_again(desk: Desk, staff: Staff) -> None:
    ready, _ = await looked_at(staff, PHONE)
    _, text = await sent(staff, "/entry", ready | {"day": "2026-11-20"}, status=200)
    assert "2026年12月4日（金）" in text
    assert await requests(desk) == []
    await sent(staff, "/entry", PHONE | {"step": "file"}, status=200)
    assert await requests(desk) == []


async def test_every_fault_stands_beside_its_field_and_nothing_typed_is_lost(desk: Desk, staff: Staff) -> None:
    data = {"day": "2026-12-01", "words": "データを消してほしい", "name": "山田", "reply_by": "post", "role": "self"}
    _, text = await sent(staff, "/entry", data, status=422)
    for sentence in (
        "どのように届いたかを選んでください。",
        "届いた日時が、いまより後になっています。",
        "内容からは：消去",
        "郵便番号を入力してください。",
        "ご住所を入力してください。",
    ):
        assert sentence in text
    assert "データを消してほしい</textarea>" in text
    assert 'value="山田"' in text
    assert await requests(desk) == []


async def test_several_kinds_are_filed_together_with_their_data(desk: Desk, staff: Staff) -> None:
    data = PHONE | {"kind": ["disclosure", "erasure"], "scope": ["会員情報", "家族の情報"]}
    where = await filed(staff, data)
    rows = await requests(desk)
    assert [row.kind for row in rows] == ["disclosure", "erasure"]
    assert {row.scope for row in rows} == {"会員情報、家族の情報"}
    text = await staff.get(where)
    assert all(row.number in text for row in rows)
    assert "連絡先がありません" in text


async def test_a_correction_needs_what_the_law_needs(staff: Staff) -> None:
    data = PHONE | CONTACT | {"kind": "correction"}
    _, text = await sent(staff, "/entry", data, status=422)
    assert 'name="correction_item"' in text
    assert 'id="correction_should_be-fault"' in text
    await filed(staff, data | {"correction_item": "住所", "correction_should_be": "東京都渋谷区神宮前1-2-3"})


async def test_a_day_alone_is_its_beginning(desk: Desk, staff: Staff) -> None:
    await filed(staff, PHONE | {"channel": "letter", "time": ""})
    (request,) = await requests(desk)
    assert request.received_at == datetime(2026, 11, 24, tzinfo=TOKYO)


async def test_a_mail_proposes_and_a_person_puts_it_right(desk: Desk, staff: Staff) -> None:
    _, text = await sent(staff, "/entry/mail", {"mail": ("開示.eml", mail())}, status=200)
    assert 'name="day" type="date" value="2026-11-25"' in text
    assert 'name="time" type="time" value="10:03"' in text
    assert 'value="hanako@example.com"' in text
    assert 'name="kind" value="disclosure" checked' in text
    kept = re.search(r'name="kept" value="(\w+)"', text)
    assert kept

    data = PHONE | CONTACT | {"channel": "email", "kept": kept[1], "words": "予約履歴の開示を求めます。"}
    await filed(staff, data)

    (request,) = await requests(desk)
    console = desk.console
    (original,) = await console.read(lambda session: files_of(session, request.id))
    assert (original.media_type, original.size) == ("message/rfc822", len(mail()))
    told = await console.write(
        lambda session: reveal(session, request.id, vault=console.vault, actor=staff.actor, now=NOW)
    )
    assert (revealed(told.email), told.words) == ("hanako@example.com", "予約履歴の開示を求めます。")


async def test_the_same_mail_is_entered_once(desk: Desk, staff: Staff) -> None:
    data = PHONE | {"channel": "email", "original": ("a.eml", mail())}
    await filed(staff, data)
    ready, _ = await looked_at(staff, data | {"original": ("again.eml", mail(extra="X-Saved: again\r\n"))})
    _, text = await sent(staff, "/entry", ready, status=422)
    (request,) = await requests(desk)
    assert "すでに入力されています" in text
    assert request.number in text


async def test_a_scan_is_kept_while_a_slip_is_put_right(desk: Desk, staff: Staff) -> None:
    data = PHONE | {"channel": "letter", "day": "", "original": ("手紙.pdf", b"%PDF-1.7 x")}
    _, text = await sent(staff, "/entry", data, status=422)
    assert "保管中：手紙.pdf" in text
    kept = re.search(r'name="kept" value="(\w+)"', text)
    assert kept
    await filed(staff, PHONE | {"channel": "letter", "kept": kept[1]})
    (request,) = await requests(desk)
    (original,) = await desk.console.read(lambda session: files_of(session, request.id))
    assert original.media_type == "application/pdf"
    _, text = await sent(staff, "/entry", PHONE | {"kept": kept[1], "step": "check"}, status=422)
    assert "保管時間が過ぎました" in text


async def test_a_kept_file_can_be_dropped(desk: Desk, staff: Staff) -> None:
    ready, _ = await looked_at(staff, PHONE | {"original": ("a.pdf", b"%PDF-1.7 x")})
    ready, text = await looked_at(staff, PHONE | {"kept": ready["kept"], "drop_original": "yes"})
    assert "保管中" not in text
    del ready["drop_original"], ready["kept"]
    await sent(staff, "/entry", ready, status=303)
    (request,) = await requests(desk)
    assert await desk.console.read(lambda session: files_of(session, request.id)) == []


@pytest.mark.parametrize(
    ("original", "sentence"),
    [
        (("a.exe", b"MZ\x00\x00"), "この種類のファイルは保管できません"),
        (("a.eml", b"\x00\x01"), "メールとして読めない"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_told(staff: Staff, original: tuple[str, bytes], sentence: str) -> None:
    data = PHONE | {"channel": "email", "original": original}
    _, text = await sent(staff, "/entry", data | {"step": "check"}, status=200 if "exe" in original[0] else 422)
    if "exe" in original[0]:
        ready, _ = await looked_at(staff, data)
        _, text = await sent(staff, "/entry", ready, status=422)
    assert sentence in text


@pytest.mark.parametrize("file", [None, ("a.eml", b"not a mail"), ("a.eml", b"")])
async def test_what_is_no_mail_proposes_nothing(staff: Staff, file: tuple[str, bytes] | None) -> None:
    _, text = await sent(staff, "/entry/mail", {} if file is None else {"mail": file}, status=422)
    assert 'id="mail-fault"' in text


async def test_a_request_that_may_be_the_same_is_shown_before_filing(desk: Desk, staff: Staff) -> None:
    await filed(staff, PHONE | CONTACT)
    (first,) = await requests(desk)
    ready, text = await looked_at(staff, PHONE | CONTACT | {"email": "HANAKO@example.com"})
    assert "同じ請求かもしれない受付があります" in text
    assert f'href="/requests/{first.id}"' in text
    await sent(staff, "/entry", ready, status=303)
    _, other = await looked_at(staff, PHONE | CONTACT | {"kind": "erasure"})
    assert "同じ請求かもしれない" not in other


async def test_likeness_tells_nobody_of_a_request_about_health(desk: Desk, staff: Staff) -> None:
    await filed(staff, PHONE | CONTACT | {"scope": "健康情報"})
    _, text = await looked_at(staff, PHONE | CONTACT)
    assert "同じ請求かもしれない" not in text
    may = await desk.signed_in(Role.OFFICER, "ito", sees_sensitive=True)
    _, text = await looked_at(may, PHONE | CONTACT)
    assert "同じ請求かもしれない" in text


async def test_who_took_a_call_about_health_gets_its_number_and_no_way_in(desk: Desk, staff: Staff) -> None:
    where = await filed(staff, PHONE | {"scope": "健康情報"})
    (request,) = await requests(desk)
    text = await staff.get(where)
    assert request.number in text
    assert f"/requests/{request.id}" not in text
    await (await desk.signed_in(Role.COUNSELLOR, "kato")).get(where, status=404)
    assert f"/requests/{request.id}" in await (await desk.signed_in(Role.OFFICER, "ito", sees_sensitive=True)).get(
        where
    )


async def test_the_receipt_on_paper_is_made_by_a_press_and_recorded(desk: Desk, staff: Staff) -> None:
    where = await filed(staff, PHONE)
    response = await staff.client.post(f"{where}/receipt", data={"csrf": await staff.csrf()})
    content = await response.read()
    assert (response.status, content[:5]) == (200, b"%PDF-")
    assert response.headers["Content-Disposition"].startswith("attachment;")
    from bot.staff.models import StaffEvent  # noqa: PLC0415

    count = select(func.count()).where(StaffEvent.action == "request:printed", StaffEvent.actor == staff.actor)
    assert await desk.console.read(lambda session: session.scalar(count)) == 1


async def test_practice_counts_nowhere(desk: Desk, staff: Staff) -> None:
    await filed(staff, PHONE | {"is_test": "yes"})
    (request,) = await requests(desk)
    assert request.is_test
    assert request.number not in await staff.get("/")


async def test_what_was_filed_in_a_chat_has_no_page_here(desk: Desk, staff: Staff) -> None:
    del desk
    await staff.get(f"/entry/filed/{'0' * 32}", status=404)
    await staff.post(f"/entry/filed/{'0' * 32}/receipt", status=404)


async def test_the_address_can_choose_channel_and_kind_and_nothing_else(staff: Staff) -> None:
    text = await staff.get("/entry?channel=phone&kind=inquiry&name=x")
    assert '<option value="phone" selected>' in text
    assert f'value="{Kind.INQUIRY}" checked' in text
    assert 'value="x"' not in text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
async def test_who_only_looks_enters_nothing(desk: Desk, role: Role) -> None:
    other = await desk.signed_in(role)
    await other.get("/entry", status=403)
    for path in ("/entry", "/entry/mail", f"/entry/filed/{'0' * 32}/receipt"):
        await other.post(path, PHONE, status=403)
    assert await requests(desk) == []


async def test_hostile_words_stay_words(staff: Staff) -> None:
    hostile = '"><script>alert(1)</script>'
    _, text = await sent(staff, "/entry", PHONE | {"words": hostile, "day": "", "name": hostile}, status=422)
    assert "<script>alert" not in text
    assert html.escape(hostile, quote=False) in text or "&lt;script&gt;alert" in text


def mail(extra: str = "") -> bytes:
    """A mail that asks for disclosure."""
    message = EmailMessage()
    message["From"] = "山田花子 <hanako@example.com>"
    message["To"] = "desk@example.jp"
    message["Date"] = "Wed, 25 Nov 2026 10:02:00 +0900"
    message["Message-ID"] = "<1@example.com>"
    message["Subject"] = "開示の請求"
    message.set_content("私の予約履歴の開示を求めます。\n")
    received = "Received: from mx.example.com by desk.example.jp; Wed, 25 Nov 2026 10:03:00 +0900\r\n"
    return (received + extra).encode() + message.as_bytes()
