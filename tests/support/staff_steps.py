"""What two people at the desk do next with a request, by how it stands; asked again after a death it is the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.register.casework import begin_review, close
from bot.register.decisions.deciding import approve, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.looking import open_decision
from bot.register.decisions.models import Delivery
from bot.register.decisions.releasing import prepare, release, releases_of
from bot.register.life import Move, locked_request, move
from bot.register.models import Request, State
from bot.storage.encryption import Vault
from tests.support.cases import SUZUKI, TANAKA, add_proof, store_answer
from tests.support.proposals import GRANTED


def take_next_step(session: Session, request_id: str, *, now: datetime, vault: Vault) -> bool:
    """Takes the next step; False when it is not the desk's turn."""
    request = locked_request(session, request_id)
    if request.state == State.IDENTITY_PENDING:
        _verify(session, request, now)
    elif request.state == State.VERIFIED:
        begin_review(session, request_id, actor=SUZUKI, now=now)
    elif request.state == State.IN_REVIEW:
        _decide(session, request_id, now, vault)
    elif request.state in (State.DECIDED, State.NOTIFIED):
        return _hand_over(session, request, now, vault)
    else:
        return False
    return True


def _verify(session: Session, request: Request, now: datetime) -> None:
    add_proof(session, request, now=now)
    request.verified_at = now
    move(session, request, Move.VERIFY, actor=SUZUKI, now=now)


def _decide(session: Session, request_id: str, now: datetime, vault: Vault) -> None:
    decision = open_decision(session, request_id)
    if decision is None:
        propose(session, request_id, GRANTED, actor=SUZUKI, now=now, vault=vault, regime=Regime.APPI)
    else:
        approve(session, decision.id, actor=TANAKA, now=now)


def _hand_over(session: Session, request: Request, now: datetime, vault: Vault) -> bool:
    answers = releases_of(session, request.id)
    if not answers:
        file_id = store_answer(session, request, now=now, vault=vault)
        prepare(session, request.id, delivery=Delivery.PAGE, file_id=file_id, actor=SUZUKI, now=now)
    elif answers[0].released_at is None:
        release(session, answers[0].id, actor=TANAKA, now=now, days=14)
    elif request.state == State.NOTIFIED:
        close(session, request.id, actor=SUZUKI, now=now)
    else:
        return False
    return True
