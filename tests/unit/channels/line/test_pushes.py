"""Formal news of a request made on LINE: pushed once, within the month's messages, without content."""

import uuid

from bot.channels.gateway import Gateway
from bot.channels.line.messages import line_messages
from bot.channels.notices import news
from bot.register import requests
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.notices import DOOR, MemberNotice, tell_member
from bot.storage import conversations
from bot.storage.engine import transaction
from bot.storage.models import Member
from tests.support.fake_line import shown
from tests.support.fake_line_checks import Schemas
from tests.support.line_phone import LinePhone
from tests.support.waiting import until

WORDS = "腰痛の予約履歴を見せてください"
TOLD = (
    MemberNotice.QUESTION,
    MemberNotice.MESSAGE,
    MemberNotice.INTERIM,
    MemberNotice.DECISION,
    MemberNotice.ANSWER_READY,
    MemberNotice.IDENTITY_EXPIRED,
)


def file(gateway: Gateway, member_id: str, *, channel: str = "line") -> tuple[str, str]:
    """A request that this member filed in their conversation; gives its id and number."""
    now = gateway.clock()
    with transaction(gateway.engine) as session:
        conversation = conversations.current(session, session.get_one(Member, member_id))
        assert conversation is not None
        draft = open_draft(
            session,
            controller=gateway.controller,
            conversation_id=conversation.id,
            channel=channel,
            kinds=[Kind.DISCLOSURE],
            scope="予約履歴",
            words=WORDS,
            vault=gateway.vault,
            now=now,
        )
        filed = file_draft(session, draft, now=now, vault=gateway.vault)[0]
        return filed.request_id, filed.number


def tell(gateway: Gateway, request_id: str, notice: MemberNotice, occasion: str = "") -> None:
    with transaction(gateway.engine) as session:
        request = session.get_one(Request, request_id)
        tell_member(session, request, notice, now=gateway.clock(), occasion=occasion)
    gateway.outbox_filled.set()


async def filed_on_line(phone: LinePhone) -> tuple[str, str]:
    await phone.write("開示してほしい")
    await phone.reply(1)
    return file(phone.gateway, phone.member_id())


async def states(phone: LinePhone, *expected: str) -> None:
    await until(lambda: [row.state for row in phone.outbox(DOOR)] == list(expected))


async def test_news_is_pushed_with_number_and_page_and_nothing_else(phone: LinePhone, schemas: Schemas) -> None:
    phone.line.schemas = schemas
    request_id, number = await filed_on_line(phone)
    tell(phone.gateway, request_id, MemberNotice.DECISION)
    await states(phone, "sent")
    (push,) = phone.line.pushes
    (message,) = push["messages"]
    assert push["to"] == "U1"
    assert shown(message).splitlines() == [
        "決定または回答のお知らせがあります。",
        f"受付番号：{number}",
        "次のページに受付番号を入力してご覧ください。",
        "",
        "ご請求のページを開く",
        "https://chat.example.jp/request?openExternalBrowser=1",
    ]
    assert phone.line.refusals == []


async def test_the_same_row_is_the_same_push_for_line(phone: LinePhone) -> None:
    request_id, _ = await filed_on_line(phone)
    phone.line.failures = 1
    tell(phone.gateway, request_id, MemberNotice.DECISION)
    await until(lambda: phone.outbox(DOOR)[0].attempts == 1)
    (row,) = phone.outbox(DOOR)
    # The first try did reach LINE, and only its answer was lost.
    phone.line.retry_keys.add(str(uuid.UUID(hex=row.id)))
    await phone.wait(10)
    await states(phone, "sent")
    assert phone.line.pushes == []
    assert phone.line.refusals[-1] == "The retry key is already accepted"


async def test_what_is_told_at_the_door(phone: LinePhone) -> None:
    request_id, number = await filed_on_line(phone)
    # A code is made elsewhere, and never tells a chat.
    mailed = [notice for notice in MemberNotice if notice is not MemberNotice.CODE]
    for mail in mailed:
        tell(phone.gateway, request_id, mail)
        assert len(phone.outbox(mail)) == 1, "the mail goes in any case"
    assert {row.body["notice"] for row in phone.outbox(DOOR)} == set(TOLD)
    for notice in TOLD:
        (text,) = line_messages([news(phone.gateway, notice, number)])
        assert WORDS not in shown(text)


async def test_the_quota_is_spared_for_the_account_itself(phone: LinePhone) -> None:
    request_id, _ = await filed_on_line(phone)
    phone.line.quota, phone.line.used = 200, 200 - phone.gateway.settings.line_push_reserve
    tell(phone.gateway, request_id, MemberNotice.DECISION)
    await states(phone, "skipped")
    phone.line.used -= 1
    tell(phone.gateway, request_id, MemberNotice.ANSWER_READY)
    await states(phone, "skipped", "sent")
    await phone.counted("skipped", 1)


async def test_an_account_without_limit_needs_no_reserve(phone: LinePhone) -> None:
    request_id, _ = await filed_on_line(phone)
    phone.line.quota, phone.line.used = None, 10**6
    tell(phone.gateway, request_id, MemberNotice.DECISION)
    await states(phone, "sent")


async def test_a_push_that_is_too_many_is_not_tried_again(phone: LinePhone) -> None:
    request_id, _ = await filed_on_line(phone)
    phone.line.is_limiting = True
    tell(phone.gateway, request_id, MemberNotice.DECISION)
    await states(phone, "skipped")
    assert phone.line.refusals == ["You have reached your monthly limit."]


async def test_pushes_can_be_switched_off(phone: LinePhone) -> None:
    request_id, _ = await filed_on_line(phone)
    object.__setattr__(phone.gateway, "settings", phone.gateway.settings.model_copy(update={"line_push": False}))
    tell(phone.gateway, request_id, MemberNotice.DECISION)
    await states(phone, "skipped")
    assert phone.line.pushes == []


async def test_who_left_is_not_pushed_to(phone: LinePhone) -> None:
    request_id, _ = await filed_on_line(phone)
    await phone.block()
    tell(phone.gateway, request_id, MemberNotice.DECISION)
    await states(phone, "skipped")
    with transaction(phone.gateway.engine) as session:
        assert requests.by_id(session, request_id) is not None, "the request goes on"


async def test_what_could_not_be_sent_in_a_day_is_left_to_the_mail(phone: LinePhone) -> None:
    request_id, _ = await filed_on_line(phone)
    phone.line.failures = 1
    tell(phone.gateway, request_id, MemberNotice.DECISION)
    await until(lambda: phone.outbox(DOOR)[0].attempts == 1)
    await phone.wait(25 * 3600)
    await states(phone, "skipped")
    assert phone.line.pushes == []


async def test_a_request_from_elsewhere_is_not_told_here(phone: LinePhone) -> None:
    await phone.write("開示してほしい")
    await phone.reply(1)
    request_id, _ = file(phone.gateway, phone.member_id(), channel="web")
    tell(phone.gateway, request_id, MemberNotice.DECISION)
    assert phone.outbox(DOOR) == []
