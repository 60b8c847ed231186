from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.alerts.models import Alert, AlertSort
from bot.register.errors import MessageIsUnusableError, StateForbidsError
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import Request
from bot.register.notices import MEMBER
from bot.register.thread import messages
from bot.register.thread.messages import (
    ask_member,
    clean_text,
    member_writes,
    messages_of,
    read_messages,
    write_note,
    write_to_member,
)
from bot.register.thread.models import ThreadMessage
from bot.storage.encryption import Vault
from bot.storage.models import Outbound

Make = Callable[..., Any]

STAFF = "staff:sato"


@pytest.fixture
def inquiry(session: Session, filed: Make, now: datetime) -> Request:
    """An inquiry that staff look into: nobody has to be identified for it."""
    request = locked_request(session, filed(session, Kind.INQUIRY)[0].request_id)
    move(session, request, Move.BEGIN_REVIEW, actor=STAFF, now=now)
    return request


def _notices(session: Session) -> list[Outbound]:
    """What the member is told, beside the alert to staff that the request has arrived."""
    query = select(Outbound).where(Outbound.recipient == MEMBER)
    return list(session.scalars(query.order_by(Outbound.created_at, Outbound.id)))


def _kinds(session: Session) -> list[str]:
    return [row.kind for row in _notices(session)]


def test_what_is_written_is_read_in_order_and_lies_sealed(
    session: Session, inquiry: Request, vault: Vault, now: datetime
) -> None:
    write_to_member(session, inquiry.id, "お待ちください。", actor=STAFF, now=now, vault=vault)
    member_writes(session, inquiry.id, "わかりました", now=now + timedelta(minutes=1), vault=vault)

    told = messages_of(session, inquiry.id, vault=vault)

    assert [(message.direction, message.text) for message in told] == [
        ("to_member", "お待ちください。"),
        ("from_member", "わかりました"),
    ]
    assert "わかりました" not in repr(told)
    for row in session.scalars(select(ThreadMessage)):
        assert "わかりました".encode() not in row.sealed_text


def test_a_message_to_the_member_is_one_notice_without_content(
    session: Session, inquiry: Request, vault: Vault, now: datetime
) -> None:
    write_to_member(session, inquiry.id, "書類が届きました。", actor=STAFF, now=now, vault=vault)

    (row,) = _notices(session)

    assert (row.kind, row.recipient, row.body) == ("message", "member", {"request_id": inquiry.id})
    assert audit.trail(session, inquiry.id)[-1].action == "message:written"


def test_two_messages_at_the_same_moment_are_two_notices(
    session: Session, inquiry: Request, vault: Vault, now: datetime
) -> None:
    for text in ("一つ目", "二つ目"):
        write_to_member(session, inquiry.id, text, actor=STAFF, now=now, vault=vault)

    assert _kinds(session) == ["message", "message"]


def test_a_question_waits_for_its_reply(session: Session, inquiry: Request, vault: Vault, now: datetime) -> None:
    ask_member(session, inquiry.id, "どの店舗ですか。", actor=STAFF, now=now, vault=vault)
    assert (inquiry.state, _kinds(session)) == ("scope_pending", ["question"])

    member_writes(session, inquiry.id, "新宿です", now=now, vault=vault)

    assert inquiry.state == "in_review"
    assert [message.asks for message in messages_of(session, inquiry.id, vault=vault)].count(True) == 1
    assert [event.action for event in audit.trail(session, inquiry.id)][-2:] == ["member:asked", "member:replied"]


def test_what_was_set_aside_goes_on_as_soon_as_its_member_writes(
    session: Session, filed: Make, vault: Vault, now: datetime
) -> None:
    request = locked_request(session, filed(session, Kind.DISCLOSURE)[0].request_id)
    move(session, request, Move.GIVE_DETAILS, actor="member", now=now)
    move(session, request, Move.EXPIRE_IDENTITY, actor="system", now=now)

    member_writes(session, request.id, "続けてください", now=now, vault=vault)

    assert request.state == "identity_pending"
    last = audit.trail(session, request.id)[-1]
    assert (last.action, last.fields) == ("identity:resumed", ["text", "state"])
    assert session.scalars(select(Alert).where(Alert.sort == AlertSort.REPLY)).one().request_id == request.id


def test_only_one_question_is_open_at_a_time(session: Session, inquiry: Request, vault: Vault, now: datetime) -> None:
    ask_member(session, inquiry.id, "どの店舗ですか。", actor=STAFF, now=now, vault=vault)

    with pytest.raises(StateForbidsError):
        ask_member(session, inquiry.id, "いつですか。", actor=STAFF, now=now, vault=vault)


def test_nobody_unknown_is_asked_about_their_data(session: Session, filed: Make, vault: Vault, now: datetime) -> None:
    request_id = filed(session, Kind.DISCLOSURE)[0].request_id

    with pytest.raises(StateForbidsError):
        ask_member(session, request_id, "どの店舗ですか。", actor=STAFF, now=now, vault=vault)


def test_a_members_message_alerts_staff(session: Session, inquiry: Request, vault: Vault, now: datetime) -> None:
    message_id = member_writes(session, inquiry.id, "いつになりますか", now=now, vault=vault)

    alert = session.scalars(select(Alert).where(Alert.sort == AlertSort.REPLY)).one()

    assert (alert.occasion, alert.request_id) == (message_id, inquiry.id)


def test_the_same_press_again_changes_nothing(session: Session, inquiry: Request, vault: Vault, now: datetime) -> None:
    first = member_writes(session, inquiry.id, "はい", now=now, vault=vault, once="press")
    events = len(audit.trail(session, inquiry.id))

    assert member_writes(session, inquiry.id, "はい", now=now, vault=vault, once="press") == first
    assert len(audit.trail(session, inquiry.id)) == events
    assert member_writes(session, inquiry.id, "はい", now=now, vault=vault, once="another") != first


def test_what_was_taken_back_takes_no_messages(session: Session, inquiry: Request, vault: Vault, now: datetime) -> None:
    move(session, inquiry, Move.WITHDRAW, actor="member", now=now)

    with pytest.raises(StateForbidsError):
        member_writes(session, inquiry.id, "やっぱりお願いします", now=now, vault=vault)


def test_a_note_is_for_staff_alone(session: Session, inquiry: Request, vault: Vault, now: datetime) -> None:
    write_note(session, inquiry.id, "電話で確認した", actor=STAFF, now=now, vault=vault)

    assert messages_of(session, inquiry.id, vault=vault) == []
    assert [note.text for note in read_messages(session, inquiry.id, actor=STAFF, now=now, vault=vault)] == [
        "電話で確認した"
    ]
    assert _kinds(session) == []


def test_reading_marks_the_members_messages_and_is_recorded(
    session: Session, inquiry: Request, vault: Vault, now: datetime
) -> None:
    member_writes(session, inquiry.id, "いつになりますか", now=now, vault=vault)
    write_to_member(session, inquiry.id, "明日です", actor=STAFF, now=now, vault=vault)
    read_messages(session, inquiry.id, actor=STAFF, now=now + timedelta(hours=1), vault=vault)
    again = read_messages(session, inquiry.id, actor=STAFF, now=now + timedelta(hours=2), vault=vault)

    assert {message.direction: message.read_at for message in again} == {
        "from_member": now + timedelta(hours=1),
        "to_member": None,
    }
    assert [event.action for event in audit.trail(session, inquiry.id)].count("messages:read") == 2


def test_a_member_cannot_flood_the_desk(
    session: Session, inquiry: Request, vault: Vault, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST_MESSAGES", 1)
    member_writes(session, inquiry.id, "一通目", now=now, vault=vault)

    with pytest.raises(MessageIsUnusableError) as caught:
        member_writes(session, inquiry.id, "二通目", now=now, vault=vault)
    assert caught.value.fault == "too_many"


@pytest.mark.parametrize(("text", "fault"), [(" \n\x00", "missing"), ("あ" * 2001, "too_long")])
def test_an_unusable_text_leaves_nothing(
    session: Session, inquiry: Request, vault: Vault, now: datetime, text: str, fault: str
) -> None:
    with pytest.raises(MessageIsUnusableError) as caught:
        ask_member(session, inquiry.id, text, actor=STAFF, now=now, vault=vault)

    assert (caught.value.fault, inquiry.state) == (fault, "in_review")
    assert not session.scalars(select(ThreadMessage)).all()


@given(st.text(max_size=300))
def test_a_kept_text_has_no_controls(text: str) -> None:
    try:
        kept = clean_text(text)
    except MessageIsUnusableError:
        return
    assert kept == clean_text(kept)
    assert not any(ord(character) < 32 and character not in "\t\n" for character in kept)
