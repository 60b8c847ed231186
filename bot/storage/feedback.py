"""What members thought of answers: one verdict an answer, the latest; it goes with the conversation."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import MadoguchiError
from bot.storage import talks, transcript
from bot.storage.encryption import Vault
from bot.storage.models import Conversation, Entry, Feedback, Member

JUDGED_KINDS = frozenset({"answer", "not_in_policy"})
"""The messages that a member can call helpful or not: those that answer a question about the policy."""


class AnswerIsUnknownError(MadoguchiError):
    """The member has been shown no such answer, or it is kept no more."""


@dataclass(frozen=True)
class Verdict:
    """What a member said of one answer, as staff read it; the answer itself is a line of the transcript."""

    entry_id: str
    conversation_id: str
    channel: str
    helpful: bool
    at: datetime


def record(session: Session, member: Member, entry_id: str, *, helpful: bool, vault: Vault, now: datetime) -> None:
    """Notes the verdict on an answer of this member's own conversations; a later one replaces an earlier one.

    `member` is locked in this transaction (`conversations.find_member` does), so that two verdicts at the same time
    come one after the other.

    Raises:
        AnswerIsUnknownError: there is no such answer in the member's conversations.
    """
    entry = _answer(session, member.id, entry_id)
    if transcript.of_entry(session, entry.id, vault=vault).message["kind"] not in JUDGED_KINDS:
        raise AnswerIsUnknownError("this line answers no question about the policy")
    given = session.scalar(select(Feedback).where(Feedback.entry_id == entry_id))
    talks.count_verdict(session, entry.conversation_id, before=given.helpful if given else None, helpful=helpful)
    if given is None:
        given = Feedback(
            id=secrets.token_hex(16),
            controller=entry.controller,
            conversation_id=entry.conversation_id,
            entry_id=entry_id,
        )
        session.add(given)
    given.helpful, given.at = helpful, now
    session.flush()


def of_entries(session: Session, entry_ids: Collection[str]) -> dict[str, bool]:
    """Which of these lines were judged, and how."""
    query = select(Feedback.entry_id, Feedback.helpful).where(Feedback.entry_id.in_(entry_ids))
    return {row.entry_id: row.helpful for row in session.execute(query)}


def given_to(
    session: Session, controller: str, *, since: datetime | None = None, helpful: bool | None = None, most: int = 100
) -> list[Verdict]:
    """The verdicts that staff of one company may read, the latest first; conversations of a test do not count.

    Args:
        session: the transaction.
        controller: whose answers.
        since: only verdicts given at this moment or later.
        helpful: only verdicts that say so.
        most: how many at most.
    """
    query = (
        select(Feedback, Conversation.channel)
        .join(Conversation, Conversation.id == Feedback.conversation_id)
        .where(Feedback.controller == controller, Conversation.is_test.is_(False))
    )
    if since is not None:
        query = query.where(Feedback.at >= since)
    if helpful is not None:
        query = query.where(Feedback.helpful.is_(helpful))
    rows = session.execute(query.order_by(Feedback.at.desc(), Feedback.id).limit(most))
    return [_verdict(row, channel) for row, channel in rows]


def _answer(session: Session, member_id: str, entry_id: str) -> Entry:
    query = (
        select(Entry)
        .join(Conversation, Conversation.id == Entry.conversation_id)
        .where(Entry.id == entry_id, Entry.role == "answer", Conversation.member_id == member_id)
    )
    entry = session.scalar(query)
    if entry is None:
        raise AnswerIsUnknownError("there is no such answer in this member's conversations")
    return entry


def _verdict(row: Feedback, channel: str) -> Verdict:
    return Verdict(row.entry_id, row.conversation_id, channel, row.helpful, row.at)
