"""The console's own trail: what was done and seen, one row an event, each holding the hash of the one before.

What happens to a request stands in that request's own trail as well (`bot.register.audit`); here stand log-ins,
refusals, views of personal data, and changes of anything that is no request.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.staff.actor import Actor
from bot.staff.models import StaffEvent, StaffTrailHead
from bot.storage import hash_chain


class StaffAction(StrEnum):
    """What happened, written `subject:what` with the verb in the past."""

    SESSION_OPENED = "session:opened"
    SESSION_CLOSED = "session:closed"
    SESSION_REVOKED = "session:revoked"
    LOGIN_FAILED = "login:failed"
    PAGE_REFUSED = "page:refused"
    TALK_READ = "talk:read"
    TALK_REVEALED = "talk:revealed"
    TALK_MARKED = "talk:marked"
    REQUEST_READ = "request:read"
    REQUEST_PRINTED = "request:printed"
    LIST_EXPORTED = "list:exported"
    ACCOUNT_INVITED = "account:invited"
    ACCOUNT_CHANGED = "account:changed"
    ACCOUNT_DISABLED = "account:disabled"
    ACCOUNT_ENABLED = "account:enabled"
    FACTOR_RESET = "factor:reset"
    FACTOR_SET = "factor:set"
    CANDIDATE_CHANGED = "candidate:changed"
    CANDIDATE_DISCARDED = "candidate:discarded"
    RELEASE_PUBLISHED = "release:published"
    RELEASE_RESTORED = "release:restored"
    POLICY_IMPORTED = "policy:imported"
    TESTS_RUN = "tests:run"
    CASE_ADDED = "case:added"
    AUDIT_READ = "audit:read"
    AUDIT_VERIFIED = "audit:verified"
    AUDIT_FILES_MADE = "audit:files_made"
    DATA_PURGED = "data:purged"
    INCIDENT_LISTED = "incident:listed"
    INCIDENT_OPENED = "incident:opened"
    INCIDENT_JUDGED = "incident:judged"
    INCIDENT_REPORTED = "incident:reported"


@dataclass(frozen=True)
class About:
    """What an event is about.

    Attributes:
        sort: the sort of thing, in a word (`request`, `talk`, `account`, …).
        id: its opaque id, or the path of a page that was refused; nothing personal.
        fields: names of what was written or shown, never the values.
        reason: why, where a step asks for it.
    """

    sort: str
    id: str | None = None
    fields: Sequence[str] = ()
    reason: str | None = None


def note(session: Session, actor: Actor, action: StaffAction, about: About, *, now: datetime) -> None:
    """Adds an event of somebody who is logged in, in the transaction that does what it says.

    To be called last: a company's events wait for each other from here to the end of the transaction, and whoever
    takes another lock afterwards may stand crosswise to somebody who took that one first.
    """
    note_of(session, actor.controller, actor.id, action, about, now=now, role=actor.role)


def note_of(  # noqa: PLR0913 - who is not logged in has no actor to carry these
    session: Session,
    controller: str,
    actor: str,
    action: StaffAction,
    about: About,
    *,
    now: datetime,
    role: str | None = None,
) -> None:
    """Adds an event; `note` is for whoever is logged in, this for log-ins and commands."""
    head = _locked_head(session, controller)
    row = StaffEvent(
        id=secrets.token_hex(16),
        controller=controller,
        position=head.position + 1,
        at=now,
        actor=actor,
        role=role,
        action=action,
        sort=about.sort,
        object_id=about.id,
        fields=list(about.fields),
        reason=about.reason,
        prev_hash=head.hash,
    )
    row.hash = hash_of(row, row.fields)
    head.position, head.hash = row.position, row.hash
    session.add(row)
    session.flush()


def hash_of(row: StaffEvent | Row[tuple[Any, ...]], fields: Sequence[str]) -> str:
    """The hash that belongs to what an event says; `row` is one, or the columns of one beside its fields."""
    return hash_chain.hash_of(
        [
            row.id,
            row.controller,
            row.position,
            hash_chain.spelled(row.at),
            row.actor,
            row.role,
            row.action,
            row.sort,
            row.object_id,
            fields,
            row.reason,
            row.prev_hash,
        ]
    )


def _locked_head(session: Session, controller: str) -> StaffTrailHead:
    found = _find_head(session, controller)
    if found is not None:
        return found
    # The first two events of a company may come at once: one makes the head, the other waits for it.
    first = {"controller": controller, "position": 0, "hash": hash_chain.FIRST_HASH}
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(StaffTrailHead).values(first).on_conflict_do_nothing())
    return session.get_one(StaffTrailHead, controller, with_for_update=True, populate_existing=True)


def _find_head(session: Session, controller: str) -> StaffTrailHead | None:
    return session.get(StaffTrailHead, controller, with_for_update=True, populate_existing=True)
