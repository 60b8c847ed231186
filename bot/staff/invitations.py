"""One-time links by which somebody sets up their log-in: the first time, and again after a reset.

A link is 256 random bits of which only the hash is stored; it lives a day, and one use ends it (OWASP ASVS 5.0, 6.4.1).
While it is open, the account may also be claimed by an identity provider that vouches for its address.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import BadInputError
from bot.staff import second_factor
from bot.staff.models import Account
from bot.staff.sessions import end_sessions_of, hashed
from bot.storage.encryption import Vault

LIVES = timedelta(hours=24)


class InvitationIsOverError(BadInputError):
    """No open invitation has this link; nobody learns whether there was one."""

    def __init__(self) -> None:
        super().__init__(
            "このリンクは使えません。期限が過ぎたか、すでに使われています。管理者に再招待を依頼してください。"
        )


class CodeIsWrongError(BadInputError):
    """The six digits do not come from the app that was to be connected."""


@dataclass(frozen=True)
class Proven:
    """What somebody set up: the hash of their new password, and a code that shows that the app has the secret."""

    password_hash: str
    code: str


def issue(session: Session, account: Account, *, now: datetime) -> str:
    """Opens an invitation and gives the token of its link.

    Whatever let the person in before (password, second factor, identity provider, sessions, an earlier link) does so
    no longer.
    """
    token = secrets.token_urlsafe(32)
    account.setup_hash, account.setup_until = hashed(token), now + LIVES
    account.password_hash = account.sealed_totp = account.issuer = account.subject = None
    end_sessions_of(session, account.id, now=now)
    session.flush()
    return token


def path_of(token: str) -> str:
    """Where on the console a link leads to."""
    return f"/setup/{token}"


def is_open(account: Account, now: datetime) -> bool:
    """Whether the account can be set up now."""
    return account.disabled_at is None and account.setup_until is not None and now < account.setup_until


def find(session: Session, token: str, *, controller: str, now: datetime) -> Account:
    """Whose link it is, locked for this transaction.

    Raises:
        InvitationIsOverError: nobody's, or nobody's any more.
    """
    query = select(Account).where(Account.setup_hash == hashed(token), Account.controller == controller)
    account = session.scalar(query.with_for_update())
    if account is None or not is_open(account, now):
        raise InvitationIsOverError
    return account


def accept(session: Session, account: Account, token: str, proven: Proven, *, vault: Vault, now: datetime) -> None:
    """Ends the invitation: the account has a password and a second factor, whose first code is used up.

    Raises:
        CodeIsWrongError: the code is not of the secret that this link offers.
    """
    secret = second_factor.secret_for(token, vault)
    step = second_factor.step_of(secret, proven.code, after=0, now=now)
    if step is None:
        raise CodeIsWrongError("確認コードが正しくありません。アプリに表示されている6桁の数字を入力してください。")
    second_factor.seal(account, secret, vault)
    account.password_hash, account.totp_step = proven.password_hash, step
    close(account)
    session.flush()


def close(account: Account) -> None:
    """The link is used up."""
    account.setup_hash = account.setup_until = None
