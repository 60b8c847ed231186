"""What a visit is good for, when it ends, and what nobody without one can do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.register.models import State
from bot.register.thread.messages import messages_of
from bot.storage.engine import transaction
from tests.support.timeline_visitor import JPEG, Visitor


@pytest.mark.parametrize("path", ["/request/case", "/request/case/receipt"])
async def test_without_a_visit_nothing_is_shown(visitor: Visitor, path: str) -> None:
    visitor.desk.filed_with_details()

    response = await visitor.get(path)

    assert response.status == 403
    assert "ページを開いている時間が終わりました" in await response.text()


async def test_nobody_uploads_without_a_visit(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()

    assert (await visitor.upload(receipt.request_id, JPEG)).status == 403


async def test_a_visit_that_is_over_says_so_and_gives_the_words_back(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)
    visitor.clock.now += timedelta(minutes=30)

    response = await visitor.post("/request/case", step="write", request=receipt.request_id, text="長く書いた手紙")

    text = await response.text()
    assert response.status == 403
    assert "長く書いた手紙" in text
    assert receipt.number not in text
    with transaction(visitor.desk.gateway.engine) as session:
        assert messages_of(session, receipt.request_id, vault=visitor.desk.vault) == []


async def test_a_visitor_reads_on_while_somebody_else_writes(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    with transaction(visitor.desk.gateway.engine):
        pages = [await visitor.get(path) for path in ("/request/case", "/request/case/receipt")]

    assert [response.status for response in pages] == [200, 200]


async def test_closing_ends_the_visit_everywhere(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)
    kept = visitor.client.session.cookie_jar.filter_cookies(visitor.client.make_url("/request"))
    cookie = {"Cookie": f"request={kept['request'].value}"}

    response = await visitor.post("/request/case", step="close")

    assert "ページを閉じました" in await response.text()
    assert (await visitor.get("/request/case")).status == 403
    assert (await visitor.client.get("/request/case", headers=cookie)).status == 403


async def test_a_visit_sees_its_own_draft_only(visitor: Visitor) -> None:
    (mine,), (other,) = visitor.desk.filed_with_details(), visitor.desk.filed_with_details()
    await visitor.enter(mine.number)

    assert other.number not in await visitor.page()
    for step in ("write", "withdraw", "withdraw_confirmed"):
        response = await visitor.post("/request/case", step=step, request=other.request_id, text="こんにちは")
        assert response.status == 404
    assert (await visitor.upload(other.request_id, JPEG)).status == 404
    assert visitor.desk.state(other.request_id) is State.IDENTITY_PENDING


@pytest.mark.parametrize("path", ["/request", "/request/case", "/request/case/answer", "/request/case/file"])
async def test_another_site_cannot_press_a_button(visitor: Visitor, path: str) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        response = await visitor.client.post(path, data={"step": "close"}, headers=headers)
        assert response.status == 403
    assert receipt.number in await visitor.page()


async def test_no_number_code_or_token_stands_in_a_log(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    with capture_logs() as lines:
        handle = await visitor.ask_for_code(receipt.number)
        code = visitor.desk.newest_code()
        await visitor.post("/request", step="code", handle=handle, code=code)
        await visitor.post("/request/case", step="write", request=receipt.request_id, text="秘密の話")
        await visitor.upload(receipt.request_id, JPEG)
        await visitor.page()

    told = str(lines)
    assert "/request/case" in told
    for secret in (receipt.number, handle, code, "秘密の話", "免許証", receipt.request_id):
        assert secret not in told
