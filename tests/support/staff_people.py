"""People at the desk as services see them: accounts that can log in, and the codes that their apps show."""

from __future__ import annotations

import base64
from datetime import datetime

import pyotp
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.settings import Settings
from bot.staff import invitations, passwords, second_factor
from bot.staff.accounts import NewAccount, invite
from bot.staff.actor import Actor
from bot.staff.logging_in import Door
from bot.staff.models import Account
from bot.staff.roles import Role
from bot.storage.encryption import Vault

CONTROLLER = "eparkrelax"
PASSWORD = "kumo-no-ue ni 7 tsuno kaban"
VAULT = Vault(b"e" * 32, b"h" * 32)

_HASHED: dict[str, str] = {}


def settings(**changes: object) -> Settings:
    """Settings with the keys of `VAULT`."""
    values: dict[str, object] = {
        "encryption_key": SecretStr(base64.b64encode(b"e" * 32).decode()),
        "hash_key": SecretStr(base64.b64encode(b"h" * 32).decode()),
    }
    return Settings.model_validate(values | changes)


def door(engine: Engine, **changes: object) -> Door:
    """What a log-in needs, on this database."""
    return Door(engine, VAULT, settings(**changes))


def person(
    session: Session,
    account_id: str = "sato",
    role: Role = Role.OFFICER,
    *,
    now: datetime,
    sees_sensitive: bool = False,
) -> Account:
    """An account that was invited and cannot log in yet."""
    new = NewAccount(account_id, f"見本 {account_id}", f"{account_id}@example.jp", role, sees_sensitive)
    return invite(session, new, controller=CONTROLLER, by="test", now=now)


def ready_person(session: Session, account_id: str = "sato", role: Role = Role.OFFICER, *, now: datetime) -> Account:
    """An account that was set up through its link, with `PASSWORD` and an app."""
    account = person(session, account_id, role, now=now)
    token = invitations.issue(session, account, now=now)
    code = code_of(second_factor.secret_for(token, VAULT), now)
    invitations.accept(session, account, token, invitations.Proven(_hashed(), code), vault=VAULT, now=now)
    return account


def app_code(account: Account, now: datetime) -> str:
    """What the app of this account shows at this moment."""
    return code_of(second_factor.secret_of(account, VAULT), now)


def code_of(secret: str, now: datetime) -> str:
    """What an app with this secret shows at this moment."""
    return pyotp.TOTP(secret).at(now)


def acting(account: Account, session_id: str = "0" * 32) -> Actor:
    """Them, as pages and steps are given them."""
    return Actor(account.id, account.name, account.controller, Role(account.role), account.sees_sensitive, session_id)


def _hashed() -> str:
    # A hash costs a tenth of a second, and most tests do not care.
    if PASSWORD not in _HASHED:
        _HASHED[PASSWORD] = passwords.hash_of(PASSWORD)
    return _HASHED[PASSWORD]
