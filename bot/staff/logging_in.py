"""Log-in with a password and a second factor, for the day on which the identity provider is away.

Every try is counted in a transaction of its own before anything is checked, so that a process that dies or a database
that fails lets nobody try for free (OWASP ASVS 5.0, 6.3.1). Whether an account exists shows neither in words nor in
time (6.3.8): unknown, disabled and unfinished ones go the same way, hash for hash and write for write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.errors import BadInputError
from bot.notation import read_rates
from bot.settings import Settings
from bot.staff import passwords, second_factor
from bot.staff.models import Account
from bot.staff.sessions import end_sessions_of, open_session
from bot.staff.trail import About, StaffAction, note_of
from bot.storage import rate_counts
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction

Result = TypeVar("Result")

_EVERYBODY = "everybody"
_STRANGER = "stranger"


class LoginIsRefusedError(BadInputError):
    """Nobody is logged in; which of the three was wrong is not told."""

    def __init__(self) -> None:
        super().__init__("ID・パスワード・確認コードのいずれかが正しくありません。")


class TooManyLoginsError(BadInputError):
    """So much was tried that nobody may go on for a while, right or wrong.

    Attributes:
        until: when it goes on.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__("ログインの試行が続いたため、いまは受け付けていません。しばらくおいてからお試しください。")
        self.until = until


@dataclass(frozen=True)
class Typed:
    """What somebody typed into the log-in's form."""

    account_id: str
    password: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True)
class Door:
    """What a log-in needs of the installation."""

    engine: Engine
    vault: Vault
    settings: Settings

    @property
    def controller(self) -> str:
        """The company whose staff log in."""
        return self.settings.controller


def log_in(door: Door, typed: Typed, *, agent: str, now: datetime) -> str:
    """The token of a new session; blocks for as long as a hash takes, so it belongs in a thread.

    Raises:
        TooManyLoginsError: too much was tried; nothing was checked.
        LoginIsRefusedError: no such account, or not its password, or not its code, or one that was used.
    """

    def enter(session: Session, account: Account) -> str:
        _note(session, door, account, StaffAction.SESSION_OPENED, now=now)
        return open_session(session, account, opened_by="password", agent=agent, now=now)

    return _proven(door, typed, enter, now=now)


def change_password(door: Door, typed: Typed, new_hash: str, *, session_id: str, now: datetime) -> None:
    """Gives somebody who proves once more who they are another password; their other sessions end.

    Raises:
        TooManyLoginsError: as `log_in`.
        LoginIsRefusedError: as `log_in`.
    """

    def change(session: Session, account: Account) -> None:
        account.password_hash = new_hash
        end_sessions_of(session, account.id, now=now, but=session_id)
        _note(session, door, account, StaffAction.FACTOR_SET, now=now)

    _proven(door, typed, change, now=now)


def count_try(door: Door, account_id: str, *, now: datetime) -> None:
    """Counts one more try at an account, and of everybody.

    Raises:
        TooManyLoginsError: one of them is full.
    """
    name = door.vault.keyed_hash(account_id, purpose="staff log-in")
    limits = (
        ("console_login", name, door.settings.rate_account_logins),
        ("console_logins", _EVERYBODY, door.settings.rate_all_logins),
    )
    with transaction(door.engine) as session:
        for kind, key, rates in limits:
            until = rate_counts.count(
                session, kind, controller=door.controller, key=key, rates=read_rates(rates), now=now
            )
            if until is not None:
                raise TooManyLoginsError(until)


def _proven(door: Door, typed: Typed, then: Callable[[Session, Account], Result], *, now: datetime) -> Result:
    count_try(door, typed.account_id, now=now)
    with reading(door.engine) as session:
        account = _account(session, door, typed.account_id)
        stored = account.password_hash if account is not None else None
    right_hash = stored if passwords.matches(typed.password, stored) else None
    with transaction(door.engine) as session:
        account = _checked(session, door, typed, right_hash, now=now)
        if account is not None:
            return then(session, account)
        _note(session, door, _account(session, door, typed.account_id), StaffAction.LOGIN_FAILED, now=now)
    # Raised only here: the trail of what failed has to be committed.
    raise LoginIsRefusedError


def _checked(session: Session, door: Door, typed: Typed, right_hash: str | None, *, now: datetime) -> Account | None:
    account = _account(session, door, typed.account_id, is_locked=True)
    secret = second_factor.secret_of(account, door.vault)
    step = second_factor.step_of(secret, typed.code, after=account.totp_step if account else 0, now=now)
    # The password was checked outside: by now it may be another's, or the account disabled.
    if account is None or step is None or right_hash is None or right_hash != account.password_hash:
        return None
    account.totp_step = step
    if passwords.is_outdated(right_hash):
        account.password_hash = passwords.hash_of(typed.password)
    return account


def _account(session: Session, door: Door, account_id: str, *, is_locked: bool = False) -> Account | None:
    query = select(Account).where(
        Account.id == account_id, Account.controller == door.controller, Account.disabled_at.is_(None)
    )
    return session.scalar(query.with_for_update() if is_locked else query)


def _note(session: Session, door: Door, account: Account | None, action: StaffAction, *, now: datetime) -> None:
    # Of a stranger not even the id is kept: people type their passwords into the wrong field.
    actor, role = (_STRANGER, None) if account is None else (f"staff:{account.id}", account.role)
    about = About("account", account.id if account is not None else None, fields=["password"])
    note_of(session, door.controller, actor, action, about, now=now, role=role)
