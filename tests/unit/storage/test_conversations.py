from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from bot.storage import conversations, inbox, outbox, transcript
from bot.storage.conversations import Limits, Sender
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.inbox import Event, EventHasAnotherBodyError, TurnBody
from bot.storage.models import Conversation, Entry, Inbound, Member, Outbound
from bot.storage.transcript import NewLine

_NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_SENDER = Sender("eparkrelax", "line", "U0123")
_LIMITS = Limits(idle=timedelta(minutes=60), turns=40)
_EVENT = Event("line", "event-1", "hash-1")


@pytest.fixture
def conversation(engine: Engine, vault: Vault) -> Conversation:
    with transaction(engine) as session:
        member = conversations.add_member(session, _SENDER, vault=vault, now=_NOW)
        return conversations.start(session, member, now=_NOW)


def _add(engine: Engine, vault: Vault, conversation: Conversation, event: Event, *, at: datetime = _NOW) -> Inbound:
    body = TurnBody("say", "質問", ("電話番号",), {"token": "t"})
    with transaction(engine) as session:
        return inbox.add(session, event, conversation, body, vault=vault, now=at, due=at + timedelta(seconds=15))


def test_a_member_is_found_by_key_and_channel(engine: Engine, vault: Vault, conversation: Conversation) -> None:
    with transaction(engine) as session:
        member = conversations.find_member(session, _SENDER, vault=vault)
        assert member is not None
        assert member.id == conversation.member_id
        assert conversations.user_key(session, member.id, vault=vault) == "U0123"
        assert conversations.find_member(session, Sender("eparkrelax", "slack", "U0123"), vault=vault) is None
        assert conversations.find_member(session, Sender("other", "line", "U0123"), vault=vault) is None


def test_whoever_only_looks_for_a_member_waits_for_nobody(
    engine: Engine, vault: Vault, conversation: Conversation
) -> None:
    with transaction(engine) as session:
        assert conversations.find_member(session, _SENDER, vault=vault) is not None
        with reading(engine) as other:
            other.execute(text("SELECT 1" if engine.dialect.name == "sqlite" else "SET LOCAL lock_timeout = '1ms'"))
            found = conversations.find_member(other, _SENDER, vault=vault, is_locked=False)
    assert found is not None
    assert found.id == conversation.member_id


def test_the_platforms_id_is_stored_sealed(engine: Engine, conversation: Conversation) -> None:
    with transaction(engine) as session:
        row = session.get_one(Member, conversation.member_id)
        assert b"U0123" not in row.sealed_user
        assert "U0123" not in row.user_hash


def test_a_member_is_added_once(engine: Engine, vault: Vault, conversation: Conversation) -> None:
    del conversation
    with pytest.raises(IntegrityError), transaction(engine) as session:
        conversations.add_member(session, _SENDER, vault=vault, now=_NOW)


@pytest.mark.parametrize(("minutes", "turns", "over"), [(0, 0, False), (59.9, 39, False), (60, 0, True), (0, 40, True)])
def test_a_conversation_is_over_after_idleness_or_turns(
    conversation: Conversation,
    minutes: float,
    turns: int,
    over: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    conversation.turns = turns
    assert conversations.is_over(conversation, _LIMITS, now=_NOW + timedelta(minutes=minutes)) == over


def test_an_event_is_stored_once(engine: Engine, vault: Vault, conversation: Conversation) -> None:
    row = _add(engine, vault, conversation, _EVENT)
    with transaction(engine) as session:
        found = inbox.find(session, _EVENT)
        assert found is not None
        assert found.id == row.id
        assert inbox.find(session, Event("slack", "event-1", "hash-1")) is None
        with pytest.raises(EventHasAnotherBodyError):
            inbox.find(session, Event("line", "event-1", "hash-2"))
    with pytest.raises(IntegrityError):
        _add(engine, vault, conversation, _EVENT)


def _in_order(engine: Engine, vault: Vault, conversation: Conversation, until: Inbound) -> list[str]:
    """The ids of the turns as a pass up to `until` meets them."""
    met: list[str] = []
    with transaction(engine) as session:
        while turn := inbox.next_waiting(session, conversation.id, until.id, but=met, vault=vault):
            met.append(turn.id)
    return met


def test_turns_wait_in_the_order_they_came(engine: Engine, vault: Vault, conversation: Conversation) -> None:
    rows = [
        _add(engine, vault, conversation, Event("line", f"e{number}", "h"), at=_NOW + timedelta(seconds=number))
        for number in range(3)
    ]
    with transaction(engine) as session:
        inbox.mark_done(session, rows[0].id, now=_NOW)
        turn = inbox.next_waiting(session, conversation.id, rows[2].id, but=(), vault=vault)
        assert turn is not None
        assert turn.body == TurnBody("say", "質問", ("電話番号",), {"token": "t"})
        assert inbox.count_waiting(session) == 2
    assert _in_order(engine, vault, conversation, rows[2]) == [rows[1].id, rows[2].id]
    assert _in_order(engine, vault, conversation, rows[1]) == [rows[1].id]


def test_the_platforms_moment_decides_the_order_not_ours(
    engine: Engine, vault: Vault, conversation: Conversation
) -> None:
    late, first = (
        _add(engine, vault, conversation, Event("line", name, "h", occurred_at=_NOW + timedelta(seconds=second)))
        for name, second in (("late", 2), ("first", 1))
    )

    assert _in_order(engine, vault, conversation, late) == [first.id, late.id]
    assert _in_order(engine, vault, conversation, first) == [first.id]


def test_of_one_moment_every_turn_is_reached_by_somebody(
    engine: Engine, vault: Vault, conversation: Conversation
) -> None:
    rows = [
        _add(engine, vault, conversation, Event("line", f"e{number}", "h", occurred_at=_NOW)) for number in range(4)
    ]

    order = _in_order(engine, vault, conversation, max(rows, key=lambda row: row.id))

    assert order == sorted(row.id for row in rows)


def test_a_noted_event_is_known_again_and_waits_for_nothing(engine: Engine) -> None:
    event = Event("line", "sticker", "h")
    with transaction(engine) as session:
        inbox.note(session, event, controller="eparkrelax", now=_NOW)
    with transaction(engine) as session:
        row = inbox.find(session, event)
        assert row is not None
        assert (row.state, row.conversation_id, row.sealed_event) == ("noted", None, None)
        assert inbox.count_waiting(session) == 0


def test_a_failed_turn_comes_back_later_and_later_until_it_is_given_up(
    engine: Engine, vault: Vault, conversation: Conversation
) -> None:
    row = _add(engine, vault, conversation, _EVENT)
    limit = timedelta(minutes=10)
    dues = []
    with transaction(engine) as session:
        assert inbox.overdue(session, now=_NOW) == []
        assert inbox.overdue(session, now=_NOW + timedelta(seconds=15)) == [(conversation.id, row.id)]
        for _ in range(6):
            assert not inbox.mark_failed(session, row.id, now=_NOW, give_up_after=limit)
            dues.append(session.get_one(Inbound, row.id).due_at)
        assert inbox.mark_failed(session, row.id, now=_NOW + limit, give_up_after=limit)
        assert inbox.state(session, row.id) == "failed"
    assert dues == sorted(dues)
    assert dues[-1] == _NOW + timedelta(seconds=30)


def test_a_transcript_reads_back_in_order_and_is_sealed(
    engine: Engine, vault: Vault, conversation: Conversation
) -> None:
    lines = [
        NewLine("member", {"kind": "member", "text": "一"}),
        NewLine("answer", {"kind": "answer", "text": "二"}, {"score": 1}),
    ]
    with transaction(engine) as session:
        transcript.append(session, conversation, lines, vault=vault, now=_NOW, turn_id="t" * 32)
        transcript.append(
            session, conversation, [NewLine("answer", {"kind": "answer", "text": "三"})], vault=vault, now=_NOW
        )
        shown = transcript.of_member(session, conversation.member_id, vault=vault)
        assert [line.message["text"] for line in shown] == ["一", "二", "三"]
        assert [line.message["text"] for line in transcript.of_turn(session, "t" * 32, "answer", vault=vault)] == ["二"]
        assert all("二".encode() not in row.sealed_message for row in session.scalars(select(Entry)))


def test_erasing_leaves_ids_and_nothing_that_was_said(engine: Engine, vault: Vault, conversation: Conversation) -> None:
    row = _add(engine, vault, conversation, _EVENT)
    with transaction(engine) as session:
        transcript.append(
            session, conversation, [NewLine("answer", {"kind": "answer", "text": "二"})], vault=vault, now=_NOW
        )
        for kind in (outbox.ANSWER, "formal"):
            outbox.enqueue(
                session,
                controller="eparkrelax",
                channel="line",
                recipient=conversation.member_id,
                kind=kind,
                body={},
                dedupe_key=kind,
                now=_NOW,
            )
        conversations.erase(session, session.get_one(Conversation, conversation.id), now=_NOW)
    with transaction(engine) as session:
        assert session.scalars(select(Entry)).all() == []
        emptied = session.get_one(Inbound, row.id)
        assert (emptied.state, emptied.sealed_event) == ("deleted", None)
        assert [waiting.kind for waiting in session.scalars(select(Outbound))] == ["formal"]
        assert inbox.find(session, _EVENT) is not None
        with pytest.raises(ValueError, match="emptied"):
            inbox.open_body(emptied, vault)
