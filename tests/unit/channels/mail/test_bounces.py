"""Mail that comes back, as mail servers report it."""

from __future__ import annotations

import logging
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from mailbox import Maildir
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.channels.mail.bounces import note_bounce, read_bounces, read_report
from bot.register import audit
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.notices import MemberNotice
from bot.storage import outbox
from bot.storage.engine import transaction
from tests.support.mailed_requests import EMAIL, PERSON, MailDesk, mail_desk
from tests.support.smtp_server import LocalMailServer

_DSN = """\
From: MAILER-DAEMON@mx.example.jp (Mail Delivery System)
To: bounces@example.jp
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-1@mx.example.jp>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<hanako@example.jp>: host mx.example.jp said: 550 5.1.1 no such mailbox

--b1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.jp
Arrival-Date: Tue, 24 Nov 2026 12:00:00 +0900

Final-Recipient: rfc822; hanako@example.jp
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such mailbox

--b1
Content-Description: Undelivered Message
Content-Type: {returned}

From: privacy@example.jp
To: hanako@example.jp
Message-ID: <{notice}@example.jp>
Subject: x
{rest}
--b1--
"""


def dsn(
    notice: str, *, action: str = "failed", status: str = "5.1.1", returned: str = "message/rfc822", rest: str = "\nx\n"
) -> bytes:
    text = _DSN.format(notice=notice, action=action, status=status, returned=returned, rest=rest)
    return text.encode()


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    Maildir(tmp_path / "bounces", create=True).close()
    return tmp_path / "bounces"


@pytest.fixture
def desk(database_url: str, maildir: Path) -> Iterator[MailDesk]:
    opened = mail_desk(database_url, LocalMailServer(port=9), bounce_maildir=maildir)
    yield opened
    opened.gateway.engine.dispose()


def come_back(maildir: Path, content: bytes) -> None:
    (maildir / "new" / secrets.token_hex(8)).write_bytes(content)


def flags(maildir: Path) -> list[str]:
    box = Maildir(maildir)
    found = [message.get_subdir() + ":" + message.get_flags() for message in box]
    box.close()
    return found


def told(desk: MailDesk) -> tuple[str, str]:
    """A decided inquiry whose member counts as told, and the row that told them."""
    request = desk.file(Kind.INQUIRY)
    desk.give_contact(request)
    desk.decide(request)
    (row,) = desk.notices("decision")
    with transaction(desk.gateway.engine) as session:
        move(session, locked_request(session, request), Move.NOTIFY, actor="system", now=desk.clock())
        outbox.mark_sent(session, row.id, now=desk.clock())
    return request, row.id


@pytest.mark.parametrize(
    ("returned", "rest"),
    [
        ("message/rfc822", "\nx\n"),
        ("text/rfc822-headers", ""),
        ("text/rfc822-headers; charset=us-ascii\nContent-Transfer-Encoding: 7bit", ""),
    ],
)
async def test_a_decision_that_came_back_counts_as_not_told(
    desk: MailDesk, maildir: Path, returned: str, rest: str
) -> None:
    request, notice = told(desk)
    come_back(maildir, dsn(notice, returned=returned, rest=rest))
    await read_bounces(desk.gateway)
    assert desk.notices("decision")[0].state == "failed"
    assert desk.state(request) == "decided"
    assert desk.sorts(request) == ["bounce"]
    with transaction(desk.gateway.engine) as session:
        assert audit.trail(session, request)[-1].action == "notice:bounced"
    assert flags(maildir) == ["cur:S"]


async def test_the_same_report_again_changes_nothing(desk: MailDesk, maildir: Path) -> None:
    request, notice = told(desk)
    for _ in range(2):
        come_back(maildir, dsn(notice))
        await read_bounces(desk.gateway)
    assert desk.state(request) == "decided"
    assert desk.sorts(request) == ["bounce"]
    with transaction(desk.gateway.engine) as session:
        actions = [event.action for event in audit.trail(session, request)]
    assert actions.count("notice:bounced") == 1


async def test_what_is_only_late_is_left(desk: MailDesk, maildir: Path) -> None:
    request, notice = told(desk)
    come_back(maildir, dsn(notice, action="delayed", status="4.4.1"))
    await read_bounces(desk.gateway)
    assert desk.state(request) == "notified"
    assert desk.sorts(request) == []
    assert desk.notices("decision")[0].state == "sent"
    assert flags(maildir) == ["cur:S"]


async def test_another_notice_that_came_back_takes_no_decision_back(desk: MailDesk, maildir: Path) -> None:
    request, _ = told(desk)
    notice = desk.tell(request, MemberNotice.ANSWER_POSTED)
    come_back(maildir, dsn(notice))
    await read_bounces(desk.gateway)
    assert desk.state(request) == "notified"
    assert desk.sorts(request) == ["bounce"]


async def test_a_closed_request_stays_closed(desk: MailDesk, maildir: Path) -> None:
    request, notice = told(desk)
    with transaction(desk.gateway.engine) as session:
        move(session, locked_request(session, request), Move.CLOSE, actor=PERSON, now=desk.clock())
    come_back(maildir, dsn(notice))
    await read_bounces(desk.gateway)
    assert desk.state(request) == "closed"
    assert desk.sorts(request) == ["bounce"]


async def test_what_is_no_report_is_left_for_a_person_and_not_quoted(
    desk: MailDesk, maildir: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    come_back(maildir, b"From: a@b.jp\nSubject: =?utf-8?b?broken\n\nCANARY " + EMAIL.encode())
    come_back(maildir, b"\xff\xfe\x00CANARY")
    with caplog.at_level(logging.DEBUG):
        await read_bounces(desk.gateway)
    assert flags(maildir) == ["cur:F", "cur:F"]
    logged = caplog.text + "".join(capsys.readouterr())
    assert logged.count("bounce_not_understood") == 2
    assert "CANARY" not in logged
    assert EMAIL not in logged
    await read_bounces(desk.gateway)
    assert "bounce_not_understood" not in "".join(capsys.readouterr())


async def test_without_a_maildir_nothing_is_read(database_url: str) -> None:
    desk = mail_desk(database_url, LocalMailServer(port=9))
    await read_bounces(desk.gateway)
    desk.gateway.engine.dispose()


async def test_a_report_is_read_again_when_the_database_was_away(
    desk: MailDesk, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, notice = told(desk)
    come_back(maildir, dsn(notice))

    def fail(*_: object, **__: object) -> None:
        raise OSError("the database is away")

    with monkeypatch.context() as away:
        away.setattr(outbox, "mark_undeliverable", fail)
        with pytest.raises(OSError, match="away"):
            await read_bounces(desk.gateway)
    assert desk.state(request) == "notified"
    assert os.listdir(maildir / "new")  # noqa: PTH208 - only whether there is one
    await read_bounces(desk.gateway)
    assert desk.state(request) == "decided"


def test_one_mail_by_hand(desk: MailDesk) -> None:
    request, notice = told(desk)
    with transaction(desk.gateway.engine) as session:
        assert note_bounce(session, dsn(notice), now=desk.clock())
        assert not note_bounce(session, dsn(notice, action="delayed"), now=desk.clock())
        assert not note_bounce(session, dsn("0" * 32), now=desk.clock())
        assert not note_bounce(session, b"Subject: hello\n\nhello", now=desk.clock())
    assert desk.state(request) == "decided"


def test_a_mail_to_staff_that_came_back_raises_no_alert_about_itself(desk: MailDesk) -> None:
    request = desk.file()
    (row,) = desk.notices("alert")
    with transaction(desk.gateway.engine) as session:
        assert note_bounce(session, dsn(row.id), now=desk.clock())
    assert desk.sorts(request) == []
    assert desk.notices("alert")[0].state == "failed"


@pytest.mark.parametrize(
    "content",
    [
        dsn("f" * 32).replace(b"report-type=delivery-status", b"report-type=disposition-notification"),
        dsn("f" * 32).replace(b"message/delivery-status", b"text/plain"),
        dsn("f" * 32).replace(b"f" * 32, b"no-id-of-ours"),
        dsn("f" * 32)[:600],
    ],
    ids=["read receipt", "no status", "not ours", "cut off"],
)
def test_other_reports_are_none(content: bytes) -> None:
    assert read_report(content) is None


def test_the_id_of_the_report_itself_is_not_the_notices() -> None:
    forged = dsn("no-id-of-ours").replace(b"report-1@mx", b"f" * 32 + b"@mx")
    assert read_report(forged) is None


_REPORTED = dsn("f" * 32)


@st.composite
def broken_reports(draw: st.DrawFn) -> bytes:
    """A report cut, doubled and overwritten anywhere."""
    content = bytearray(_REPORTED)
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        content[start:end] = draw(st.sampled_from(_BREAKERS) | st.binary(max_size=20))
    return bytes(content)


_BREAKERS = (
    *(b"", b"\n\n", b"--b1\n", b"--b1--\n", b"\x00", b"\xff\xfe", b"=?utf-8?b?", b"Content-Type: multipart/report;"),
    *(
        b"Content-Type: message/rfc822\n\n",
        b"Content-Transfer-Encoding: base64\n",
        b"boundary*0*=",
        b'"\\\r\n\t(',
        b"@<>:;",
    ),
)


@given(st.binary(max_size=400) | broken_reports())
@settings(max_examples=300, deadline=None)
def test_nothing_that_comes_there_breaks_the_reader(content: bytes) -> None:
    report = read_report(content)
    assert report is None or re.fullmatch(r"[0-9a-f]{32}", report.notice_id)


@pytest.mark.parametrize(
    "content",
    [
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n' * 3000,
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (deep, deep) for deep in range(3000)),
        b"Content-Type: message/rfc822\n\n" * 3000,
    ],
    ids=["headers", "parts in parts", "mails in mails"],
)
def test_what_is_nested_without_end_is_no_report(content: bytes) -> None:
    assert read_report(content) is None


@given(content=st.binary(max_size=200) | broken_reports())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_nobody_sent_us_back_is_noted_nowhere(engine: Engine, content: bytes) -> None:
    with transaction(engine) as session:
        assert not note_bounce(session, content, now=datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
