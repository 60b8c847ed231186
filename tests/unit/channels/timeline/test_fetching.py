"""How an answer is fetched: for a fresh code of its own, once, within thirty days."""

from __future__ import annotations

from datetime import timedelta

from bot.register.kinds import Kind
from bot.register.models import State
from tests.support.timeline_cases import ANSWER
from tests.support.timeline_visitor import FETCH, HANDLE, RELEASE, Visitor, found


async def test_the_answer_takes_a_fresh_code_and_comes_as_a_file(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.NOTIFIED)
    await visitor.enter(receipt.number)
    shown = await visitor.page()
    assert "いまは、お客様の番です。" in shown
    assert FETCH in shown
    form = {"request": receipt.request_id, "release": found(RELEASE, shown)}
    visitor.clock.now += timedelta(seconds=1)
    asked = await visitor.post("/request/case/answer", step="ask", **form)
    form["handle"] = found(HANDLE, await asked.text())
    code = visitor.desk.newest_code()

    wrong = await visitor.post("/request/case/answer", step="download", code="12345x", **form)
    assert (wrong.status, "answer:downloaded" in visitor.desk.trail(receipt.request_id)) == (422, False)

    response = await visitor.post("/request/case/answer", step="download", code=code, **form)
    assert (response.status, await response.read()) == (200, ANSWER)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert "%E4%BA%88%E7%B4%84" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert visitor.desk.trail(receipt.request_id)[-2:] == ["answer:downloaded", "file:read"]

    again = await visitor.post("/request/case/answer", step="download", code=code, **form)
    assert again.status == 422
    fetched = await visitor.page()
    assert "いまは、窓口の番です。" in fetched
    assert FETCH not in fetched


async def test_a_code_for_a_download_does_not_open_the_page(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.NOTIFIED)
    await visitor.enter(receipt.number)
    release = found(RELEASE, await visitor.page())
    asked = await visitor.post("/request/case/answer", step="ask", request=receipt.request_id, release=release)
    handle = found(HANDLE, await asked.text())

    response = await visitor.post("/request", step="code", handle=handle, code=visitor.desk.newest_code())

    assert response.status == 422


async def test_the_code_of_one_request_does_not_open_the_answer_of_another(visitor: Visitor) -> None:
    receipts = visitor.desk.filed_with_details(Kind.DISCLOSURE, Kind.THIRD_PARTY_RECORD)
    for receipt in receipts:
        visitor.desk.bring(receipt.request_id, State.NOTIFIED)
    await visitor.enter(receipts[0].number)
    releases = RELEASE.findall(await visitor.page())
    asked = await visitor.post("/request/case/answer", step="ask", request=receipts[0].request_id, release=releases[0])
    form = {"handle": found(HANDLE, await asked.text()), "code": visitor.desk.newest_code()}

    response = await visitor.post(
        "/request/case/answer", step="download", request=receipts[1].request_id, release=releases[1], **form
    )

    assert response.status == 422


async def test_after_thirty_days_there_is_no_answer_any_more(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.NOTIFIED)
    await visitor.enter(receipt.number)
    release = found(RELEASE, await visitor.page())
    visitor.clock.now += timedelta(days=30)
    await visitor.enter(receipt.number)

    assert "回答のファイル" not in await visitor.page()
    asked = await visitor.post("/request/case/answer", step="ask", request=receipt.request_id, release=release)
    assert asked.status == 404
