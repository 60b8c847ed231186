"""Gathers the questions that got no good answer, and keeps how they are grouped.

Nothing that a member said is copied: a group names lines, whose words stay where they are and go when they go. Vectors
tell nearly as much as words, so that they are sealed and deleted with them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar

import numpy as np
from sqlalchemy import Row, Select, delete, select, text
from sqlalchemy.orm import Session

from bot.console.frame.background import Report
from bot.console.frame.parts import Console
from bot.console.talks.grouping import Asked, Grouped, group
from bot.policy.embedding import Embedder, Vectors, embedder_of
from bot.policy.standard_questions import open_standard_questions
from bot.policy.vector_cache import cached_vectors
from bot.storage import inbox, models, transcript
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation, Entry, Feedback, Inbound, OpenQuestion, QuestionGroup

DAYS = 30
MOST = 3000
"""Of more questions than this the latest count; each pair of them is compared."""

_BATCH = 32
_ROWS = 500
_T = TypeVar("_T")
_Columns = tuple[str, str, str | None, str, str | None, datetime]


@dataclass(frozen=True)
class _Found:
    """A question with what it takes to group it; `vector` is that of an earlier run, if one fits."""

    row: OpenQuestion
    asked: Asked
    words: str
    vector: Vectors | None


@dataclass(frozen=True)
class _Run:
    """What one run looks at, and with what."""

    controller: str
    since: datetime
    model: str
    vault: Vault


def regroup(console: Console, report: Report) -> int:
    """Groups the questions of the last days anew; gives how many groups there are."""
    now, embedder = console.clock(), embedder_of(console.settings)
    with reading(console.engine) as session:
        run = _Run(console.controller, now - timedelta(days=DAYS), embedder.model_id, console.vault)
        found = list(_gather(session, run))
    vectors = _vectors(found, embedder, report)
    common = _common(console, embedder) if found else np.zeros(1, dtype=np.float32)
    groups = group([each.asked for each in found], vectors, common) if found else []
    for each, vector in zip(found, vectors, strict=True):
        each.row.sealed_vector = _seal(console.vault, each.row.id, vector)
    with transaction(console.engine) as session:
        _store(session, console.controller, [each.row for each in found], groups, now)
    return len(groups)


def _gather(session: Session, run: _Run) -> Iterator[_Found]:
    rows = {row.id: row for row in chain(*(session.execute(query) for query in _queries(run)))}
    latest = sorted(rows.values(), key=lambda row: (row.at, row.id), reverse=True)[:MOST]
    for part in _parts(latest, _ROWS):
        ids = [row.id for row in part]
        known = {each.id: each for each in session.scalars(select(OpenQuestion).where(OpenQuestion.id.in_(ids)))}
        turns = [row.inbox_id for row in part]
        events = {each.id: each for each in session.scalars(select(Inbound).where(Inbound.id.in_(turns)))}
        for row in part:
            event = events.get(row.inbox_id)
            body = inbox.open_body(event, run.vault) if event is not None and event.sealed_event is not None else None
            # What a button says is no question; what was taken back or deleted is none any more.
            if body is not None and body.door == "say":
                yield _found(session, run, row, body.content, known.get(row.id))


def _queries(run: _Run) -> tuple[Select[*_Columns], ...]:
    """What was not answered, and what a member called no help."""
    columns = (Entry.id, Entry.conversation_id, Entry.inbox_id, Conversation.member_id, Entry.kind, Entry.at)
    query = (
        select(*columns)
        .join(Conversation, Conversation.id == Entry.conversation_id)
        .where(Entry.role == "answer", Entry.inbox_id.is_not(None), Conversation.is_test.is_(False))
        .limit(MOST)
    )
    unanswered = query.where(Entry.controller == run.controller, Entry.at >= run.since, text(models.UNANSWERED))
    judged = select(Feedback.entry_id).where(
        Feedback.controller == run.controller, Feedback.at >= run.since, text(models.UNHELPFUL)
    )
    disliked = query.where(Entry.id.in_(judged.order_by(Feedback.at.desc()).limit(MOST)))
    return disliked, unanswered.order_by(Entry.at.desc())


def _found(session: Session, run: _Run, row: Row[*_Columns], words: str, known: OpenQuestion | None) -> _Found:
    why = "unhelpful" if row.kind in (None, "answer") else row.kind
    owner, likeness = _nearest(transcript.trace_of(session, row.id, vault=run.vault))
    question = OpenQuestion(
        id=row.id,
        controller=run.controller,
        conversation_id=row.conversation_id,
        inbox_id=row.inbox_id,
        member_id=row.member_id,
        why=why,
        at=row.at,
        model=run.model,
    )
    vector = _open(run.vault, known) if known is not None and known.model == run.model else None
    return _Found(question, Asked(row.id, sort_of(why), owner, likeness), words, vector)


def sort_of(why: str) -> str:
    """Off topic is another matter than what a policy desk should know."""
    return "out_of_scope" if why == "out_of_scope" else "open"


def _nearest(trace: Mapping[str, object] | None) -> tuple[str | None, float]:
    """The card or gap that came nearest to the first question of a turn that got no answer, as it was traced."""
    questions = ((trace or {}).get("trace") or {}).get("questions") or []  # type: ignore[attr-defined]  # JSON
    open_ones = [each for each in questions if each["verdict"] != "answer"] or questions
    known = open_ones[0]["known"] if open_ones else []
    return (str(known[0]["id"]), float(known[0]["score"])) if known else (None, 0.0)


def _vectors(found: Sequence[_Found], embedder: Embedder, report: Report) -> Vectors:
    made: dict[str, Vectors] = {}
    unknown = list(dict.fromkeys(each.words for each in found if each.vector is None))
    for done, part in enumerate(_parts(unknown, _BATCH)):
        report(done * _BATCH, len(unknown))
        made |= zip(part, embedder.questions(part), strict=True)
    rows = [made[each.words] if each.vector is None else each.vector for each in found]
    return np.stack(rows) if rows else np.zeros((0, 1), dtype=np.float32)


def _common(console: Console, embedder: Embedder) -> Vectors:
    texts = [wording for each in open_standard_questions() for wording in each.ask]
    mean: Vectors = cached_vectors(console.settings.index_dir, texts, embedder).mean(axis=0)
    return mean


def _store(
    session: Session, controller: str, rows: Sequence[OpenQuestion], groups: Sequence[Grouped], now: datetime
) -> None:
    session.execute(delete(OpenQuestion).where(OpenQuestion.controller == controller))
    session.execute(delete(QuestionGroup).where(QuestionGroup.controller == controller))
    by_id = {row.id: row for row in rows}
    for each in groups:
        kept = QuestionGroup(
            id=secrets.token_hex(16), controller=controller, made_at=now, nearest=each.nearest, likeness=each.likeness
        )
        session.add(kept)
        for id_, typicality in each.members:
            by_id[id_].group_id, by_id[id_].typicality = kept.id, typicality
    session.add_all(by_id[id_] for id_ in _still_there(session, rows))
    session.flush()


def _still_there(session: Session, rows: Sequence[OpenQuestion]) -> Iterator[str]:
    """What was not taken back or deleted while it was grouped."""
    for part in _parts(rows, _ROWS):
        turns = [row.inbox_id for row in part]
        query = select(Inbound.id).where(Inbound.id.in_(turns), Inbound.sealed_event.is_not(None))
        kept = set(session.scalars(query))
        yield from (row.id for row in part if row.inbox_id in kept)


def _parts(rows: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _seal(vault: Vault, row_id: str, vector: Vectors) -> bytes:
    packed = vector.astype("<f2").tobytes()
    return vault.seal_bytes(packed, table="open_question", row=row_id, column="sealed_vector")


def _open(vault: Vault, row: OpenQuestion) -> Vectors:
    packed = vault.open_bytes(row.sealed_vector, table="open_question", row=row.id, column="sealed_vector")
    return np.frombuffer(packed, dtype="<f2").astype(np.float32)
