"""Log-in with password and code: what opens, what does not, and that nothing tells the ones apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import argon2
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.staff import invitations
from bot.staff.logging_in import Door, LoginIsRefusedError, TooManyLoginsError, Typed, count_try, log_in
from bot.staff.models import Account, StaffEvent
from bot.staff.sessions import find_actor
from bot.storage.engine import reading, transaction
from bot.storage.rate_counts import RateCount
from tests.support.staff_people import PASSWORD, app_code, door, person, ready_person

NOW = datetime(2026, 11, 26, 9, 0, 10, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def entrance(engine: Engine) -> Door:
    """The log-in of a company at which sato is ready, suzuki was invited and tanaka has left."""
    with transaction(engine) as session:
        ready_person(session, "sato", now=NOW)
        person(session, "suzuki", now=NOW)
        ready_person(session, "tanaka", now=NOW).disabled_at = NOW
    return door(engine)


def code(entrance: Door, now: datetime, account_id: str = "sato") -> str:
    with reading(entrance.engine) as session:
        return app_code(session.get_one(Account, (account_id, "eparkrelax")), now)


def attempt(entrance: Door, account_id: str, password: str, typed_code: str, now: datetime = LATER) -> str:
    return log_in(entrance, Typed(account_id, password, typed_code), agent="test", now=now)


def trail(entrance: Door) -> list[tuple[str, str, str | None]]:
    with reading(entrance.engine) as session:
        rows = session.scalars(select(StaffEvent).order_by(StaffEvent.position))
        return [(row.actor, row.action, row.object_id) for row in rows]


def test_password_and_code_open_a_session(entrance: Door) -> None:
    token = attempt(entrance, "sato", PASSWORD, code(entrance, LATER))

    with reading(entrance.engine) as session:
        found = find_actor(session, token, now=LATER)
        assert found is not None
        assert found[0].account_id == "sato"
        assert session.get_one(Account, ("sato", "eparkrelax")).last_login_at == LATER
    assert trail(entrance) == [("staff:sato", "session:opened", "sato")]


def test_a_code_is_good_once(entrance: Door) -> None:
    used = code(entrance, LATER)
    attempt(entrance, "sato", PASSWORD, used)
    with pytest.raises(LoginIsRefusedError):
        attempt(entrance, "sato", PASSWORD, used, LATER + timedelta(seconds=20))


def test_the_code_of_the_set_up_is_used_up_too(entrance: Door) -> None:
    with pytest.raises(LoginIsRefusedError):
        attempt(entrance, "sato", PASSWORD, code(entrance, NOW), NOW)


@pytest.mark.parametrize(
    ("account_id", "password", "has_code"),
    [
        ("sato", PASSWORD + "!", True),
        ("sato", PASSWORD, False),
        ("sato", "", True),
        ("suzuki", PASSWORD, True),
        ("tanaka", PASSWORD, True),
        ("nobody", PASSWORD, True),
        ("staff:sato", PASSWORD, True),
        ("", "", False),
    ],
)
def test_whoever_is_refused_hears_the_same_after_the_same_work(
    entrance: Door, monkeypatch: pytest.MonkeyPatch, account_id: str, password: str, *, has_code: bool
) -> None:
    hashed: list[object] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, stored: str, given: str) -> bool:
        hashed.append(argon2.extract_parameters(stored))
        return bool(verify(self, stored, given))

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    typed_code = code(entrance, LATER) if has_code else "000000"
    with pytest.raises(LoginIsRefusedError, match=r"^ID・パスワード・確認コードのいずれかが正しくありません。$"):
        attempt(entrance, account_id, password, typed_code)
    assert hashed == [argon2.extract_parameters(argon2.PasswordHasher().hash("x"))]
    [(actor, action, named)] = trail(entrance)
    assert (actor, action) in {
        ("staff:sato", "login:failed"),
        ("staff:suzuki", "login:failed"),
        ("stranger", "login:failed"),
    }
    assert named in {"sato", "suzuki", None}


def test_what_strangers_type_is_kept_nowhere(entrance: Door) -> None:
    with pytest.raises(LoginIsRefusedError):
        attempt(entrance, "my secret in the wrong field", "x", "1")
    with reading(entrance.engine) as session:
        kept = [str(session.execute(select(table)).all()) for table in (StaffEvent.__table__, RateCount.__table__)]
    assert not any("secret" in rows for rows in kept)


def test_after_five_tries_an_account_waits_whatever_is_typed(entrance: Door) -> None:
    for _ in range(5):
        with pytest.raises(LoginIsRefusedError):
            attempt(entrance, "sato", "wrong", "000000")
    with pytest.raises(TooManyLoginsError):
        attempt(entrance, "sato", PASSWORD, code(entrance, LATER))
    soon = LATER + timedelta(minutes=1)
    assert attempt(entrance, "sato", PASSWORD, code(entrance, soon), soon)


def test_an_unknown_account_waits_as_well(entrance: Door) -> None:
    for _ in range(5):
        with pytest.raises(LoginIsRefusedError):
            attempt(entrance, "nobody", "wrong", "000000")
    with pytest.raises(TooManyLoginsError):
        attempt(entrance, "nobody", "wrong", "000000")


def test_everybody_together_has_a_limit(engine: Engine) -> None:
    entrance = door(engine, rate_all_logins="3/minute")
    for number in range(3):
        count_try(entrance, f"account{number}", now=NOW)
    with pytest.raises(TooManyLoginsError):
        count_try(entrance, "another", now=NOW)


def test_a_try_counts_even_when_the_process_dies_while_it_checks(
    entrance: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.staff.passwords.matches", dies)
    with pytest.raises(KeyboardInterrupt):
        attempt(entrance, "sato", PASSWORD, code(entrance, LATER))
    with reading(entrance.engine) as session:
        assert session.scalars(select(RateCount.used)).all() == [1, 1, 1, 1]


def test_where_tries_cannot_be_counted_nobody_gets_in(entrance: Door) -> None:
    typed_code = code(entrance, LATER)
    with transaction(entrance.engine) as session:
        session.execute(text("ALTER TABLE rate_count RENAME TO rate_count_away"))
    with pytest.raises(SQLAlchemyError):
        attempt(entrance, "sato", PASSWORD, typed_code)
    assert trail(entrance) == []


def test_who_is_reset_while_their_password_is_checked_stays_outside(
    entrance: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed_code = code(entrance, LATER)

    def reset_meanwhile(*_: object) -> bool:
        with transaction(entrance.engine) as session:
            invitations.issue(session, session.get_one(Account, ("sato", "eparkrelax")), now=LATER)
        return True

    monkeypatch.setattr("bot.staff.passwords.matches", reset_meanwhile)
    with pytest.raises(LoginIsRefusedError):
        attempt(entrance, "sato", PASSWORD, typed_code)


def test_of_two_who_come_with_one_code_at_the_same_moment_one_gets_in(entrance: Door) -> None:
    used, results = code(entrance, LATER), []
    barrier = Barrier(2)

    def come() -> None:
        barrier.wait()
        try:
            results.append(bool(attempt(entrance, "sato", PASSWORD, used)))
        except LoginIsRefusedError:
            results.append(False)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(come), pool.submit(come)]:
            done.result()
    assert sorted(results) == [False, True]
