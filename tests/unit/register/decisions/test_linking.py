from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.decisions.linking import link, links_of, suspected_duplicates
from bot.register.decisions.models import LinkSort
from bot.register.details import read_details
from bot.register.drafts import open_draft
from bot.register.errors import LinkDoesNotFitError, PersonIsUnverifiedError, RequestIsUnknownError, StaffOnlyError
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request, State
from bot.register.pages import issue_page, submit_details
from bot.register.requests import withdraw
from bot.storage.encryption import Vault
from tests.support.cases import SUZUKI

Make = Callable[..., Any]


@pytest.fixture
def entered(vault: Vault, now: datetime) -> Make:
    """Files a request and gives its contact details; gives the request's id."""

    def make(
        session: Session,
        kind: Kind = Kind.DISCLOSURE,
        *,
        email: str = "hanako@example.com",
        at: datetime = now,
        controller: str = "eparkrelax",
    ) -> str:
        draft_id = open_draft(
            session,
            controller=controller,
            conversation_id="c" * 32,
            channel="web",
            kinds=[kind],
            scope="予約履歴",
            words=None,
            vault=vault,
            now=at,
        )
        (receipt,) = file_draft(session, draft_id, now=at, vault=vault)
        details = read_details({"role": "self", "name": "山田花子", "email": email})
        submit_details(session, issue_page(session, draft_id, now=at), details, now=at, vault=vault)
        return receipt.request_id

    return make


def test_a_complaint_is_linked_to_what_it_is_about(session: Session, filed: Make, now: datetime) -> None:
    (request,), (complaint,) = filed(session), filed(session, Kind.COMPLAINT)

    for _ in range(2):
        link(session, complaint.request_id, request.request_id, LinkSort.COMPLAINT_ABOUT, actor=SUZUKI, now=now)

    (here,), (there,) = links_of(session, complaint.request_id), links_of(session, request.request_id)
    assert (here.other_number, here.sort, here.is_from_here) == (request.number, LinkSort.COMPLAINT_ABOUT, True)
    assert (there.other_number, there.sort, there.is_from_here) == (complaint.number, LinkSort.COMPLAINT_ABOUT, False)
    events = audit.trail(session, complaint.request_id)[1:]
    assert [(event.action, event.fields) for event in events] == [("request:linked", ["complaint_about"])]


def test_a_link_changes_neither_request(session: Session, reviewed: Make, now: datetime) -> None:
    one, other = reviewed(session), reviewed(session)
    before = [event.id for event in audit.trail(session, other)]

    link(session, one, other, LinkSort.DUPLICATE, actor=SUZUKI, now=now)

    assert {session.get_one(Request, request_id).state for request_id in (one, other)} == {State.IN_REVIEW}
    assert [event.id for event in audit.trail(session, other)] == before


def test_an_unverified_request_is_no_duplicate_of_another(
    session: Session, reviewed: Make, filed: Make, now: datetime
) -> None:
    verified = reviewed(session)
    (unverified,) = filed(session)

    with pytest.raises(PersonIsUnverifiedError):
        link(session, unverified.request_id, verified, LinkSort.DUPLICATE, actor=SUZUKI, now=now)
    assert links_of(session, verified) == []


@pytest.mark.companies
def test_what_cannot_be_linked(session: Session, reviewed: Make, now: datetime) -> None:
    one, other = reviewed(session), reviewed(session, Kind.ERASURE)
    elsewhere = reviewed(session, controller="another")

    for pair, sort in [
        ((one, one), LinkSort.FOLLOWS),
        ((one, elsewhere), LinkSort.FOLLOWS),
        ((one, other), LinkSort.DUPLICATE),
        ((one, other), LinkSort.COMPLAINT_ABOUT),
    ]:
        with pytest.raises(LinkDoesNotFitError):
            link(session, *pair, sort, actor=SUZUKI, now=now)
    with pytest.raises(RequestIsUnknownError):
        link(session, one, "0" * 32, LinkSort.FOLLOWS, actor=SUZUKI, now=now)
    with pytest.raises(StaffOnlyError):
        link(session, one, other, LinkSort.FOLLOWS, actor="member", now=now)


def test_the_same_wish_from_the_same_address_is_suggested(session: Session, entered: Make, now: datetime) -> None:
    first = entered(session, at=now - timedelta(days=365))
    second = entered(session, email="Hanako@EXAMPLE.com")

    (alike,) = suspected_duplicates(session, second)

    assert (alike.request_id, alike.state, alike.is_verified) == (first, State.IDENTITY_PENDING, False)
    assert [found.request_id for found in suspected_duplicates(session, first)] == [second]


@pytest.mark.companies
def test_what_is_not_suggested(session: Session, entered: Make, filed: Make, now: datetime) -> None:
    request_id = entered(session)
    entered(session, Kind.ERASURE)
    entered(session, email="taro@example.com")
    entered(session, controller="another")
    entered(session, at=now - timedelta(days=366))
    withdraw(session, entered(session), now=now)
    (without_contact,) = filed(session)

    assert suspected_duplicates(session, request_id) == []
    assert suspected_duplicates(session, without_contact.request_id) == []
