from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.details import read_details
from bot.register.errors import DetailsWereGivenError, PageIsClosedError, PageIsUnknownError, StateForbidsError
from bot.register.kinds import Kind
from bot.register.models import Contact, Page, Request
from bot.register.pages import issue_page, open_page, submit_details
from bot.register.requests import carry, of_conversation, withdraw
from bot.storage.encryption import Vault
from bot.storage.engine import transaction

Make = Callable[..., Any]

DETAILS = read_details(
    {
        "role": "legal_representative",
        "name": "山田花子",
        "subject": "山田太郎",
        "email": "Hanako@Example.com",
        "remarks": "急いでいます",
    }
)


@pytest.fixture
def draft_id(session: Session, filed: Make) -> str:
    filed(session, Kind.DISCLOSURE, Kind.ERASURE)
    return of_conversation(session, "c" * 32)[0].draft_id


def test_a_page_shows_the_receipts(session: Session, draft_id: str, now: datetime) -> None:
    page = open_page(session, issue_page(session, draft_id, now=now), now=now)

    assert [receipt.kind for receipt in page.receipts] == [Kind.DISCLOSURE, Kind.ERASURE]
    assert (page.draft_id, page.controller, page.conversation_id) == (draft_id, "eparkrelax", "c" * 32)
    assert not page.is_submitted


def test_a_token_is_long_and_stored_hashed(session: Session, draft_id: str, now: datetime) -> None:
    token = issue_page(session, draft_id, now=now)

    stored = session.scalars(select(Page)).one()

    assert len(token) == 43
    assert token not in {value for value in vars(stored).values() if isinstance(value, str)}


def test_opening_changes_nothing(session: Session, draft_id: str, now: datetime) -> None:
    token = issue_page(session, draft_id, now=now)

    assert open_page(session, token, now=now) == open_page(session, token, now=now + timedelta(hours=71))
    assert not session.dirty
    assert not session.new


def test_a_page_lives_72_hours_and_can_be_issued_again(session: Session, draft_id: str, now: datetime) -> None:
    token = issue_page(session, draft_id, now=now)
    later = now + timedelta(hours=72)

    with pytest.raises(PageIsClosedError):
        open_page(session, token, now=later)
    assert open_page(session, issue_page(session, draft_id, now=later), now=later).draft_id == draft_id


@pytest.mark.parametrize("token", ["", "x" * 43, "日本語", "\ud800"])
def test_an_unknown_token_opens_nothing(session: Session, now: datetime, token: str) -> None:
    with pytest.raises(PageIsUnknownError):
        open_page(session, token, now=now)


def test_a_draft_that_was_not_filed_has_no_page(session: Session, new_draft: Make, now: datetime) -> None:
    with pytest.raises(StateForbidsError):
        issue_page(session, new_draft(session), now=now)


def test_details_complete_every_request_of_the_draft(
    session: Session, draft_id: str, vault: Vault, now: datetime
) -> None:
    token = issue_page(session, draft_id, now=now)

    page = submit_details(session, token, DETAILS, now=now, vault=vault)

    assert page.is_submitted
    views = of_conversation(session, "c" * 32)
    assert [(view.state, view.has_contact) for view in views] == [("identity_pending", True)] * 2
    event = audit.trail(session, views[0].id)[-1]
    assert (event.action, event.fields) == (
        "details:submitted",
        ["role", "reply_by", "name", "subject", "email", "remarks", "state"],
    )


@pytest.mark.parametrize(("scope", "is_urgent"), [("広告・宣伝（DM・メール）", True), ("会員情報", False)])
def test_narrowing_the_data_to_advertising_makes_stopping_it_urgent(
    session: Session,
    filed: Make,
    vault: Vault,
    now: datetime,
    scope: str,
    is_urgent: bool,  # noqa: FBT001 - a table
) -> None:
    receipts = filed(session, Kind.DISCLOSURE, Kind.USE_STOP, scope=None)
    other, stop = (session.get_one(Request, receipt.request_id) for receipt in receipts)
    token = issue_page(session, stop.draft_id, now=now)

    submit_details(session, token, replace(DETAILS, scope=scope), now=now, vault=vault)

    assert (stop.is_urgent, other.is_urgent) == (is_urgent, False)
    fields = audit.trail(session, stop.id)[-1].fields
    assert ("is_urgent" in fields) is is_urgent


def test_details_are_sealed_and_the_address_can_be_looked_up(
    session: Session, draft_id: str, vault: Vault, now: datetime
) -> None:
    submit_details(session, issue_page(session, draft_id, now=now), DETAILS, now=now, vault=vault)

    row = session.scalars(select(Contact)).one()

    assert row.role == "legal_representative"
    for column, value in (("sealed_name", "山田花子"), ("sealed_email", "Hanako@Example.com")):
        sealed = getattr(row, column)
        assert value.encode() not in sealed
        assert vault.open(sealed, table="contact", row=row.id, column=column) == value
    assert row.email_hash == vault.keyed_hash("hanako@example.com", purpose="email")


def test_a_second_submit_changes_nothing(session: Session, draft_id: str, vault: Vault, now: datetime) -> None:
    first, second = issue_page(session, draft_id, now=now), issue_page(session, draft_id, now=now)
    submit_details(session, first, DETAILS, now=now, vault=vault)
    before = session.scalars(select(Contact)).one().sealed_name

    for token in (first, second):
        with pytest.raises(DetailsWereGivenError):
            submit_details(session, token, DETAILS, now=now, vault=vault)
        assert open_page(session, token, now=now).is_submitted

    assert session.scalars(select(Contact)).one().sealed_name == before


def test_a_closed_page_takes_no_details(session: Session, draft_id: str, vault: Vault, now: datetime) -> None:
    token = issue_page(session, draft_id, now=now, hours=1)

    with pytest.raises(PageIsClosedError):
        submit_details(session, token, DETAILS, now=now + timedelta(hours=1), vault=vault)


def test_details_do_not_revive_a_request_that_was_withdrawn(
    session: Session, draft_id: str, vault: Vault, now: datetime
) -> None:
    token = issue_page(session, draft_id, now=now)
    for view in of_conversation(session, "c" * 32):
        withdraw(session, view.id, now=now)

    submit_details(session, token, DETAILS, now=now, vault=vault)

    assert {row.state for row in session.scalars(select(Request))} == {"withdrawn"}


def test_a_page_follows_its_requests_to_the_next_conversation(session: Session, draft_id: str, now: datetime) -> None:
    token = issue_page(session, draft_id, now=now)
    carry(session, "c" * 32, "d" * 32, now=now)

    assert open_page(session, token, now=now).conversation_id == "d" * 32


def test_nothing_entered_stands_in_the_database_in_clear(
    engine: Engine, filed: Make, vault: Vault, now: datetime
) -> None:
    with transaction(engine) as session:
        filed(session)
        draft_id = of_conversation(session, "c" * 32)[0].draft_id
        submit_details(session, issue_page(session, draft_id, now=now), DETAILS, now=now, vault=vault)

    with transaction(engine) as session:
        for table in (Contact, Request, Page):
            stored = repr([vars(row) for row in session.scalars(select(table))])
            assert "山田" not in stored
            assert "example.com" not in stored.lower()
