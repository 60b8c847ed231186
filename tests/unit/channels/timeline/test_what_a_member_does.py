"""What a member does there: writes, hands in files, takes the request back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.register.alerts.models import Alert
from bot.register.kinds import Kind
from bot.register.models import State
from bot.register.thread.models import StoredFile
from bot.storage.engine import transaction
from tests.support.timeline_cases import QUESTION
from tests.support.timeline_visitor import JPEG, ONCE, Visitor, found


async def test_a_question_is_answered_once_however_often_it_is_pressed(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.SCOPE_PENDING)
    await visitor.enter(receipt.number)
    page = await visitor.page()
    assert QUESTION in page
    form = {"step": "write", "request": receipt.request_id, "once": found(ONCE, page), "text": "新宿です <b>"}

    for _ in range(2):
        response = await visitor.post("/request/case", **form)
        assert response.headers["Location"] == f"/request/case?done=written#request-{receipt.request_id}"

    page = await visitor.page()
    assert page.count("新宿です &lt;b&gt;") == 1
    assert visitor.desk.state(receipt.request_id) is State.IN_REVIEW
    with transaction(visitor.desk.gateway.engine) as session:
        assert [alert.sort for alert in session.scalars(select(Alert)) if alert.sort == "reply"] == ["reply"]


async def test_an_unusable_message_keeps_what_was_typed(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    response = await visitor.post("/request/case", step="write", request=receipt.request_id, text="長" * 2001)

    text = await response.text()
    assert response.status == 422
    assert "メッセージは2,000文字以内で入力してください。" in text
    assert "長" * 2001 in text


async def test_a_member_hands_in_a_file(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    response = await visitor.upload(receipt.request_id, JPEG)

    assert response.status == 303
    assert "ご請求に関する資料（JPEG画像、1KB）" in await visitor.page()
    with transaction(visitor.desk.gateway.engine) as session:
        row = session.scalars(select(StoredFile)).one()
        name = visitor.desk.vault.open(row.sealed_name, table="stored_file", row=row.id, column="sealed_name")
        assert (name, row.by, row.request_id) == ("免許証.jpg", "member", receipt.request_id)
        assert session.scalars(select(Alert).where(Alert.sort == "reply")).one().occasion == row.id


async def test_documents_resume_what_was_set_aside_and_have_a_place_only_where_needed(visitor: Visitor) -> None:
    sensitive = visitor.desk.file(Kind.DISCLOSURE, scope="健康情報")
    visitor.desk.give_details(sensitive)
    visitor.desk.bring(sensitive[0].request_id, State.IDENTITY_EXPIRED)
    await visitor.enter(sensitive[0].number)
    assert "ご本人を確認できる書類" in await visitor.page()

    await visitor.upload(sensitive[0].request_id, JPEG, purpose="identity")

    assert visitor.desk.state(sensitive[0].request_id) is State.IDENTITY_PENDING
    (ordinary,) = visitor.desk.filed_with_details()
    await visitor.enter(ordinary.number)
    assert "ご本人を確認できる書類" not in await visitor.page()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ファイルを選んでください。"),
        (b"MZ\x90", "PDF、JPEG、PNG、HEICのファイルを選んでください。"),
        (JPEG + bytes(11 * 1024 * 1024), "ファイルは1つ10MBまでです。"),
    ],
    ids=["nothing", "program", "large"],
)
async def test_an_unusable_file_is_told_so(visitor: Visitor, content: bytes, words: str) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    response = await visitor.upload(receipt.request_id, content)

    assert response.status == 422
    assert words in await response.text()


async def test_a_file_for_staff_purposes_is_refused(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    assert (await visitor.upload(receipt.request_id, JPEG, purpose="answer")).status == 400


async def test_withdrawing_takes_a_confirmation(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    asked = await visitor.post("/request/case", step="withdraw", request=receipt.request_id)
    assert "取下げの確認" in await asked.text()
    assert visitor.desk.state(receipt.request_id) is State.IDENTITY_PENDING

    for _ in range(2):
        done = await visitor.post("/request/case", step="withdraw_confirmed", request=receipt.request_id)
        assert done.status == 303
    assert visitor.desk.state(receipt.request_id) is State.WITHDRAWN


@pytest.mark.parametrize("step", ["withdraw", "withdraw_confirmed"])
async def test_what_is_decided_cannot_be_withdrawn(visitor: Visitor, step: str) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.DECIDED)
    await visitor.enter(receipt.number)

    response = await visitor.post("/request/case", step=step, request=receipt.request_id)

    assert response.status == 409
    assert "その操作はできませんでした" in await response.text()
    assert visitor.desk.state(receipt.request_id) is State.DECIDED
