"""The audit trail: one row for each thing that happened to a request, written in the transaction that did it.

Each row holds the hash of the one before (`bot.storage.hash_chain`); `bot.register.trail` checks that.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from bot.register.models import AuditEvent, AuditHead, Request
from bot.storage.hash_chain import FIRST_HASH, hash_of, spelled

MEMBER = "member"
SYSTEM = "system"


class Action(StrEnum):
    """What happened, written `subject:what` with the verb in the past."""

    REQUEST_FILED = "request:filed"
    REQUEST_CARRIED = "request:carried"
    REQUEST_WITHDRAWN = "request:withdrawn"
    PAGE_ISSUED = "page:issued"
    DETAILS_SUBMITTED = "details:submitted"
    DETAILS_REVEALED = "details:revealed"
    PROOF_TRIED = "proof:tried"
    CODE_SENT = "code:sent"
    IDENTITY_VERIFIED = "identity:verified"
    IDENTITY_EXPIRED = "identity:expired"
    IDENTITY_RESUMED = "identity:resumed"
    PAGE_VISITED = "page:visited"
    REQUEST_ENTERED = "request:entered"
    ARRIVAL_CORRECTED = "arrival:corrected"
    ARRIVAL_CHECKED = "arrival:checked"
    REQUEST_ASSIGNED = "request:assigned"
    REQUEST_PRIORITISED = "request:prioritised"
    REQUEST_LINKED = "request:linked"
    REVIEW_BEGUN = "review:begun"
    MEMBER_ASKED = "member:asked"
    MEMBER_REPLIED = "member:replied"
    MESSAGE_WRITTEN = "message:written"
    MESSAGES_READ = "messages:read"
    FILE_STORED = "file:stored"
    FILE_READ = "file:read"
    FILE_REMOVED = "file:removed"
    DECISION_PROPOSED = "decision:proposed"
    DECISION_REJECTED = "decision:rejected"
    REQUEST_DECIDED = "request:decided"
    DECISION_EXECUTED = "decision:executed"
    ANSWER_PREPARED = "answer:prepared"
    ANSWER_RELEASED = "answer:released"
    ANSWER_POSTED = "answer:posted"
    ANSWER_DOWNLOADED = "answer:downloaded"
    INTERIM_SENT = "interim:sent"
    MEMBER_NOTIFIED = "member:notified"
    ALERT_ACKNOWLEDGED = "alert:acknowledged"
    NOTICE_BOUNCED = "notice:bounced"
    REQUEST_CLOSED = "request:closed"
    REQUEST_HELD = "request:held"
    HOLD_LIFTED = "hold:lifted"
    REQUEST_FORGOTTEN = "request:forgotten"


def record(
    session: Session,
    request: Request,
    *,
    action: Action,
    actor: str,
    now: datetime,
    fields: Sequence[str] = (),
) -> None:
    """Adds one event to a request's trail; the caller holds the lock of the request's row.

    Args:
        session: the open transaction that does what the event says.
        request: the request it happened to.
        action: what happened.
        actor: `member`, `system`, or the name of a member of staff.
        now: the present moment.
        fields: names of the columns that were written or shown, never their values.
    """
    head = _head(session, request)
    row = AuditEvent(
        id=secrets.token_hex(16),
        controller=request.controller,
        request_id=request.id,
        position=head.position + 1,
        at=now,
        actor=actor,
        action=action,
        fields=list(fields),
        prev_hash=head.hash,
    )
    row.hash = event_hash(row, row.fields)
    head.position, head.hash = row.position, row.hash
    session.add(row)
    session.flush()


def event_hash(row: AuditEvent | Row[tuple[Any, ...]], fields: Sequence[str]) -> str:
    """The hash that belongs to what an event says; `row` is one, or the columns of one beside its fields."""
    return hash_of(
        [
            row.id,
            row.controller,
            row.request_id,
            row.position,
            spelled(row.at),
            row.actor,
            row.action,
            fields,
            row.prev_hash,
        ]
    )


def trail(session: Session, request_id: str) -> list[AuditEvent]:
    """Everything that happened to a request, in order."""
    query = select(AuditEvent).where(AuditEvent.request_id == request_id).order_by(AuditEvent.position)
    return list(session.scalars(query))


def _head(session: Session, request: Request) -> AuditHead:
    head = session.get(AuditHead, request.id, with_for_update=True, populate_existing=True)
    if head is None:
        head = AuditHead(request_id=request.id, controller=request.controller, position=0, hash=FIRST_HASH)
        session.add(head)
    return head
