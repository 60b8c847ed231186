"""正しい・誤り: what staff thought of an answer they tried, kept until it has become a case or a card."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from bot.errors import BadInputError
from bot.evaluation.runs.models import TrialVerdict
from bot.evaluation.runs.reading import Scope
from bot.storage.encryption import Vault

_TABLE, _COLUMN = "trial_verdict", "sealed_words"


class VerdictIsUnknownError(BadInputError):
    """There is no such verdict (any more)."""


@dataclass(frozen=True)
class Given:
    """What somebody thought: of which question, asked of which corpus, and of what answer."""

    is_right: bool
    question: str
    reason: str
    kind: str
    sections: tuple[str, ...]
    subject: str
    digest: str


@dataclass(frozen=True)
class Kept:
    """A verdict as it is listed."""

    id: str
    given_by: str
    at: datetime
    given: Given


def keep(session: Session, scope: Scope, given_by: str, given: Given, *, vault: Vault, now: datetime) -> str:
    """Keeps a verdict, its words sealed; gives its id."""
    row_id = secrets.token_hex(16)
    words = json.dumps({"question": given.question, "reason": given.reason}, ensure_ascii=False)
    session.add(
        TrialVerdict(
            id=row_id,
            controller=scope.controller,
            policy=scope.policy,
            given_by=given_by,
            at=now,
            is_right=given.is_right,
            subject=given.subject,
            subject_digest=given.digest,
            kind=given.kind,
            sections=list(given.sections),
            sealed_words=vault.seal(words, table=_TABLE, row=row_id, column=_COLUMN),
        )
    )
    return row_id


def listed(
    session: Session, scope: Scope, *, vault: Vault, after: tuple[datetime, str] | None = None, most: int = 30
) -> Sequence[Kept]:
    """Verdicts, the latest first; one more than `most`, if there are."""
    query = select(TrialVerdict).where(TrialVerdict.controller == scope.controller, TrialVerdict.policy == scope.policy)
    if after is not None:
        query = query.where(tuple_(TrialVerdict.at, TrialVerdict.id) < after)
    rows = session.scalars(query.order_by(TrialVerdict.at.desc(), TrialVerdict.id.desc()).limit(most + 1))
    return [_opened(row, vault) for row in rows]


def drop(session: Session, scope: Scope, verdict_id: str) -> None:
    """Deletes one.

    Raises:
        VerdictIsUnknownError: there is none of this company and policy.
    """
    row = session.get(TrialVerdict, verdict_id)
    if row is None or (row.controller, row.policy) != (scope.controller, scope.policy):
        raise VerdictIsUnknownError("この判定はありません")
    session.delete(row)


def _opened(row: TrialVerdict, vault: Vault) -> Kept:
    words = json.loads(vault.open(row.sealed_words, table=_TABLE, row=row.id, column=_COLUMN))
    given = Given(
        row.is_right,
        words["question"],
        words["reason"],
        row.kind,
        tuple(row.sections),
        row.subject,
        row.subject_digest,
    )
    return Kept(row.id, row.given_by, row.at, given)
