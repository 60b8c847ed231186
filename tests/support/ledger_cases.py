"""A register with one request of every ending, for whoever reads ledgers back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.register.casework import begin_review, note_told
from bot.register.completing import give_details
from bot.register.decisions.deciding import Proposal, approve, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Outcome
from bot.register.details import Details
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import ReplyBy, Request, Role
from bot.register.requests import withdraw
from bot.storage.encryption import Vault
from tests.support.cases import SUZUKI, TANAKA, add_proof
from tests.support.proposals import ANSWERED, DENIED

NAME, EMAIL, WORDS = "見本 花子", "hanako.mihon@example.jp", "予約の履歴をすべて見せてください"
_DETAILS = Details(role=Role.SELF, reply_by=ReplyBy.EMAIL, name=NAME, email=EMAIL)


@dataclass(frozen=True)
class Endings:
    """The numbers of the requests, by how they ended."""

    refused_in_time: str
    told_late: str
    withdrawn: str
    untouched: str
    complaint: str
    test: str


def fill(session: Session, *, controller: str, now: datetime, vault: Vault) -> Endings:
    """Requests that arrived at one moment and ended as they are called."""
    desk = _Desk(session, controller, now, vault)
    refused, late, withdrawn, untouched = (desk.file(Kind.DISCLOSURE) for _ in range(4))
    complaint, test = desk.file(Kind.COMPLAINT), desk.file(Kind.DISCLOSURE, is_test=True)
    desk.tell(refused, DENIED, after_days=3)
    desk.tell(late, DENIED, after_days=15)
    withdraw(session, withdrawn.id, now=now + timedelta(days=1))
    desk.tell(complaint, ANSWERED, after_days=2)
    every = (refused, late, withdrawn, untouched, complaint, test)
    return Endings(*(request.number for request in every))


class _Desk:
    """Two people at work on one day's requests."""

    def __init__(self, session: Session, controller: str, now: datetime, vault: Vault) -> None:
        self._session, self._controller, self._now, self._vault = session, controller, now, vault

    def file(self, kind: Kind, *, is_test: bool = False) -> Request:
        draft = open_draft(
            self._session,
            controller=self._controller,
            conversation_id="c" * 32,
            channel="web",
            kinds=[kind],
            scope="予約履歴",
            words=WORDS,
            vault=self._vault,
            now=self._now,
            is_test=is_test,
        )
        (filed,) = file_draft(self._session, draft, now=self._now, vault=self._vault)
        give_details(self._session, draft, _DETAILS, actor="member", now=self._now, vault=self._vault)
        return self._session.get_one(Request, filed.request_id)

    def tell(self, request: Request, proposal: Proposal, *, after_days: int) -> None:
        at = self._now + timedelta(days=after_days)
        if proposal.outcome is not Outcome.ANSWERED:
            locked = locked_request(self._session, request.id)
            add_proof(self._session, locked, now=self._now)
            locked.verified_at = self._now + timedelta(days=1)
            move(self._session, locked, Move.VERIFY, actor=SUZUKI, now=self._now)
        begin_review(self._session, request.id, actor=SUZUKI, now=at)
        decision = propose(
            self._session,
            request.id,
            proposal,
            actor=SUZUKI,
            now=at,
            vault=self._vault,
            regime=Regime.APPI,
        )
        if proposal.outcome is not Outcome.ANSWERED:
            approve(self._session, decision, actor=TANAKA, now=at)
        note_told(self._session, request.id, ReplyBy.PHONE, actor=SUZUKI, now=at)
