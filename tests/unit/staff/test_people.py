"""What administrators change about people, and what they cannot: the service, without pages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.staff import invitations, people
from bot.staff.accounts import AccountIsUnknownError, AccountIsWrongError, NewAccount, working_admins
from bot.staff.actor import Actor
from bot.staff.models import Account, StaffEvent
from bot.staff.people import Facts
from bot.staff.roles import Role
from bot.staff.sessions import find_actor, open_session
from bot.storage.engine import transaction
from tests.support.staff_people import CONTROLLER, acting, person, ready_person

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture
def admin(session: Session) -> Actor:
    """An administrator; sato works beside them."""
    ready_person(session, "sato", now=NOW)
    return acting(ready_person(session, "admin", Role.ADMIN, now=NOW))


def facts(account: Account, **changes: Any) -> Facts:  # noqa: ANN401 - any fact
    known: dict[str, Any] = {
        "name": account.name,
        "email": account.email,
        "role": Role(account.role),
        "sees_sensitive": account.sees_sensitive,
        "slack": account.slack or "",
        "deputy": account.deputy or "",
    }
    return Facts(**known | changes)


def trail(session: Session) -> list[tuple[str, str, str | None, list[str]]]:
    rows = session.scalars(select(StaffEvent).order_by(StaffEvent.position))
    return [(row.actor, row.action, row.object_id, row.fields) for row in rows]


def test_an_invitation_is_noted_and_its_link_opens_the_set_up(session: Session, admin: Actor) -> None:
    new = NewAccount("ito", "伊藤", "ito@example.jp", Role.VIEWER)
    token = people.invite_person(session, admin, new, now=NOW)
    account = invitations.find(session, token, controller=CONTROLLER, now=NOW)
    assert (account.id, account.role, account.invited_by) == ("ito", "viewer", "staff:admin")
    assert trail(session) == [("staff:admin", "account:invited", "ito", ["role", "sees_sensitive"])]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "Sato"}, "ID は"),
        ({"id": ""}, "ID は"),
        ({"id": "a" * 42}, "ID は"),
        ({"id": "staff"}, "使えません"),
        ({"id": "sato"}, "すでに使われて"),
        ({"name": " "}, "名前を"),
        ({"name": "伊" * 81}, "名前を"),
        ({"name": "伊藤\n"}, "名前を"),
        ({"email": "ito"}, "メールアドレスの形"),
        ({"email": "ito@example.jp, x@example.jp"}, "メールアドレスの形"),
        ({"email": "SATO@example.jp"}, "ほかの利用者"),
    ],
)
def test_what_is_no_person_or_another_is_refused(
    session: Session, admin: Actor, changes: dict[str, Any], words: str
) -> None:
    new: dict[str, Any] = {"id": "ito", "name": "伊藤", "email": "ito@example.jp", "role": Role.VIEWER}
    with pytest.raises(AccountIsWrongError, match=words):
        people.invite_person(session, admin, NewAccount(**new | changes), now=NOW)
    assert trail(session) == []


@pytest.mark.parametrize(("field", "value"), [("role", Role.COUNSELLOR), ("sees_sensitive", True)])
def test_another_role_or_permission_ends_every_session(
    session: Session, admin: Actor, field: str, value: object
) -> None:
    account = session.get_one(Account, ("sato", "eparkrelax"))
    token = open_session(session, account, opened_by="test", agent="", now=NOW)
    people.change_person(session, admin, "sato", facts(account, **{field: value}), now=NOW)
    assert find_actor(session, token, now=NOW) is None
    assert trail(session) == [("staff:admin", "account:changed", "sato", [field])]


def test_another_name_leaves_the_sessions_and_nothing_is_noted_where_nothing_changes(
    session: Session, admin: Actor
) -> None:
    account = session.get_one(Account, ("sato", "eparkrelax"))
    token = open_session(session, account, opened_by="test", agent="", now=NOW)
    assert people.change_person(session, admin, "sato", facts(account), now=NOW) == []
    changed = people.change_person(session, admin, "sato", facts(account, name="佐藤", slack="U0000000001"), now=NOW)
    assert changed == ["name", "slack"]
    assert find_actor(session, token, now=NOW) is not None
    assert trail(session) == [("staff:admin", "account:changed", "sato", ["name", "slack"])]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "名前を"),
        ({"email": "admin@example.jp"}, "ほかの利用者"),
        ({"slack": "@sato"}, "Slack"),
        ({"deputy": "sato"}, "ご本人"),
        ({"deputy": "nobody"}, "有効な利用者"),
        ({"deputy": "gone"}, "有効な利用者"),
        ({"deputy": "admin"}, "請求に対応できる役割"),
    ],
)
def test_what_cannot_be_so_changes_nothing(session: Session, admin: Actor, changes: dict[str, Any], words: str) -> None:
    person(session, "gone", now=NOW).disabled_at = NOW
    account = session.get_one(Account, ("sato", "eparkrelax"))
    with pytest.raises(AccountIsWrongError, match=words):
        people.change_person(session, admin, "sato", facts(account, role=Role.VIEWER, **changes), now=NOW)
    assert account.role == Role.OFFICER
    assert trail(session) == []


def test_a_deputy_is_somebody_who_works_on_requests(session: Session, admin: Actor) -> None:
    person(session, "ito", Role.COUNSELLOR, now=NOW)
    account = session.get_one(Account, ("sato", "eparkrelax"))
    people.change_person(session, admin, "sato", facts(account, deputy="ito"), now=NOW)
    assert account.deputy == "ito"


def test_nobody_changes_their_own_role_or_lets_themselves_out(session: Session, admin: Actor) -> None:
    account = session.get_one(Account, ("admin", "eparkrelax"))
    for role in (Role.OFFICER, Role.VIEWER):
        with pytest.raises(AccountIsWrongError, match="ご自身の役割"):
            people.change_person(session, admin, "admin", facts(account, role=role), now=NOW)
    with pytest.raises(AccountIsWrongError, match="ご自身を無効"):
        people.disable_person(session, admin, "admin", now=NOW)
    with pytest.raises(AccountIsWrongError, match="ほかの管理者"):
        people.reset_person(session, admin, "admin", now=NOW)
    assert (account.role, account.disabled_at) == (Role.ADMIN, None)


def test_whoever_was_just_demoted_demotes_nobody_any_more(session: Session, admin: Actor) -> None:
    other = acting(ready_person(session, "second", Role.ADMIN, now=NOW))
    people.disable_person(session, other, "admin", now=NOW)
    for step in (people.disable_person, people.reset_person, people.enable_person):
        with pytest.raises(AccountIsWrongError, match="管理者だけ"):
            step(session, admin, "second", now=NOW)
    account = session.get_one(Account, ("second", "eparkrelax"))
    with pytest.raises(AccountIsWrongError, match="管理者だけ"):
        people.change_person(session, admin, "second", facts(account, role=Role.VIEWER), now=NOW)
    with pytest.raises(AccountIsWrongError, match="管理者だけ"):
        people.invite_person(session, admin, NewAccount("x", "x", "x@example.jp", Role.ADMIN), now=NOW)
    assert (account.role, account.disabled_at) == (Role.ADMIN, None)


def test_disabling_ends_everything_at_once_and_enabling_gives_it_back(session: Session, admin: Actor) -> None:
    account = session.get_one(Account, ("sato", "eparkrelax"))
    token = open_session(session, account, opened_by="test", agent="", now=NOW)
    people.disable_person(session, admin, "sato", now=NOW)
    people.disable_person(session, admin, "sato", now=NOW)
    assert find_actor(session, token, now=NOW) is None
    with pytest.raises(AccountIsWrongError, match="無効"):
        people.reset_person(session, admin, "sato", now=NOW)
    people.enable_person(session, admin, "sato", now=NOW)
    people.enable_person(session, admin, "sato", now=NOW)
    assert account.disabled_at is None
    assert find_actor(session, token, now=NOW) is None
    assert [action for _, action, _, _ in trail(session)] == ["account:disabled", "account:enabled"]


def test_disabling_closes_an_open_invitation(session: Session, admin: Actor) -> None:
    token = people.invite_person(session, admin, NewAccount("ito", "伊藤", "ito@example.jp", Role.VIEWER), now=NOW)
    people.disable_person(session, admin, "ito", now=NOW)
    people.enable_person(session, admin, "ito", now=NOW)
    with pytest.raises(invitations.InvitationIsOverError):
        invitations.find(session, token, controller=CONTROLLER, now=NOW)


def test_a_reset_takes_both_factors_back(session: Session, admin: Actor) -> None:
    token = people.reset_person(session, admin, "sato", now=NOW)
    account = invitations.find(session, token, controller=CONTROLLER, now=NOW)
    assert (account.id, account.password_hash, account.sealed_totp) == ("sato", None, None)
    assert trail(session) == [("staff:admin", "factor:reset", "sato", [])]


@pytest.mark.companies
def test_people_of_another_company_are_nobody(session: Session, admin: Actor) -> None:
    person(session, "foreign", now=NOW).controller = "another"
    session.flush()
    for step in (people.disable_person, people.enable_person, people.reset_person):
        with pytest.raises(AccountIsUnknownError):
            step(session, admin, "foreign", now=NOW)


def test_two_administrators_who_disable_each_other_at_the_same_moment_leave_one(engine: Engine) -> None:
    with transaction(engine) as session:
        actors = [acting(ready_person(session, name, Role.ADMIN, now=NOW)) for name in ("first", "second")]
    barrier, done = Barrier(2), []

    def disable(actor: Actor, other: Actor) -> None:
        barrier.wait()
        try:
            with transaction(engine) as session:
                people.disable_person(session, actor, other.account_id, now=NOW)
            done.append(actor.account_id)
        except AccountIsWrongError:
            pass

    with ThreadPoolExecutor(2) as pool:
        for step in [pool.submit(disable, *actors), pool.submit(disable, *reversed(actors))]:
            step.result()
    with transaction(engine) as session:
        assert working_admins(session, CONTROLLER) == done
    assert len(done) == 1
