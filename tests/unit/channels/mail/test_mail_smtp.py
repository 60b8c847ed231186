"""Notices on their way out of the outbox to a real mail server, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.channels.mail.sender import mailing
from bot.channels.reminding import Reminding
from bot.errors import BadInputError
from bot.incidents.affected import affected
from bot.incidents.filters import read_filters
from bot.incidents.keeping import open_incident
from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.identity.codes import ask_for_draft, make_wanted
from bot.register.identity.models import Code, Purpose
from bot.register.kinds import Kind
from bot.register.models import ReplyBy, Request
from bot.register.notices import MemberNotice
from bot.storage import outbox
from bot.storage.engine import transaction
from tests.support.mailed_requests import ADDRESS, EMAIL, NAME, PERSON, STAFF_MAIL, WORDS, MailDesk, mail_desk
from tests.support.smtp_server import LocalMailServer, Mood, mail_server

OpenDesk = Callable[..., MailDesk]


@pytest.fixture(scope="module")
def running_server() -> Iterator[LocalMailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def server(running_server: LocalMailServer) -> LocalMailServer:
    running_server.reset()
    return running_server


@pytest.fixture
def open_desk(database_url: str, server: LocalMailServer) -> Iterator[OpenDesk]:
    opened: list[MailDesk] = []

    def make(**changes: object) -> MailDesk:
        opened.append(mail_desk(database_url, server, **changes))
        return opened[-1]

    yield make
    for each in opened:
        each.gateway.engine.dispose()


@pytest.fixture
def desk(open_desk: OpenDesk) -> MailDesk:
    return open_desk()


def test_without_a_mail_server_notices_wait(open_desk: OpenDesk) -> None:
    assert mailing(open_desk(smtp_url=SecretStr("")).gateway) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"smtp_url": SecretStr("http://mail.example.jp")},
        {"smtp_url": SecretStr("smtp://")},
        {"mail_from": ""},
        {"staff_mail": ""},
    ],
)
def test_half_a_mail_configuration_is_refused(open_desk: OpenDesk, changes: dict[str, object]) -> None:
    with pytest.raises(BadInputError, match="MADOGUCHI_"):
        mailing(open_desk(**changes).gateway)


def test_what_is_missing_is_told_with_whose_it_is(open_desk: OpenDesk) -> None:
    with pytest.raises(BadInputError) as refusal:
        mailing(open_desk(staff_mail="").gateway)
    assert str(refusal.value) == "eparkrelax: MADOGUCHI_STAFF_MAIL must be set when MADOGUCHI_SMTP_URL is"


async def test_a_receipt_reaches_the_member(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file()
    desk.give_contact(request)
    row = desk.tell(request, MemberNotice.RECEIPT)
    await desk.drain()
    (sent,) = server.to(EMAIL)
    assert sent["Message-ID"] == f"<{row}@example.jp>"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Date"].datetime == desk.clock()
    assert "EPARKリラク＆エステ" in str(sent["From"])
    assert server.envelopes[server.mails.index(sent)] == ("bounces@example.jp", [EMAIL])
    assert desk.notices("receipt")[0].state == "sent"


@pytest.mark.parametrize("notice", [notice for notice in MemberNotice if notice != MemberNotice.CODE])
async def test_nothing_of_the_person_is_in_a_mail(
    desk: MailDesk, server: LocalMailServer, notice: MemberNotice
) -> None:
    request = desk.file()
    desk.give_contact(request)
    desk.tell(request, notice)
    await desk.drain()
    (sent,) = server.to(EMAIL)
    del sent["To"]
    readable = f"{sent.items()}{sent.get_content()}"
    assert not [canary for canary in (NAME, ADDRESS, WORDS, EMAIL, "予約履歴を", "腰痛") if canary in readable]
    (alert,) = server.to(STAFF_MAIL)
    assert not [canary for canary in (NAME, ADDRESS, WORDS, EMAIL) if canary in f"{alert.items()}{alert.get_content()}"]


async def test_without_a_return_path_bounces_go_to_the_sender(open_desk: OpenDesk, server: LocalMailServer) -> None:
    desk = open_desk(mail_return_path="")
    request = desk.file()
    desk.give_contact(request)
    desk.tell(request, MemberNotice.MESSAGE)
    await desk.drain()
    assert ("privacy@example.jp", [EMAIL]) in server.envelopes


async def test_an_alert_reaches_the_desk(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file()
    with transaction(desk.gateway.engine) as session:
        row = session.get_one(Request, request)
        raise_alert(session, row, AlertSort.DUE_SOON, occasion="a", now=desk.clock(), days_left=3)
    await desk.drain()
    bodies = [sent.get_content() for sent in server.to(STAFF_MAIL)]
    assert any("残りの営業日：3日" in body and "期限が近づいています" in body for body in bodies)


async def test_an_alert_about_an_urgent_request_says_so_first(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file()
    with transaction(desk.gateway.engine) as session:
        row = session.get_one(Request, request)
        row.is_urgent = True
        raise_alert(session, row, AlertSort.DUE_SOON, occasion="a", now=desk.clock())
    await desk.drain()
    subjects = sorted(str(sent["Subject"]) for sent in server.to(STAFF_MAIL))
    assert [subject.startswith("【至急】受付番号 ") for subject in subjects] == [True, False]


@pytest.mark.parametrize(("days", "mark"), [(0, ""), (5, "【期限超過】")])
async def test_a_report_that_is_owed_is_mailed_to_the_desk(
    desk: MailDesk, server: LocalMailServer, days: int, mark: str
) -> None:
    noticed = desk.clock()
    with transaction(desk.gateway.engine) as session:
        filters = read_filters(desk.gateway.controller, noticed - timedelta(days=1), noticed)
        found = affected(session, filters)
        incident = open_incident(session, filters, found, noticed_at=noticed, actor=PERSON, now=noticed).id
    desk.clock.pass_time(days=days)
    await Reminding(desk.gateway).sweep()
    await desk.drain()
    (mail,) = server.to(STAFF_MAIL)
    assert mail["Subject"] == f"{mark}漏えい等の速報：2026年11月28日（土）まで"
    assert f"madoguchi incident reported {incident[:8]} --first" in mail.get_content()


async def test_the_decision_counts_as_told_once_the_server_has_it(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file(Kind.INQUIRY)
    desk.give_contact(request)
    desk.decide(request)
    assert desk.state(request) == "decided"
    await desk.drain()
    assert len(server.to(EMAIL)) == 1
    assert desk.state(request) == "notified"
    with transaction(desk.gateway.engine) as session:
        last = audit.trail(session, request)[-1]
    assert (last.action, last.actor) == ("member:notified", "system")


async def test_what_staff_noted_as_told_is_left(desk: MailDesk) -> None:
    request = desk.file(Kind.INQUIRY)
    desk.give_contact(request)
    desk.tell(request, MemberNotice.DECISION)
    await desk.drain()
    assert desk.notices("decision")[0].state == "sent"
    assert desk.state(request) == "received"


async def test_a_mailbox_that_does_not_exist_is_told_to_staff(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file(Kind.INQUIRY)
    desk.give_contact(request)
    desk.decide(request)
    server.mood = Mood.REFUSE_RECIPIENT
    await desk.drain()
    assert desk.notices("decision")[0].state == "failed"
    assert desk.state(request) == "decided"
    assert desk.sorts(request) == ["bounce"]


async def test_a_mail_that_is_refused_whole_is_told_to_staff(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file()
    desk.give_contact(request)
    desk.tell(request, MemberNotice.RECEIPT)
    server.mood = Mood.REFUSE_DATA
    await desk.drain()
    assert desk.notices("receipt")[0].state == "failed"
    assert desk.sorts(request) == ["bounce"]


@pytest.mark.parametrize("mood", [Mood.DEFER, Mood.DROP])
async def test_a_server_in_trouble_is_asked_again_later(desk: MailDesk, server: LocalMailServer, mood: Mood) -> None:
    request = desk.file(Kind.INQUIRY)
    desk.give_contact(request)
    desk.decide(request)
    server.mood = mood
    await desk.drain()
    (row,) = desk.notices("decision")
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.due_at > desk.clock()
    assert (desk.state(request), desk.sorts(request)) == ("decided", [])
    server.mood = Mood.ACCEPT
    await desk.drain()
    assert server.to(EMAIL) == []
    desk.clock.pass_time(minutes=1)
    await desk.drain()
    assert [sent["Message-ID"] for sent in server.to(EMAIL)] == [f"<{row.id}@example.jp>"]
    assert desk.state(request) == "notified"


async def test_a_mail_sent_twice_is_one_by_its_id(
    desk: MailDesk, server: LocalMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = desk.file()
    desk.give_contact(request)
    row = desk.tell(request, MemberNotice.MESSAGE)
    mark_sent = outbox.mark_sent

    def die(session: Session, row_id: str, *, now: datetime) -> None:
        if row_id == row:
            raise OSError("the process dies between the server's yes and the commit")
        mark_sent(session, row_id, now=now)

    with monkeypatch.context() as dying:
        dying.setattr(outbox, "mark_sent", die)
        await desk.drain()
    await desk.drain()
    first, second = server.to(EMAIL)
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("reply_by", [ReplyBy.POST, ReplyBy.PHONE])
async def test_who_has_no_mail_becomes_a_task_for_staff(
    desk: MailDesk, server: LocalMailServer, reply_by: ReplyBy
) -> None:
    request = desk.file(Kind.INQUIRY)
    desk.give_contact(request, email=None, reply_by=reply_by)
    desk.decide(request)
    await desk.drain()
    assert desk.notices("decision")[0].state == "failed"
    assert desk.sorts(request) == ["no_contact"]
    assert desk.state(request) == "decided"
    assert server.to(EMAIL) == []


async def test_who_gave_nothing_and_withdrew_was_told_in_the_chat(desk: MailDesk) -> None:
    request = desk.file()
    desk.tell(request, MemberNotice.WITHDRAWN)
    await desk.drain()
    assert desk.sorts(request) == []


async def test_an_address_against_the_standard_is_quoted(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file()
    desk.give_contact(request, email='"hana..ko."@docomo.ne.jp')
    desk.tell(request, MemberNotice.MESSAGE)
    await desk.drain()
    assert "hana..ko.@docomo.ne.jp" in server.tries


@pytest.mark.parametrize("email", ["はなこ@example.jp", "a@b\r\nBcc: c@d.jp", "a@" + "b" * 70 + ".jp"])
async def test_an_address_that_cannot_be_written_to_is_told_to_staff(
    desk: MailDesk, server: LocalMailServer, email: str
) -> None:
    request = desk.file()
    desk.give_contact(request, email=email)
    desk.tell(request, MemberNotice.MESSAGE)
    await desk.drain()
    assert desk.notices("message")[0].state == "failed"
    assert desk.sorts(request) == ["bounce"]
    assert all(not tried.startswith(("a@", "c@", "は")) for tried in server.tries)


async def test_a_code_is_sent_and_forgotten(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file()
    desk.give_contact(request)
    code_id, digits = await ask_for_code(desk, request)
    await desk.drain()
    (sent,) = server.to(EMAIL)
    assert digits in sent.get_content()
    assert digits not in sent["Subject"]
    with transaction(desk.gateway.engine) as session:
        assert session.get_one(Code, code_id).sealed_code is None


async def test_a_code_whose_time_is_over_is_not_sent(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file()
    desk.give_contact(request)
    code_id, _ = await ask_for_code(desk, request)
    desk.clock.pass_time(minutes=11)
    await desk.drain()
    assert server.to(EMAIL) == []
    assert desk.notices("code")[0].state == "failed"
    with transaction(desk.gateway.engine) as session:
        assert session.get_one(Code, code_id).sealed_code is None
    assert desk.sorts(request) == []


async def test_a_code_that_was_sent_is_not_sent_again(desk: MailDesk, server: LocalMailServer) -> None:
    request = desk.file()
    desk.give_contact(request)
    code_id, _ = await ask_for_code(desk, request)
    with transaction(desk.gateway.engine) as session:
        session.execute(update(Code).where(Code.id == code_id).values(sealed_code=None))
    await desk.drain()
    assert server.to(EMAIL) == []


async def test_a_request_that_is_gone_is_no_reason_to_try_again(desk: MailDesk) -> None:
    with transaction(desk.gateway.engine) as session:
        enqueue(session, "member", "message", desk.clock())
    await desk.drain()
    assert desk.notices("message")[0].state == "failed"


async def test_a_notice_from_before_there_were_alerts_tells_of_an_arrival(
    desk: MailDesk, server: LocalMailServer
) -> None:
    with transaction(desk.gateway.engine) as session:
        enqueue(session, "staff", "request:filed", desk.clock())
    await desk.drain()
    assert "新しい受付があります" in server.to(STAFF_MAIL)[0]["Subject"]


async def ask_for_code(desk: MailDesk, request_id: str) -> tuple[str, str]:
    gateway = desk.gateway

    def ask() -> tuple[str, str]:
        with transaction(gateway.engine) as session:
            draft = session.get_one(Request, request_id).draft_id
            ask_for_draft(
                session,
                draft,
                Purpose.OPEN,
                controller=gateway.controller,
                now=desk.clock(),
                minutes=10,
            )
            assert make_wanted(session, controller=gateway.controller, now=desk.clock(), vault=gateway.vault) == 1
            code = session.scalars(select(Code)).one()
            assert code.sealed_code is not None
            digits = gateway.vault.open(code.sealed_code, table="code", row=code.id, column="sealed_code")
            return code.id, digits

    return await asyncio.to_thread(ask)


def enqueue(session: Session, recipient: str, kind: str, now: datetime) -> None:
    outbox.enqueue(
        session,
        controller="eparkrelax",
        channel="mail",
        recipient=recipient,
        kind=kind,
        body={"request_id": "0" * 32, "number": "K261124-7F3K-9QXMC", "kind": "disclosure"},
        dedupe_key="a",
        now=now,
    )
