from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.alerts.models import Alert
from bot.register.drafts import draft, drop_draft
from bot.register.errors import DraftIsUnknownError, DraftWasDroppedError
from bot.register.filing import Filed, file_draft, receipts
from bot.register.kinds import ADVERTISING, Kind
from bot.register.models import AuditEvent, Draft, Request
from bot.register.numbers import is_number
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.models import Outbound

Make = Callable[..., Any]


def test_files_one_request_for_each_kind(session: Session, new_draft: Make, vault: Vault, now: datetime) -> None:
    draft_id = new_draft(session, Kind.ERASURE, Kind.DISCLOSURE)

    filed = file_draft(session, draft_id, now=now, vault=vault)

    assert [receipt.kind for receipt in filed] == [Kind.DISCLOSURE, Kind.ERASURE]
    assert len({receipt.number for receipt in filed}) == 2
    assert all(is_number(receipt.number) and receipt.received_at == now for receipt in filed)
    rows = session.scalars(select(Request)).all()
    assert {(row.controller, row.state, row.scope, row.draft_id) for row in rows} == {
        ("eparkrelax", "received", "予約履歴", draft_id)
    }


def test_the_same_draft_again_gives_the_same_receipts(
    session: Session, new_draft: Make, vault: Vault, now: datetime
) -> None:
    draft_id = new_draft(session, Kind.ERASURE, Kind.USE_STOP)
    first = file_draft(session, draft_id, now=now, vault=vault)

    second = file_draft(session, draft_id, now=now + timedelta(hours=1), vault=vault)

    assert second == first == receipts(session, draft_id)
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == 2


def test_what_stops_advertisements_is_urgent_and_keeps_its_own_scope(
    session: Session, new_draft: Make, vault: Vault, now: datetime
) -> None:
    draft_id = new_draft(session, Kind.CORRECTION, Kind.USE_STOP, scope="会員情報", stops_advertising=True)

    filed = file_draft(session, draft_id, now=now, vault=vault)

    rows = session.scalars(select(Request)).all()
    assert {(row.kind, row.scope, row.is_urgent) for row in rows} == {
        ("correction", "会員情報", False),
        ("use_stop", ADVERTISING, True),
    }
    assert [receipt.is_urgent for receipt in filed] == [False, True]


@pytest.mark.parametrize(
    ("kind", "stops_advertising"), [(Kind.USE_STOP, False), (Kind.ERASURE, True), (Kind.ERASURE, False)]
)
def test_nothing_else_is_urgent(
    session: Session, new_draft: Make, vault: Vault, now: datetime, kind: Kind, *, stops_advertising: bool
) -> None:
    draft_id = new_draft(session, kind, stops_advertising=stops_advertising)

    assert [receipt.is_urgent for receipt in file_draft(session, draft_id, now=now, vault=vault)] == [False]


def test_a_draft_that_was_given_up_cannot_be_filed(
    session: Session, new_draft: Make, vault: Vault, now: datetime
) -> None:
    draft_id = new_draft(session)
    drop_draft(session, draft_id, now=now)

    with pytest.raises(DraftWasDroppedError):
        file_draft(session, draft_id, now=now, vault=vault)
    assert receipts(session, draft_id) == []


def test_an_unknown_draft_cannot_be_filed(session: Session, vault: Vault, now: datetime) -> None:
    with pytest.raises(DraftIsUnknownError):
        file_draft(session, "f" * 32, now=now, vault=vault)


def test_the_trail_begins_with_the_filing(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session, Kind.CORRECTION)

    (event,) = audit.trail(session, receipt.request_id)

    assert (event.position, event.at, event.actor, event.action) == (1, now, "member", "request:filed")


def test_the_words_move_into_the_request_and_stay_sealed(
    session: Session, new_draft: Make, vault: Vault, now: datetime
) -> None:
    draft_id = new_draft(session, Kind.CORRECTION, words="住所を直して")
    (receipt,) = file_draft(session, draft_id, now=now, vault=vault)

    request = session.get_one(Request, receipt.request_id)

    assert session.get_one(Draft, draft_id).sealed_words is None
    assert request.sealed_words is not None
    assert "住所".encode() not in request.sealed_words
    place = {"table": "request", "row": request.id, "column": "sealed_words"}
    assert vault.open(request.sealed_words, **place) == "住所を直して"


def test_staff_are_told_once_and_never_of_a_test(
    session: Session, new_draft: Make, vault: Vault, now: datetime
) -> None:
    real, test = new_draft(session), new_draft(session, is_test=True)
    for _ in range(2):
        file_draft(session, real, now=now, vault=vault)
    file_draft(session, test, now=now, vault=vault)

    (alert,) = session.scalars(select(Alert)).all()
    (notice,) = session.scalars(select(Outbound)).all()

    (receipt,) = receipts(session, real)
    assert (alert.request_id, alert.sort, alert.told) == (receipt.request_id, "arrival", "staff")
    assert (notice.channel, notice.recipient, notice.kind) == ("mail", "staff", "alert")
    assert notice.body == {
        "request_id": receipt.request_id,
        "number": receipt.number,
        "kind": "disclosure",
        "sort": "arrival",
        "urgent": False,
    }


def test_nothing_is_filed_when_the_transaction_fails(
    engine: Engine, new_draft: Make, vault: Vault, now: datetime
) -> None:
    with transaction(engine) as session:
        draft_id = new_draft(session)

    def file_and_fail() -> None:
        with transaction(engine) as session:
            file_draft(session, draft_id, now=now, vault=vault)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        file_and_fail()

    with transaction(engine) as session:
        assert receipts(session, draft_id) == []
        assert session.scalars(select(AuditEvent)).all() == []
        assert session.scalars(select(Alert)).all() == []
        assert session.scalars(select(Outbound)).all() == []
        found = draft(session, draft_id)
        assert found is not None
        assert not found.is_filed


def test_filings_of_one_draft_at_once_give_one_receipt_a_kind(
    engine: Engine, new_draft: Make, vault: Vault, now: datetime
) -> None:
    with transaction(engine) as session:
        draft_id = new_draft(session, Kind.ERASURE, Kind.THIRD_PARTY_STOP)
    together = threading.Barrier(4)
    answers: list[list[Filed]] = []

    def press() -> None:
        together.wait()
        with transaction(engine) as session:
            filed = file_draft(session, draft_id, now=now, vault=vault)
        answers.append(filed)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with transaction(engine) as session:
        assert len(session.scalars(select(Request)).all()) == 2
        assert len(session.scalars(select(AuditEvent)).all()) == 2
        assert len(session.scalars(select(Outbound)).all()) == 2
        assert answers == [receipts(session, draft_id)] * 4


@pytest.mark.parametrize(
    "change",
    [{"received_at": datetime.fromisoformat("2026-11-24T00:00:00+00:00")}, {"number": "K"}, {"kind": "inquiry"}],
)
def test_the_database_refuses_to_change_what_arrived(engine: Engine, filed: Make, change: dict[str, object]) -> None:
    with transaction(engine) as session:
        (receipt,) = filed(session)

    statement = update(Request).where(Request.id == receipt.request_id).values(**change)

    with pytest.raises(DatabaseError, match="never change"), transaction(engine) as session:
        session.execute(statement)


def test_the_state_of_a_request_may_change(engine: Engine, filed: Make) -> None:
    with transaction(engine) as session:
        (receipt,) = filed(session)
        session.get_one(Request, receipt.request_id).state = "withdrawn"

    with transaction(engine) as session:
        assert session.get_one(Request, receipt.request_id).state == "withdrawn"


def test_one_kind_of_a_draft_cannot_stand_twice(engine: Engine, filed: Make, now: datetime) -> None:
    with transaction(engine) as session:
        (receipt,) = filed(session)
        first = session.get_one(Request, receipt.request_id)

    columns = {column.key: getattr(first, column.key) for column in Request.__table__.columns}
    second = {**columns, "id": "2" * 32, "number": "K261123-0000-00000", "received_at": now}

    with pytest.raises(DatabaseError), transaction(engine) as session:
        session.execute(insert(Request).values(**second))
