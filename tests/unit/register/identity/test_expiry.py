from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.identity.expiry import _expire, expire_identities, resume_identities
from bot.register.identity.models import ProofSort
from bot.register.identity.proof_table import load_proof_table
from bot.register.identity.proofs import ProofResult, record_proof
from bot.register.kinds import Kind
from bot.register.models import Request, Role
from bot.register.thread.models import FilePurpose, StoredFile
from bot.storage.models import Outbound

Make = Callable[..., Any]

TABLE = load_proof_table()
DAYS = timedelta(days=30)


@pytest.fixture
def expire(session: Session) -> Make:
    return lambda at: expire_identities(session, controller="eparkrelax", now=at, days=30, table=TABLE)


@pytest.fixture
def pending(session: Session, filed: Make, complete: Make) -> Make:
    def make(kind: Kind, role: Role = Role.SELF) -> Request:
        number = filed(session, kind)[0].number
        complete(session, number, role=role)
        return session.scalars(select(Request).where(Request.number == number)).one()

    return make


def test_who_brings_nothing_is_set_aside_told_and_resumed(
    session: Session, pending: Make, expire: Make, now: datetime
) -> None:
    request = pending(Kind.PURPOSE_NOTICE)
    assert expire(now + DAYS - timedelta(seconds=1)) == 0
    later = now + DAYS

    assert expire(later) == 1
    assert request.state == "identity_expired"
    assert [row.kind for row in session.scalars(select(Outbound))].count("identity_expired") == 1
    assert audit.trail(session, request.id)[-1].actor == "system"

    assert resume_identities(session, request.draft_id, actor="member", now=later) == 1
    assert resume_identities(session, request.draft_id, actor="member", now=later) == 0
    assert request.state == "identity_pending"
    assert request.received_at == now
    assert expire(later + DAYS - timedelta(seconds=1)) == 0
    assert expire(later + DAYS) == 1


@pytest.mark.parametrize(
    ("kind", "role", "expected"),
    [
        (Kind.DISCLOSURE, Role.APPOINTED_AGENT, 1),
        (Kind.DISCLOSURE, Role.SELF, 0),
        (Kind.COMPLAINT, Role.SELF, 0),
    ],
)
def test_only_what_waits_for_its_member_expires(
    pending: Make, expire: Make, now: datetime, kind: Kind, role: Role, expected: int
) -> None:
    pending(kind, role)

    assert expire(now + DAYS) == expected


def test_a_failed_collation_leaves_the_member_the_whole_time_for_a_document(
    session: Session, pending: Make, expire: Make, now: datetime
) -> None:
    request, tried = pending(Kind.DISCLOSURE), now + timedelta(days=20)
    failed = ProofResult(ProofSort.COLLATION, agrees=False, facts=("氏名",))
    record_proof(session, request.id, failed, actor="staff:sato", now=tried, table=TABLE)

    assert expire(now + DAYS) == 0
    assert expire(tried + DAYS) == 1


def test_a_document_that_was_handed_in_waits_for_staff(
    session: Session, pending: Make, expire: Make, now: datetime
) -> None:
    request = pending(Kind.DISCLOSURE, Role.APPOINTED_AGENT)
    session.add(
        StoredFile(
            id="f" * 32,
            controller="eparkrelax",
            draft_id=request.draft_id,
            purpose=FilePurpose.IDENTITY,
            media_type="image/png",
            size=1,
            sha256="0" * 64,
            sealed_name=b"x",
            sealed_content=b"x",
            by="member",
            at=now,
        )
    )
    session.flush()

    assert expire(now + DAYS) == 0


def test_who_has_shown_who_they_are_does_not_expire(
    session: Session, pending: Make, expire: Make, now: datetime
) -> None:
    request = pending(Kind.PURPOSE_NOTICE)
    record_proof(
        session, request.id, ProofResult(ProofSort.MAILBOX_CODE, agrees=True), actor="member", now=now, table=TABLE
    )

    assert expire(now + DAYS) == 0
    assert request.state == "verified"


def test_what_was_verified_between_looking_and_locking_is_left_alone(
    session: Session, pending: Make, now: datetime
) -> None:
    request = pending(Kind.PURPOSE_NOTICE)
    proof = ProofResult(ProofSort.MAILBOX_CODE, agrees=True)
    record_proof(session, request.id, proof, actor="member", now=now, table=TABLE)

    assert not _expire(session, request.id, now=now)
    assert request.state == "verified"
