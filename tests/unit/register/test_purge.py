from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

import bot.register.tables  # noqa: F401 - every table is counted
from bot.register.completing import give_details
from bot.register.decisions.models import LinkSort, RequestLink
from bot.register.details import read_details
from bot.register.entry import Entry, EntryChannel, Original, enter
from bot.register.kinds import Kind
from bot.register.models import AuditEvent, Draft, Request
from bot.register.pages import issue_page
from bot.register.purge import purge
from bot.storage import conversations
from bot.storage.conversations import Sender
from bot.storage.encryption import Vault
from bot.storage.engine import Base

Make = Callable[..., Any]
DAY = timedelta(days=1)


def counts(session: Session) -> dict[str, int]:
    tables = Base.metadata.tables.values()
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def a_test(session: Session, vault: Vault, now: datetime) -> str:
    entry = Entry(
        channel=EntryChannel.LETTER,
        kinds=(Kind.DISCLOSURE, Kind.ERASURE),
        received_at=now,
        words="x",
        original=Original("a.pdf", "application/pdf", b"%PDF-1"),
        is_test=True,
    )
    filed = enter(session, entry, actor="staff:aya", now=now, vault=vault, controller="eparkrelax")
    draft_id = session.get_one(Request, filed[0].request_id).draft_id
    details = read_details({"role": "self", "name": "花子", "email": "h@example.com"})
    give_details(session, draft_id, details, actor="staff:aya", now=now, vault=vault)
    issue_page(session, draft_id, now=now)
    link = RequestLink(id="l" * 32, controller="eparkrelax", request_id=filed[0].request_id, by="staff:aya", at=now)
    link.other_id, link.sort = filed[1].request_id, LinkSort.FOLLOWS
    session.add(link)
    session.flush()
    return draft_id


def a_conversation(session: Session, now: datetime) -> str:
    vault = Vault(b"e" * 32, b"h" * 32)
    member = conversations.add_member(session, Sender("eparkrelax", "web", "somebody"), vault=vault, now=now)
    return conversations.start(session, member, now=now).id


def test_a_test_goes_after_a_day_with_all_that_hangs_on_it(
    session: Session, filed: Make, vault: Vault, now: datetime
) -> None:
    filed(session)
    before = counts(session)
    a_test(session, vault, now)

    early = purge(session, controller="eparkrelax", now=now + DAY - timedelta(seconds=1), draft_days=30)
    late = purge(session, controller="eparkrelax", now=now + DAY, draft_days=30)

    assert (early.tests, late.tests) == (0, 1)
    # What is left of it is that it went.
    assert counts(session) == before | {"staff_event": 1, "staff_trail_head": 1}


def test_another_companys_tests_are_left(session: Session, vault: Vault, now: datetime) -> None:
    a_test(session, vault, now)

    assert purge(session, controller="other", now=now + DAY * 3, draft_days=30).tests == 0


def test_words_of_drafts_that_were_never_filed_go(
    session: Session, filed: Make, new_draft: Make, now: datetime
) -> None:
    old, new = new_draft(session), new_draft(session, now=now + DAY)
    talked = new_draft(session, conversation_id=a_conversation(session, now))
    (receipt,) = filed(session)

    done = purge(session, controller="eparkrelax", now=now + DAY * 30, draft_days=30)

    assert (done.tests, done.drafts, done.removed) == (0, 2, 1)
    # A button of its conversation may still name it.
    assert session.get_one(Draft, talked, populate_existing=True).sealed_words is None
    # Nothing can name it any more: no conversation of it is kept.
    assert session.get(Draft, old, populate_existing=True) is None
    assert session.get_one(Draft, new, populate_existing=True).sealed_words is not None
    assert session.get_one(Request, receipt.request_id, populate_existing=True).sealed_words is not None


def test_the_trail_of_what_is_real_stays_and_nothing_real_becomes_a_test(
    session: Session, filed: Make, now: datetime
) -> None:
    (receipt,) = filed(session)
    assert now

    with pytest.raises(DatabaseError, match="only added to"), session.begin_nested():
        session.execute(delete(AuditEvent).where(AuditEvent.request_id == receipt.request_id))
    with pytest.raises(DatabaseError, match="never change"), session.begin_nested():
        session.execute(update(Request).where(Request.id == receipt.request_id).values(is_test=True))
