from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.staff import invitations, second_factor
from bot.staff.invitations import CodeIsWrongError, InvitationIsOverError, Proven
from bot.staff.sessions import find_actor, open_session
from bot.storage.engine import transaction
from tests.support.staff_people import CONTROLLER, VAULT, code_of, person, ready_person

NOW = datetime(2026, 11, 26, 9, 0, 10, tzinfo=UTC)


def code_for(token: str, now: datetime = NOW) -> str:
    return code_of(second_factor.secret_for(token, VAULT), now)


def test_a_link_is_found_for_a_day_and_stored_nowhere(engine: Engine) -> None:
    with transaction(engine) as session:
        account = person(session, now=NOW)
        token = invitations.issue(session, account, now=NOW)
        assert invitations.find(session, token, controller=CONTROLLER, now=NOW + timedelta(hours=23)).id == "sato"
        assert account.setup_hash is not None
        assert token not in account.setup_hash
        for controller, now in ((CONTROLLER, NOW + timedelta(hours=24)), ("another", NOW)):
            with pytest.raises(InvitationIsOverError):
                invitations.find(session, token, controller=controller, now=now)


def test_using_it_ends_it_and_uses_its_code_up(engine: Engine) -> None:
    with transaction(engine) as session:
        account = person(session, now=NOW)
        token = invitations.issue(session, account, now=NOW)
        invitations.accept(session, account, token, Proven("hash", code_for(token)), vault=VAULT, now=NOW)
        assert account.password_hash == "hash"
        assert account.totp_step == int(NOW.timestamp()) // 30
        assert account.sealed_totp is not None
        assert second_factor.secret_for(token, VAULT).encode() not in account.sealed_totp
        with pytest.raises(InvitationIsOverError):
            invitations.find(session, token, controller=CONTROLLER, now=NOW)


def test_a_wrong_code_leaves_it_open(engine: Engine) -> None:
    with transaction(engine) as session:
        account = person(session, now=NOW)
        token = invitations.issue(session, account, now=NOW)
        wrong = f"{(int(code_for(token)) + 1) % 1_000_000:06}"
        with pytest.raises(CodeIsWrongError):
            invitations.accept(session, account, token, Proven("hash", wrong), vault=VAULT, now=NOW)
        assert account.password_hash is None
        assert invitations.find(session, token, controller=CONTROLLER, now=NOW) is account


def test_a_new_link_ends_everything_that_let_them_in_before(engine: Engine) -> None:
    with transaction(engine) as session:
        account = ready_person(session, now=NOW)
        token = open_session(session, account, opened_by="password", agent="", now=NOW)
        first = invitations.issue(session, account, now=NOW)
        second = invitations.issue(session, account, now=NOW)
        assert (account.password_hash, account.sealed_totp) == (None, None)
        assert find_actor(session, token, now=NOW) is None
        with pytest.raises(InvitationIsOverError):
            invitations.find(session, first, controller=CONTROLLER, now=NOW)
        assert invitations.find(session, second, controller=CONTROLLER, now=NOW) is account


def test_a_disabled_persons_link_is_over(session: Session) -> None:
    account = person(session, now=NOW)
    token = invitations.issue(session, account, now=NOW)
    account.disabled_at = NOW
    session.flush()
    with pytest.raises(InvitationIsOverError):
        invitations.find(session, token, controller=CONTROLLER, now=NOW)
