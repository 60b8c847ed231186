"""What waits for a second person: who may take it, and who may not since the first half is theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.register.arrival import check_arrival, correct_arrival
from bot.register.casework import begin_review
from bot.register.decisions.deciding import approve, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Delivery
from bot.register.decisions.releasing import prepare
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.filing import Filed
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.second_halves import HalfSort, SecondHalves, second_halves
from bot.staff.actor import Actor
from bot.staff.roles import Role
from bot.storage.encryption import Vault
from tests.support.proposals import GRANTED

AYA = Actor("aya", "青木彩", "eparkrelax", Role.OFFICER, sees_sensitive=False, session_id="s")
KEN = replace(AYA, account_id="ken")
MEI = replace(AYA, account_id="mei", role=Role.COUNSELLOR)
SEEN = replace(AYA, account_id="vi", role=Role.VIEWER)


@pytest.fixture
def proposed(session: Session, filed: Callable[..., list[Filed]], vault: Vault, now: datetime) -> str:
    (receipt,) = filed(session)
    request = session.get_one(Request, receipt.request_id)
    request.verified_at = now
    begin_review(session, request.id, actor=AYA.id, now=now)
    return propose(session, request.id, GRANTED, actor=AYA.id, now=now, vault=vault, regime=Regime.APPI)


def entered(session: Session, vault: Vault, now: datetime, *kinds: Kind) -> str:
    entry = Entry(channel=EntryChannel.PHONE, kinds=kinds or (Kind.INQUIRY,), received_at=now - timedelta(days=1))
    return enter(session, entry, actor=AYA.id, now=now, vault=vault, controller="eparkrelax")[0].request_id


def sorts(found: SecondHalves) -> tuple[list[HalfSort], list[HalfSort]]:
    return [half.sort for half in found.to_take.rows], [half.sort for half in found.for_others.rows]


def test_a_proposal_is_for_another_who_may_approve(session: Session, proposed: str, now: datetime) -> None:
    assert sorts(second_halves(session, AYA)) == ([], [HalfSort.DECISION])
    assert sorts(second_halves(session, KEN)) == ([HalfSort.DECISION], [])
    assert sorts(second_halves(session, MEI)) == ([], [HalfSort.DECISION])

    approve(session, proposed, actor=KEN.id, now=now)
    assert sorts(second_halves(session, KEN)) == ([], [])


def test_an_answer_laid_ready_waits_beside_its_decision(session: Session, proposed: str, now: datetime) -> None:
    request_id = second_halves(session, KEN).to_take.rows[0].request_id
    prepare(session, request_id, delivery=Delivery.POST, file_id=None, actor=KEN.id, now=now)

    assert sorts(second_halves(session, KEN)) == ([HalfSort.DECISION], [HalfSort.RELEASE])
    approve(session, proposed, actor=KEN.id, now=now)
    assert sorts(second_halves(session, AYA)) == ([HalfSort.RELEASE], [])


def test_an_arrival_is_checked_by_any_colleague_and_once_for_all_that_came_together(
    session: Session, vault: Vault, now: datetime
) -> None:
    request_id = entered(session, vault, now, Kind.DISCLOSURE, Kind.ERASURE)

    assert sorts(second_halves(session, AYA)) == ([], [HalfSort.ARRIVAL])
    assert sorts(second_halves(session, MEI)) == ([HalfSort.ARRIVAL], [])
    assert sorts(second_halves(session, SEEN)) == ([], [HalfSort.ARRIVAL])

    check_arrival(session, request_id, actor=MEI.id, now=now)
    assert sorts(second_halves(session, KEN)) == ([], [])


def test_who_corrected_an_arrival_last_cannot_check_it_either(session: Session, vault: Vault, now: datetime) -> None:
    request_id = entered(session, vault, now)
    correct_arrival(session, request_id, now - timedelta(days=2), actor=KEN.id, now=now)

    assert sorts(second_halves(session, KEN)) == ([], [HalfSort.ARRIVAL])
    assert sorts(second_halves(session, AYA)) == ([], [HalfSort.ARRIVAL])
    (half,) = second_halves(session, MEI).to_take.rows
    assert half.first_by == KEN.id
