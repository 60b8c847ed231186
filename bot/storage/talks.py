"""What a conversation came to, in numbers, kept in the transaction that stores its lines; and what staff say of it.

What was said is sealed, so that a list could not be narrowed to what went wrong without opening every line. Every
change here also takes the conversation's day out of the counted ones (`bot.storage.talk_days`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from bot.storage.encryption import Vault
from bot.storage.forgetting import empty, rows
from bot.storage.models import Conversation

COUNTED_KINDS = {
    "answer": "answers",
    "not_in_policy": "not_in_policy",
    "out_of_scope": "out_of_scope",
    "clarify": "clarify",
    "handover": "handovers",
    "error": "errors",
    "receipt": "receipts",
}
"""The column that counts the messages of a kind; kinds that say nothing of how well members are answered have none."""

LOW_SCORE = 0.5
"""Below this `stated`, an answer may not be one, and says so to the member; `models.LOW` has the same number."""


class Review(StrEnum):
    """What staff say of a conversation.

    Attributes:
        OPEN: nobody has looked at it, or it went on since.
        CHECKED: somebody has, and found nothing to do.
        IMPROVE: something in it shall be answered better.
    """

    OPEN = "open"
    CHECKED = "checked"
    IMPROVE = "improve"


def count_answers(session: Session, conversation_id: str, kinds: Sequence[str], lowest_stated: float | None) -> None:
    """Counts messages that a member got; what staff had looked at is open again, since it went on.

    Args:
        session: the transaction that stores them.
        conversation_id: where they were said.
        kinds: of the messages.
        lowest_stated: the least `stated` of those that searching gave; None where it gave none.
    """
    counts = Counter(COUNTED_KINDS[kind] for kind in kinds if kind in COUNTED_KINDS)
    _change(session, conversation_id, counts, **_lowered(lowest_stated), review=_REOPENED)


def count_verdict(session: Session, conversation_id: str, *, before: bool | None, helpful: bool) -> None:
    """Counts a member's verdict on an answer; `before` is the one that it replaces."""
    if before == helpful:
        return
    change = {"helpful": 1 if helpful else -1, "unhelpful": -1 if helpful else 1}
    if before is None:
        change = {"helpful" if helpful else "unhelpful": 1}
    _change(session, conversation_id, change)


def forget(session: Session, conversation_id: str) -> None:
    """Takes away what was said of a conversation that is being deleted; its counts go to the day's (`talk_days`)."""
    empty(session, rows(Conversation, Conversation.id == conversation_id))
    nothing = {"lowest_stated": None, "review": Review.OPEN, "reviewed_by": None, "reviewed_at": None}
    _change(session, conversation_id, {}, **nothing)


def mark(conversation: Conversation, review: Review, *, note: str, actor: str, vault: Vault, now: datetime) -> None:
    """Says of a conversation that somebody looked at it; the note goes with its words."""
    conversation.review, conversation.reviewed_by, conversation.reviewed_at = review, actor, now
    place = {"table": "conversation", "row": conversation.id, "column": "sealed_review_note"}
    conversation.sealed_review_note = vault.seal(note, **place) if note else None


def note_on(conversation: Conversation, vault: Vault) -> str:
    """What whoever looked at it wrote down; empty when nothing."""
    if conversation.sealed_review_note is None:
        return ""
    return vault.open(
        conversation.sealed_review_note, table="conversation", row=conversation.id, column="sealed_review_note"
    )


_REOPENED = case((Conversation.review == Review.CHECKED, Review.OPEN.value), else_=Conversation.review)


def _lowered(stated: float | None) -> dict[str, Any]:
    if stated is None:
        return {}
    is_lower = Conversation.lowest_stated.is_(None) | (Conversation.lowest_stated > stated)
    return {"lowest_stated": case((is_lower, stated), else_=Conversation.lowest_stated)}


def _change(session: Session, conversation_id: str, counts: Mapping[str, int], **others: Any) -> None:  # noqa: ANN401 - column values
    """Adds in the database itself: a turn, a verdict and the counting of a day may come at once."""
    added = {name: getattr(Conversation, name) + by for name, by in counts.items()}
    # What was deleted has been counted for good.
    kept = update(Conversation).where(Conversation.id == conversation_id, Conversation.deleted_at.is_(None))
    changed = kept.values(**added, **others, is_counted=False)
    session.execute(changed.execution_options(synchronize_session=False))
