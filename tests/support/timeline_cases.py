"""Requests brought to any state as members and staff bring them, and the code that a mail would hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.register import audit
from bot.register.casework import begin_review, close
from bot.register.contacts import keep_contact
from bot.register.decisions import deciding, releasing
from bot.register.decisions.deciding import Proposal
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Delivery, Outcome
from bot.register.details import Details
from bot.register.drafts import open_draft
from bot.register.filing import Filed, file_draft
from bot.register.identity import codes
from bot.register.identity.models import Code, ProofSort
from bot.register.identity.proof_table import load_proof_table
from bot.register.identity.proofs import ProofResult, record_proof
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import ReplyBy, Request, Role, State
from bot.register.pages import issue_resume_code
from bot.register.requests import withdraw
from bot.register.thread.files import store_file
from bot.register.thread.messages import ask_member
from bot.register.thread.models import FilePurpose
from bot.storage.encryption import Vault
from bot.storage.engine import transaction

SATO, MORI = "staff:sato", "staff:mori"
ANSWER = b"%PDF-1.7 the answer"
QUESTION = "どの店舗のご予約でしょうか。"
EXPLANATION = "予約履歴をファイルでお渡しします。"


@dataclass(frozen=True)
class Desk:
    """Files requests and brings them where a test wants them."""

    gateway: Gateway

    @property
    def vault(self) -> Vault:
        return self.gateway.vault

    def file(self, *kinds: Kind, scope: str | None = "予約履歴", is_test: bool = False) -> list[Filed]:
        """Files as the chat does; nobody can be reached yet."""
        now = self.gateway.clock()
        with transaction(self.gateway.engine) as session:
            draft_id = open_draft(
                session,
                controller=self.gateway.controller,
                conversation_id=None,
                channel="web",
                kinds=kinds or (Kind.DISCLOSURE,),
                scope=scope,
                words=None,
                vault=self.vault,
                now=now,
                is_test=is_test,
            )
            return file_draft(session, draft_id, now=now, vault=self.vault)

    def give_details(self, receipts: Sequence[Filed], *, email: str | None = "hanako@example.test") -> None:
        """What the secure page does; without an address the answer goes by post."""
        now = self.gateway.clock()
        reply_by = ReplyBy.EMAIL if email else ReplyBy.POST
        details = Details(role=Role.SELF, name="山田花子", reply_by=reply_by, email=email, address="東京都")
        with transaction(self.gateway.engine) as session:
            requests = [locked_request(session, receipt.request_id) for receipt in receipts]
            keep_contact(session, requests[0], details, consent_version="1", vault=self.vault, now=now)
            for request in requests:
                move(session, request, Move.GIVE_DETAILS, actor="member", now=now)

    def filed_with_details(self, *kinds: Kind, email: str | None = "hanako@example.test") -> list[Filed]:
        """Both of the above."""
        receipts = self.file(*kinds)
        self.give_details(receipts, email=email)
        return receipts

    def bring(self, request_id: str, state: State) -> None:
        """Brings a request whose details are there to a state, on the way that leads there."""
        now = self.gateway.clock()
        with transaction(self.gateway.engine) as session:
            for step in _WAYS[state]:
                step(self, session, request_id, now)

    def newest_code(self) -> str:
        """What the jobs process does with a wish, and what the mail says then."""
        with transaction(self.gateway.engine) as session:
            codes.make_wanted(session, controller=self.gateway.controller, now=self.gateway.clock(), vault=self.vault)
            newest = session.scalars(select(Code).order_by(Code.asked_at.desc(), Code.made_at.desc())).first()
            assert newest is not None
            return codes.open_code(session, newest.id, self.vault)

    def state(self, request_id: str) -> State:
        with transaction(self.gateway.engine) as session:
            return State(session.get_one(Request, request_id).state)

    def trail(self, request_id: str) -> list[str]:
        with transaction(self.gateway.engine) as session:
            return [event.action for event in audit.trail(session, request_id)]

    def resume_code(self, request_id: str) -> str:
        """What is printed on the receipt of whoever cannot be reached by mail."""
        with transaction(self.gateway.engine) as session:
            draft_id = session.get_one(Request, request_id).draft_id
            return issue_resume_code(session, draft_id, now=self.gateway.clock())

    def decide_and_post(self, request_id: str, tracking: str) -> None:
        """Two people grant what is in review, and the answer goes by post."""
        now = self.gateway.clock()
        with transaction(self.gateway.engine) as session:
            _decide(self, session, request_id, now)
            release_id = releasing.prepare(
                session, request_id, delivery=Delivery.POST, file_id=None, actor=SATO, now=now
            )
            releasing.release(session, release_id, actor=MORI, now=now, days=30)
            releasing.note_posted(session, release_id, tracking, actor=SATO, now=now, vault=self.vault)

    def decide_and_release(self, request_id: str) -> None:
        """Two people grant what is in review and hand the answer over on the page."""
        now = self.gateway.clock()
        with transaction(self.gateway.engine) as session:
            _decide(self, session, request_id, now)
            _release(self, session, request_id, now)


def _expire(_desk: Desk, session: Session, request_id: str, now: datetime) -> None:
    move(session, locked_request(session, request_id), Move.EXPIRE_IDENTITY, actor="system", now=now)


def _verify(desk: Desk, session: Session, request_id: str, now: datetime) -> None:
    result = ProofResult(ProofSort.DOCUMENT, agrees=True, binds_address=True)
    table = load_proof_table()
    record_proof(session, request_id, result, actor=SATO, now=now, table=table, vault=desk.vault)


def _review(_desk: Desk, session: Session, request_id: str, now: datetime) -> None:
    begin_review(session, request_id, actor=SATO, now=now)


def _ask(desk: Desk, session: Session, request_id: str, now: datetime) -> None:
    ask_member(session, request_id, QUESTION, actor=SATO, now=now, vault=desk.vault)


def _decide(desk: Desk, session: Session, request_id: str, now: datetime) -> None:
    kind = Kind(session.get_one(Request, request_id).kind)
    at_the_desk = kind in (Kind.INQUIRY, Kind.COMPLAINT)
    proposal = Proposal(Outcome.ANSWERED if at_the_desk else Outcome.GRANTED, explanation=EXPLANATION, detail="")
    decision_id = deciding.propose(
        session, request_id, proposal, actor=SATO, now=now, vault=desk.vault, regime=Regime.APPI_AND_JIS
    )
    if not at_the_desk:
        deciding.approve(session, decision_id, actor=MORI, now=now)


def _notify(_desk: Desk, session: Session, request_id: str, now: datetime) -> None:
    move(session, locked_request(session, request_id), Move.NOTIFY, actor="system", now=now)


def _release(desk: Desk, session: Session, request_id: str, now: datetime) -> None:
    file_id = store_file(
        session,
        draft_id=session.get_one(Request, request_id).draft_id,
        request_id=request_id,
        purpose=FilePurpose.ANSWER,
        name="予約履歴.pdf",
        media_type="application/pdf",
        content=ANSWER,
        by=SATO,
        now=now,
        vault=desk.vault,
    )
    release_id = releasing.prepare(session, request_id, delivery=Delivery.PAGE, file_id=file_id, actor=SATO, now=now)
    releasing.release(session, release_id, actor=MORI, now=now, days=30)


def _close(_desk: Desk, session: Session, request_id: str, now: datetime) -> None:
    close(session, request_id, actor=SATO, now=now)


def _withdraw(_desk: Desk, session: Session, request_id: str, now: datetime) -> None:
    withdraw(session, request_id, now=now)


_WAYS = {
    State.IDENTITY_PENDING: (),
    State.IDENTITY_EXPIRED: (_expire,),
    State.VERIFIED: (_verify,),
    State.IN_REVIEW: (_verify, _review),
    State.SCOPE_PENDING: (_verify, _review, _ask),
    State.DECIDED: (_verify, _review, _decide),
    State.NOTIFIED: (_verify, _review, _decide, _release, _notify),
    State.CLOSED: (_verify, _review, _decide, _release, _notify, _close),
    State.WITHDRAWN: (_withdraw,),
}
