from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.alerts.models import Alert
from bot.register.completing import give_details
from bot.register.contacts import reveal
from bot.register.details import read_details
from bot.register.entry import Entry, EntryChannel, Original, enter
from bot.register.errors import (
    ArrivalIsImpossibleError,
    DetailsWereGivenError,
    FileIsUnusableError,
    NothingIsAskedForError,
    OriginalWasEnteredError,
    StaffOnlyError,
)
from bot.register.filing import Filed
from bot.register.kinds import Kind
from bot.register.models import Contact, Draft, Request
from bot.register.thread.files import files_of, read_file
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.models import Outbound

AYA = "staff:aya"
DETAILS = read_details({"role": "self", "name": "山田花子", "email": "hanako@example.com"})
BY_PHONE = read_details({"role": "self", "name": "山田花子", "reply_by": "phone", "phone": "03-1234-5678"})
MAIL = Original("mail.eml", "message/rfc822", b"From: a@example.com\r\n\r\nx", message_id="<1@example.com>")


def entered(session: Session, vault: Vault, now: datetime, **facts: object) -> list[Filed]:
    given: dict[str, Any] = {
        "channel": EntryChannel.PHONE,
        "kinds": (Kind.DISCLOSURE,),
        "received_at": now - timedelta(days=3),
    }
    entry = Entry(**{**given, **facts})
    return enter(session, entry, actor=AYA, now=now, vault=vault, controller="eparkrelax")


def request_of(session: Session, filed: Filed) -> Request:
    return session.get_one(Request, filed.request_id)


def test_it_counts_from_when_it_arrived_and_is_numbered_when_it_is_entered(
    session: Session, vault: Vault, now: datetime
) -> None:
    (filed,) = entered(session, vault, now, words="予約履歴を見せてほしいとのこと", scope="予約履歴")

    request = request_of(session, filed)
    assert filed.received_at == request.received_at == now - timedelta(days=3)
    assert filed.number.startswith("K261123-")
    assert (request.entered_by, request.entered_at) == (AYA, now)
    assert (request.channel, request.conversation_id, request.state) == ("phone", None, "received")
    assert session.get_one(Draft, request.draft_id).filed_at == now


def test_its_trail_begins_with_the_entry(session: Session, vault: Vault, now: datetime) -> None:
    (filed,) = entered(session, vault, now, words="x")

    (event,) = audit.trail(session, filed.request_id)
    assert (event.actor, event.action, event.at) == (AYA, "request:entered", now)
    assert event.fields == ["channel", "received_at", "words"]


def test_every_kind_is_a_request_of_its_own_and_staff_are_told_of_each(
    session: Session, vault: Vault, now: datetime
) -> None:
    filed = entered(session, vault, now, kinds=(Kind.ERASURE, Kind.COMPLAINT, Kind.ERASURE))

    assert [one.kind for one in filed] == [Kind.ERASURE, Kind.COMPLAINT]
    alerts = session.scalars(select(Alert)).all()
    assert {(alert.request_id, alert.sort) for alert in alerts} == {(one.request_id, "arrival") for one in filed}


def test_words_are_sealed_and_can_be_revealed(session: Session, vault: Vault, now: datetime) -> None:
    (filed,) = entered(session, vault, now, words="予約履歴を")

    sealed = request_of(session, filed).sealed_words
    assert sealed is not None
    assert "予約".encode() not in sealed
    assert reveal(session, filed.request_id, vault=vault, actor=AYA, now=now).words == "予約履歴を"


def test_with_details_it_waits_for_who_asks_and_a_receipt_goes_out(
    session: Session, vault: Vault, now: datetime
) -> None:
    (filed,) = entered(session, vault, now, details=DETAILS)

    assert request_of(session, filed).state == "identity_pending"
    contact = session.scalars(select(Contact)).one()
    assert (contact.consent_version, contact.role) == (None, "self")
    receipt = session.scalars(select(Outbound).where(Outbound.recipient == "member")).one()
    assert (receipt.kind, receipt.body) == ("receipt", {"request_id": filed.request_id})


def test_without_details_nothing_goes_to_a_member(session: Session, vault: Vault, now: datetime) -> None:
    entered(session, vault, now)

    assert session.scalars(select(Outbound).where(Outbound.recipient == "member")).all() == []


def test_details_can_follow_once(session: Session, vault: Vault, now: datetime) -> None:
    filed = entered(session, vault, now, kinds=(Kind.DISCLOSURE, Kind.ERASURE))
    draft_id = request_of(session, filed[0]).draft_id

    give_details(session, draft_id, BY_PHONE, actor="staff:ken", now=now, vault=vault)

    assert {request_of(session, one).state for one in filed} == {"identity_pending"}
    event = audit.trail(session, filed[0].request_id)[-1]
    assert (event.actor, event.action) == ("staff:ken", "details:submitted")
    assert event.fields == ["role", "reply_by", "name", "phone", "state"]
    with pytest.raises(DetailsWereGivenError):
        give_details(session, draft_id, DETAILS, actor=AYA, now=now, vault=vault)


@pytest.mark.parametrize("actor", ["member", "system", "staff:", "staff"])
def test_only_a_named_member_of_staff_enters(session: Session, vault: Vault, now: datetime, actor: str) -> None:
    entry = Entry(channel=EntryChannel.PHONE, kinds=(Kind.DISCLOSURE,), received_at=now)

    with pytest.raises(StaffOnlyError):
        enter(session, entry, actor=actor, now=now, vault=vault, controller="eparkrelax")


def test_a_request_that_went_on_without_details_stays_where_it_is(
    session: Session, vault: Vault, now: datetime
) -> None:
    (filed,) = entered(session, vault, now)
    request = request_of(session, filed)
    request.state = "in_review"
    session.flush()

    give_details(session, request.draft_id, DETAILS, actor=AYA, now=now, vault=vault)

    assert request.state == "in_review"
    assert audit.trail(session, request.id)[-1].action == "details:submitted"


def test_particulars_are_sealed_into_the_request_of_their_kind(session: Session, vault: Vault, now: datetime) -> None:
    details = read_details(
        {"role": "self", "name": "花子", "email": "h@example.com"},
    )
    details = type(details)(
        role=details.role, name=details.name, email=details.email, particulars={Kind.CORRECTION: {"item": "住所"}}
    )
    correction, erasure = entered(session, vault, now, kinds=(Kind.CORRECTION, Kind.ERASURE), details=details)

    assert reveal(session, correction.request_id, vault=vault, actor=AYA, now=now).particulars == {"item": "住所"}
    assert reveal(session, erasure.request_id, vault=vault, actor=AYA, now=now).particulars is None


@pytest.mark.parametrize("seconds", [0, -1, -86400 * 365 * 20])
def test_the_time_of_arrival_lies_behind(session: Session, vault: Vault, now: datetime, seconds: int) -> None:
    (filed,) = entered(session, vault, now, received_at=now + timedelta(seconds=seconds))

    assert filed.received_at == now + timedelta(seconds=seconds)


@pytest.mark.parametrize("days", [1 / 86400, 1, -365 * 24])
def test_an_impossible_arrival_is_refused(engine: Engine, vault: Vault, now: datetime, days: float) -> None:
    with pytest.raises(ArrivalIsImpossibleError), transaction(engine) as session:
        entered(session, vault, now, received_at=now + timedelta(days=days))
    assert count(engine, Draft) == 0


def test_an_arrival_without_a_time_zone_is_refused(session: Session, vault: Vault, now: datetime) -> None:
    with pytest.raises(ArrivalIsImpossibleError, match="time zone"):
        entered(session, vault, now, received_at=now.replace(tzinfo=None))


@pytest.mark.parametrize("kinds", [(), (Kind.STATUS,), (Kind.WITHDRAW, Kind.ERASURE)])
def test_what_is_never_filed_is_not_entered(
    session: Session, vault: Vault, now: datetime, kinds: tuple[Kind, ...]
) -> None:
    with pytest.raises(NothingIsAskedForError):
        entered(session, vault, now, kinds=kinds)


def test_the_original_is_kept_sealed_for_everything_that_came_with_it(
    session: Session, vault: Vault, now: datetime
) -> None:
    filed = entered(session, vault, now, kinds=(Kind.DISCLOSURE, Kind.INQUIRY), original=MAIL)

    for one in filed:
        (view,) = files_of(session, one.request_id)
        assert (view.purpose, view.media_type, view.by) == ("original", "message/rfc822", AYA)
        assert read_file(session, view.id, actor=AYA, now=now, vault=vault).content == MAIL.content


def test_an_original_that_cannot_be_stored_leaves_nothing_behind(engine: Engine, vault: Vault, now: datetime) -> None:
    with pytest.raises(FileIsUnusableError), transaction(engine) as session:
        entered(session, vault, now, original=Original("a.exe", "application/x-msdownload", b"MZ\x00"))
    assert count(engine, Draft) == count(engine, Request) == 0


SAVED_AGAIN = Original("copy.eml", "message/rfc822", b"X-Saved: 2\r\n" + MAIL.content, message_id=MAIL.message_id)
SCAN = Original("scan.pdf", "application/pdf", b"%PDF-1.7 letter")


@pytest.mark.parametrize(
    ("first", "second"),
    [(MAIL, MAIL), (MAIL, SAVED_AGAIN), (SCAN, Original("other name.pdf", SCAN.media_type, SCAN.content))],
)
def test_the_same_original_again_is_refused_with_its_numbers(
    engine: Engine, vault: Vault, now: datetime, first: Original, second: Original
) -> None:
    with transaction(engine) as session:
        filed = entered(session, vault, now, kinds=(Kind.DISCLOSURE, Kind.ERASURE), original=first)

    with pytest.raises(OriginalWasEnteredError) as refused, transaction(engine) as session:
        entered(session, vault, now + timedelta(days=1), original=second)

    assert refused.value.numbers == tuple(one.number for one in filed)
    assert all(one.number in str(refused.value) for one in filed)
    assert count(engine, Request) == 2


def test_another_original_or_none_is_no_repetition(session: Session, vault: Vault, now: datetime) -> None:
    for original in (MAIL, SCAN, None, None):
        entered(session, vault, now, original=original)

    assert session.scalar(select(func.count()).select_from(Request)) == 4


def test_a_test_tells_nobody_and_keeps_nothing_from_being_entered(
    session: Session, vault: Vault, now: datetime
) -> None:
    entered(session, vault, now, original=MAIL, details=DETAILS, is_test=True)

    assert session.scalars(select(Alert)).all() == []
    assert session.scalars(select(Outbound)).all() == []
    (filed,) = entered(session, vault, now, original=MAIL)
    assert not request_of(session, filed).is_test


def test_two_people_entering_one_mail_at_once_enter_it_once(engine: Engine, vault: Vault, now: datetime) -> None:
    refusals: list[OriginalWasEnteredError] = []
    filed: list[Filed] = []
    barrier = threading.Barrier(4)

    def enter_it() -> None:
        barrier.wait()
        try:
            with transaction(engine) as session:
                filed.extend(entered(session, vault, now, original=MAIL))
        except OriginalWasEnteredError as refusal:
            refusals.append(refusal)

    threads = [threading.Thread(target=enter_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(filed) == 1
    assert [refusal.numbers for refusal in refusals] == [(filed[0].number,)] * 3


def test_advertising_that_shall_stop_is_urgent_and_questions_of_the_law_are_marked(
    session: Session, vault: Vault, now: datetime
) -> None:
    (stop,) = entered(session, vault, now, kinds=(Kind.USE_STOP,), scope="広告・宣伝（DM・メール）")
    (question,) = entered(session, vault, now, kinds=(Kind.INQUIRY,), words="開示の手数料はいくらですか")
    (other,) = entered(session, vault, now, kinds=(Kind.USE_STOP,))

    assert request_of(session, stop).is_urgent
    assert request_of(session, question).without_delay
    assert not request_of(session, other).is_urgent
    stopping = session.get_one(Draft, request_of(session, stop).draft_id)
    assert stopping.stops_advertising


def test_beside_other_kinds_what_stops_advertising_is_urgent(session: Session, vault: Vault, now: datetime) -> None:
    both = entered(session, vault, now, kinds=(Kind.ERASURE, Kind.USE_STOP), scope="広告・宣伝（DM・メール）")
    assert {one.kind: one.is_urgent for one in both} == {Kind.ERASURE: False, Kind.USE_STOP: True}


def test_the_database_itself_keeps_who_entered_it(session: Session, vault: Vault, now: datetime) -> None:
    (filed,) = entered(session, vault, now)

    with pytest.raises(DatabaseError, match="never change"), session.begin_nested():
        session.execute(update(Request).where(Request.id == filed.request_id).values(entered_by="staff:ken"))


def test_nothing_personal_stands_in_a_repr() -> None:
    entry = Entry(
        channel=EntryChannel.EMAIL, kinds=(), received_at=datetime.now().astimezone(), words="秘密", details=DETAILS
    )

    assert not any(word in repr((entry, MAIL)) for word in ("秘密", "山田", "hanako", "example.com"))


def count(engine: Engine, table: type[Any]) -> int:
    with transaction(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0
