"""Rows that belong to nothing, planted by somebody whom neither triggers nor foreign keys keep from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from bot.register.audit import event_hash
from bot.register.check import contradictions
from bot.register.models import AuditEvent, AuditHead, Contact, Draft, Request
from bot.register.thread.models import StoredFile, ThreadMessage
from bot.storage.engine import transaction
from bot.storage.hash_chain import FIRST_HASH
from bot.storage.models import Entry, Inbound, Outbound
from tests.support.tampering import unguarded

Make = Callable[..., Any]

COUNT = int(os.environ.get("MADOGUCHI_PROOF_ORPHANS", "3"))
OURS = {"controller": "eparkrelax"}
NOBODY = "f" * 32


def ids(letter: str) -> Iterator[str]:
    return (f"{letter}{count:031x}" for count in range(COUNT))


@pytest.fixture
def session(engine: Engine, filed: Make, new_draft: Make) -> Iterator[Session]:
    with transaction(engine) as opened:
        for _ in range(COUNT):
            filed(opened)
            new_draft(opened)
    with unguarded(engine) as opened:
        yield opened


def notice(id_: str, now: datetime, **facts: object) -> dict[str, object]:
    return {
        **OURS,
        "id": id_,
        "channel": "mail",
        "recipient": "member",
        "kind": "receipt",
        "body": {},
        "dedupe_key": id_,
        "state": "waiting",
        "attempts": 0,
        "created_at": now,
        "due_at": now,
        **facts,
    }


def file(id_: str, draft_id: str, now: datetime, **facts: object) -> dict[str, object]:
    return {
        **OURS,
        "id": id_,
        "draft_id": draft_id,
        "request_id": None,
        "purpose": "evidence",
        "media_type": "application/pdf",
        "size": 6,
        "sha256": "0" * 64,
        "sealed_name": b"sealed",
        "sealed_content": b"s" * 34,
        "by": "member",
        "at": now,
        **facts,
    }


def turn(id_: str, conversation_id: str, at: datetime) -> dict[str, object]:
    return {
        **OURS,
        "id": id_,
        "channel": "web",
        "event_id": id_,
        "body_hash": "0" * 64,
        "conversation_id": conversation_id,
        "state": "waiting",
        "attempts": 0,
        "occurred_at": at,
        "received_at": at,
        "due_at": at,
    }


def stray_event(id_: str, now: datetime) -> dict[str, object]:
    row = AuditEvent(
        id=id_, request_id=id_, position=1, at=now, actor="system", action="request:filed", prev_hash=FIRST_HASH, **OURS
    )
    return {
        **OURS,
        "id": id_,
        "request_id": id_,
        "position": 1,
        "at": now,
        "actor": "system",
        "action": "request:filed",
        "fields": [],
        "prev_hash": FIRST_HASH,
        "hash": event_hash(row, []),
    }


def plant_requests_without_trails(session: Session, _now: datetime) -> None:
    session.execute(delete(AuditEvent))
    session.execute(delete(AuditHead))


def plant_events_without_requests(session: Session, now: datetime) -> None:
    session.execute(insert(AuditEvent), [stray_event(id_, now) for id_ in ids("a")])


def plant_heads_without_requests(session: Session, _now: datetime) -> None:
    rows = [{**OURS, "request_id": id_, "position": 1, "hash": "0" * 64} for id_ in ids("a")]
    session.execute(insert(AuditHead), rows)


def plant_requests_without_drafts(session: Session, _now: datetime) -> None:
    session.execute(delete(Draft).where(Draft.filed_at.is_not(None)))


def plant_drafts_without_requests(session: Session, _now: datetime) -> None:
    for table in (AuditEvent, AuditHead, Request):
        session.execute(delete(table))


def plant_contacts_without_drafts(session: Session, now: datetime) -> None:
    facts = {"role": "self", "sealed_name": b"s", "sealed_email": b"s", "email_hash": "0" * 64, "given_at": now}
    session.execute(insert(Contact), [{**OURS, **facts, "id": id_, "draft_id": id_} for id_ in ids("a")])


def plant_messages_without_requests(session: Session, now: datetime) -> None:
    facts = {"direction": "note", "asks": False, "sealed_text": b"s", "by": "staff:aya", "at": now}
    session.execute(insert(ThreadMessage), [{**OURS, **facts, "id": id_, "request_id": id_} for id_ in ids("a")])


def plant_notices_without_requests(session: Session, now: datetime) -> None:
    sent = {"state": "sent", "body": {"request_id": NOBODY}}
    session.execute(insert(Outbound), [notice(id_, now, **sent) for id_ in ids("a")])


def plant_notices_without_codes(session: Session, now: datetime) -> None:
    session.execute(insert(Outbound), [notice(id_, now, body={"code_id": NOBODY}) for id_ in ids("a")])


def plant_answers_without_turns(session: Session, now: datetime) -> None:
    facts = {"channel": "line", "kind": "answer", "body": {"turn": NOBODY, "role": "answer"}}
    session.execute(insert(Outbound), [notice(id_, now, **facts) for id_ in ids("a")])


def plant_unsent_notices(session: Session, now: datetime) -> None:
    session.execute(insert(Outbound), [notice(id_, now - timedelta(hours=1, seconds=1)) for id_ in ids("a")])


def plant_undeliverable_notices(session: Session, now: datetime) -> None:
    session.execute(insert(Outbound), [notice(id_, now, state="failed") for id_ in ids("a")])


def plant_files_without_drafts(session: Session, now: datetime) -> None:
    session.execute(insert(StoredFile), [file(id_, id_, now) for id_ in ids("a")])


def plant_files_without_requests(session: Session, now: datetime) -> None:
    draft_id = session.scalars(select(Draft.id)).first()
    session.execute(insert(StoredFile), [file(id_, str(draft_id), now, request_id=id_) for id_ in ids("a")])


def plant_files_without_content(session: Session, now: datetime) -> None:
    draft_id = session.scalars(select(Draft.id)).first()
    session.execute(insert(StoredFile), [file(id_, str(draft_id), now, sealed_content=b"") for id_ in ids("a")])


def plant_turns_that_wait(session: Session, now: datetime) -> None:
    late = now - timedelta(minutes=10, seconds=1)
    session.execute(insert(Inbound), [turn(id_, NOBODY, late) for id_ in ids("a")])


def plant_turns_without_conversations(session: Session, now: datetime) -> None:
    session.execute(insert(Inbound), [turn(id_, NOBODY, now) for id_ in ids("a")])


def plant_lines_without_conversations(session: Session, now: datetime) -> None:
    facts = {"conversation_id": NOBODY, "role": "member", "position": 1, "at": now, "sealed_message": b"s"}
    session.execute(insert(Entry), [{**OURS, **facts, "id": id_} for id_ in ids("a")])


PLANTS: list[tuple[Callable[[Session, datetime], None], str]] = [
    (plant_requests_without_trails, "its trail has no event 1"),
    (plant_events_without_requests, "event 0 of its trail belongs to nothing"),
    (plant_heads_without_requests, "event 0 of its trail belongs to nothing"),
    (plant_requests_without_drafts, "its draft_id refers to nothing"),
    (plant_drafts_without_requests, "the register holds []"),
    (plant_contacts_without_drafts, "its draft_id refers to nothing"),
    (plant_messages_without_requests, "its request_id refers to nothing"),
    (plant_notices_without_requests, "its request is not there"),
    (plant_notices_without_codes, "its code is not there"),
    (plant_answers_without_turns, "its turn is not there"),
    (plant_unsent_notices, "was not sent (waiting"),
    (plant_undeliverable_notices, "was not sent (failed"),
    (plant_files_without_drafts, "its draft_id refers to nothing"),
    (plant_files_without_requests, "its request_id refers to nothing"),
    (plant_files_without_content, "its content is not there"),
    (plant_turns_that_wait, "has waited for more than ten minutes"),
    (plant_turns_without_conversations, "its conversation is not there"),
    (plant_lines_without_conversations, "its conversation is not there"),
]


def test_each_sort_of_orphan_is_found_to_the_last(session: Session, now: datetime) -> None:
    assert contradictions(session, now=now) == []

    for plant, says in PLANTS:
        savepoint = session.begin_nested()
        plant(session, now)
        found = contradictions(session, now=now)
        savepoint.rollback()

        assert len([line for line in found if says in line]) == COUNT, plant.__name__
        assert len(set(found)) == len(found)

    assert contradictions(session, now=now) == []
