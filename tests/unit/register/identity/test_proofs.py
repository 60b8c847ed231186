from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.errors import ProofIsContradictoryError, RequestIsUnknownError, StateForbidsError
from bot.register.identity.models import Proof, ProofSort
from bot.register.identity.proof_table import load_proof_table
from bot.register.identity.proofs import (
    ProofResult,
    proofs_of,
    record_mailbox_proof,
    record_proof,
    required_proof,
)
from bot.register.kinds import Kind
from bot.register.life import Move, move
from bot.register.models import Request, Role
from bot.register.requests import withdraw
from bot.register.thread.files import store_file
from bot.register.thread.models import FilePurpose, StoredFile
from bot.storage.encryption import Vault

Make = Callable[..., Any]

TABLE = load_proof_table()
STAFF = "staff:sato"
AGREED = ProofResult(ProofSort.COLLATION, agrees=True, facts=("氏名", "登録メールアドレス"))
FAILED = ProofResult(ProofSort.COLLATION, agrees=False, facts=("氏名",))
DOCUMENT = ProofResult(ProofSort.DOCUMENT, agrees=True, facts=("氏名", "住所"))
TOKEN = ProofResult(ProofSort.MEMBER_TOKEN, agrees=True)


@pytest.fixture
def request_of(session: Session, filed: Make, complete: Make) -> Make:
    def make(kind: Kind, role: Role = Role.SELF, **facts: object) -> Request:
        number = filed(session, kind, **facts)[0].number
        complete(session, number, role=role)
        return session.scalars(select(Request).where(Request.number == number)).one()

    return make


@pytest.fixture
def prove(session: Session, now: datetime) -> Make:
    def record(request: Request, result: ProofResult, *, actor: str = STAFF, at: datetime = now) -> bool:
        return record_proof(session, request.id, result, actor=actor, now=at, table=TABLE)

    return record


def test_facts_that_agree_verify_a_disclosure(session: Session, request_of: Make, prove: Make, now: datetime) -> None:
    request = request_of(Kind.DISCLOSURE)

    assert prove(request, AGREED)

    assert (request.state, request.verified_at) == ("verified", now)
    tried, verified = audit.trail(session, request.id)[-2:]
    assert (tried.action, tried.actor, tried.fields) == (
        "proof:tried",
        STAFF,
        ["collation", "氏名", "登録メールアドレス"],
    )
    assert (verified.action, verified.actor) == ("identity:verified", STAFF)


def test_facts_that_do_not_agree_ask_for_a_document(session: Session, request_of: Make, prove: Make) -> None:
    request = request_of(Kind.DISCLOSURE)
    assert not prove(request, FAILED)

    assert not prove(request, AGREED)
    assert request.state == "identity_pending"
    least = required_proof(session, request.id, table=TABLE)
    assert least.sort == ProofSort.DOCUMENT
    assert "書類" in least.reason
    assert prove(request, DOCUMENT)
    assert request.state == "verified"


def test_what_verifies_happens_once(session: Session, request_of: Make, prove: Make, now: datetime) -> None:
    request = request_of(Kind.DISCLOSURE)
    prove(request, AGREED)

    assert prove(request, DOCUMENT, at=now + timedelta(days=1))

    assert request.verified_at == now
    assert [event.action for event in audit.trail(session, request.id)].count("identity:verified") == 1
    assert [proof.sort for proof in proofs_of(session, request.id)] == ["collation", "document"]


def test_a_mailbox_is_enough_to_stop_mails_and_proves_no_person(
    session: Session, filed: Make, complete: Make, now: datetime
) -> None:
    numbers = [
        receipt.number for receipt in filed(session, Kind.USE_STOP, Kind.DISCLOSURE, scope="広告・宣伝（DM・メール）")
    ]
    draft_id = complete(session, numbers[0]).draft_id

    assert record_mailbox_proof(session, draft_id, now=now, table=TABLE) == 1

    states = {row.kind: row.state for row in session.scalars(select(Request))}
    assert states == {"use_stop": "verified", "disclosure": "identity_pending"}
    proofs = session.scalars(select(Proof)).all()
    assert {(proof.sort, proof.agrees, proof.binds_address, proof.by) for proof in proofs} == {
        ("mailbox_code", True, False, "member")
    }


def test_a_withdrawn_request_is_left_out_of_a_mailbox_proof_and_takes_no_other(
    session: Session, request_of: Make, prove: Make, now: datetime
) -> None:
    request = request_of(Kind.PURPOSE_NOTICE)
    withdraw(session, request.id, now=now)

    assert record_mailbox_proof(session, request.draft_id, now=now, table=TABLE) == 0
    with pytest.raises(StateForbidsError):
        prove(request, DOCUMENT)


@pytest.mark.parametrize(("role", "suffices"), [(Role.SELF, True), (Role.LEGAL_REPRESENTATIVE, False)])
def test_the_host_site_s_word_stands_above_all_for_members_themselves(
    request_of: Make,
    prove: Make,
    role: Role,
    suffices: bool,  # noqa: FBT001 - an expectation
) -> None:
    request = request_of(Kind.DISCLOSURE, role, scope="口座情報")

    assert not prove(request, AGREED)
    assert prove(request, TOKEN, actor="member") is suffices


def test_an_agent_needs_a_document(session: Session, request_of: Make, prove: Make) -> None:
    request = request_of(Kind.CORRECTION, Role.APPOINTED_AGENT)

    assert not prove(request, AGREED)
    assert "ご本人以外" in required_proof(session, request.id, table=TABLE).reason
    assert prove(request, DOCUMENT)


def test_an_address_is_bound_by_comparing_it_or_by_a_document(session: Session, request_of: Make, prove: Make) -> None:
    request = request_of(Kind.DISCLOSURE)

    prove(
        request, ProofResult(ProofSort.COLLATION, agrees=True, facts=("氏名", "登録メールアドレス"), binds_address=True)
    )
    prove(request, ProofResult(ProofSort.DOCUMENT, agrees=True, facts=("氏名",), binds_address=True))

    assert [proof.binds_address for proof in proofs_of(session, request.id)] == [True, True]


@pytest.mark.parametrize(
    "result",
    [
        ProofResult(ProofSort.COLLATION, agrees=True, facts=("氏名", "予約日"), binds_address=True),
        ProofResult(ProofSort.COLLATION, agrees=False, facts=("氏名", "登録メールアドレス"), binds_address=True),
        ProofResult(ProofSort.MAILBOX_CODE, agrees=True, facts=("登録メールアドレス",), binds_address=True),
        ProofResult(ProofSort.MEMBER_TOKEN, agrees=True, facts=("登録メールアドレス",), binds_address=True),
        ProofResult(ProofSort.COLLATION, agrees=True, facts=("氏名",)),
        ProofResult(ProofSort.COLLATION, agrees=True, facts=("氏名", "氏名")),
        ProofResult(ProofSort.COLLATION, agrees=False, facts=()),
        ProofResult(ProofSort.COLLATION, agrees=True, facts=("氏名", "山田花子")),
    ],
)
def test_what_a_proof_cannot_show_is_refused_and_leaves_nothing(
    session: Session, request_of: Make, prove: Make, result: ProofResult
) -> None:
    request = request_of(Kind.DISCLOSURE)

    with pytest.raises(ProofIsContradictoryError) as error:
        prove(request, result)

    assert "山田" not in str(error.value)
    assert proofs_of(session, request.id) == []
    assert request.state == "identity_pending"


def test_an_expired_identity_is_verified_as_soon_as_a_proof_comes(
    session: Session, request_of: Make, prove: Make, now: datetime
) -> None:
    request = request_of(Kind.DISCLOSURE)
    move(session, request, Move.EXPIRE_IDENTITY, actor="system", now=now)

    assert prove(request, AGREED)
    assert request.state == "verified"


def test_what_staff_look_into_already_is_verified_where_it_stands(
    session: Session, request_of: Make, prove: Make, now: datetime
) -> None:
    request = request_of(Kind.DISCLOSURE)
    move(session, request, Move.BEGIN_REVIEW, actor=STAFF, now=now)

    assert prove(request, AGREED)

    assert (request.state, request.verified_at) == ("in_review", now)
    assert audit.trail(session, request.id)[-1].action == "identity:verified"


def test_nobody_is_verified_who_gave_no_details(session: Session, filed: Make, prove: Make) -> None:
    number = filed(session)[0].number
    request = session.scalars(select(Request).where(Request.number == number)).one()

    assert not prove(request, AGREED)
    assert (request.state, request.verified_at) == ("received", None)


def test_documents_go_once_nobody_of_the_draft_waits_for_them(
    session: Session, filed: Make, complete: Make, prove: Make, vault: Vault, now: datetime
) -> None:
    numbers = [receipt.number for receipt in filed(session, Kind.DISCLOSURE, Kind.ERASURE)]
    draft_id = complete(session, numbers[0], role=Role.APPOINTED_AGENT).draft_id
    store_file(
        session,
        draft_id=draft_id,
        request_id=None,
        purpose=FilePurpose.IDENTITY,
        name="id.png",
        media_type="image/png",
        content=b"\x89PNG\r\n\x1a\n" + b"0" * 32,
        by="member",
        now=now,
        vault=vault,
    )
    first, second = session.scalars(select(Request).order_by(Request.number)).all()

    def is_there() -> bool:
        return session.scalars(select(StoredFile)).one().sealed_content is not None

    prove(first, DOCUMENT)
    assert is_there()
    prove(second, DOCUMENT)
    assert not is_there()


def test_a_request_that_is_not_there_is_not_proven(session: Session, now: datetime) -> None:
    with pytest.raises(RequestIsUnknownError):
        record_proof(session, "0" * 32, AGREED, actor=STAFF, now=now, table=TABLE)
    with pytest.raises(RequestIsUnknownError):
        required_proof(session, "0" * 32, table=TABLE)
