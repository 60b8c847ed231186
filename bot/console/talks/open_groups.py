"""The groups of questions that nothing answers, as they were made last, less what has been deleted since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from bot.console.talks.reading import Veil
from bot.storage import inbox
from bot.storage.encryption import Vault
from bot.storage.models import Inbound, OpenQuestion, QuestionGroup

MOST_GROUPS = 100
MOST_QUESTIONS = 200
WHYS = {
    "not_in_policy": "方針に書かれていない",
    "clarify": "聞き返し",
    "unhelpful": "役に立たなかった",
    "out_of_scope": "対象外",
}
"""Why a question counts as not answered."""


@dataclass(frozen=True)
class GroupRow:
    """One group in numbers, and its most typical question, veiled.

    Attributes:
        id: of the group.
        questions: how many of its questions are still kept.
        members: how many people asked them.
        earlier: how many of them stand in the earlier half of the days looked at.
        later: how many in the later half.
        nearest: the card or gap that comes nearest.
        likeness: how near.
        example: the most typical question.
    """

    id: str
    questions: int
    members: int
    earlier: int
    later: int
    nearest: str | None
    likeness: float
    example: str


@dataclass(frozen=True)
class Question:
    """One question of a group."""

    conversation_id: str
    at: datetime
    why: str
    words: str


def made_at(session: Session, controller: str) -> datetime | None:
    """When the questions were grouped last."""
    return session.scalar(select(func.max(QuestionGroup.made_at)).where(QuestionGroup.controller == controller))


def list_groups(
    session: Session, controller: str, *, off_topic: bool, middle: datetime, veil: Veil, vault: Vault
) -> list[GroupRow]:
    """The largest groups first; those of questions that are off topic, or the others."""
    is_sort = OpenQuestion.why == "out_of_scope" if off_topic else OpenQuestion.why != "out_of_scope"
    is_later = func.sum(case((OpenQuestion.at >= middle, 1), else_=0))
    size = func.count()
    query = (
        select(QuestionGroup, size, func.count(OpenQuestion.member_id.distinct()), is_later)
        .join(OpenQuestion, OpenQuestion.group_id == QuestionGroup.id)
        .where(QuestionGroup.controller == controller, is_sort)
        .group_by(QuestionGroup.id)
        .order_by(size.desc(), QuestionGroup.id)
        .limit(MOST_GROUPS)
    )
    found = session.execute(query).all()
    examples = _examples(session, [kept.id for kept, *_ in found], veil, vault)
    # A typical question may have been deleted in this very moment.
    return [
        GroupRow(kept.id, questions, members, questions - later, later, kept.nearest, kept.likeness, examples[kept.id])
        for kept, questions, members, later in found
        if kept.id in examples
    ]


def questions_of(session: Session, group: QuestionGroup, *, veil: Veil, vault: Vault) -> Sequence[Question]:
    """The questions of one group, the most typical first."""
    return _questions(session, _of(group.id).limit(MOST_QUESTIONS), veil, vault)


def find_group(session: Session, controller: str, group_id: str) -> QuestionGroup | None:
    """A group of this company."""
    row = session.get(QuestionGroup, group_id)
    return row if row is not None and row.controller == controller else None


def _examples(session: Session, group_ids: Sequence[str], veil: Veil, vault: Vault) -> dict[str, str]:
    """The most typical question of each group, found by one query for all."""
    asked = aliased(OpenQuestion)
    first = (
        select(asked.id)
        .join(Inbound, Inbound.id == asked.inbox_id)
        .where(asked.group_id == QuestionGroup.id, Inbound.sealed_event.is_not(None))
        .order_by(asked.typicality.desc(), asked.id)
        .limit(1)
        .correlate(QuestionGroup)
    )
    firsts = select(first.scalar_subquery()).select_from(QuestionGroup).where(QuestionGroup.id.in_(group_ids))
    query = select(OpenQuestion, Inbound).join(Inbound, Inbound.id == OpenQuestion.inbox_id)
    found = session.execute(query.where(OpenQuestion.id.in_(session.scalars(firsts).all())))
    return {str(row.group_id): _veiled(event, veil, vault) for row, event in found}


def _of(group_id: str) -> Select[OpenQuestion, Inbound]:
    return (
        select(OpenQuestion, Inbound)
        .join(Inbound, Inbound.id == OpenQuestion.inbox_id)
        .where(OpenQuestion.group_id == group_id, Inbound.sealed_event.is_not(None))
        .order_by(OpenQuestion.typicality.desc(), OpenQuestion.id)
    )


def _questions(session: Session, query: Select[OpenQuestion, Inbound], veil: Veil, vault: Vault) -> Sequence[Question]:
    return [
        Question(row.conversation_id, row.at, row.why, _veiled(event, veil, vault))
        for row, event in session.execute(query)
    ]


def _veiled(event: Inbound, veil: Veil, vault: Vault) -> str:
    return veil.over(inbox.open_body(event, vault).content)
