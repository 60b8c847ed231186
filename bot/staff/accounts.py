"""Accounts of the desk's people: who there is, and making one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.errors import BadInputError
from bot.staff.models import Account
from bot.staff.roles import Role

LONGEST_NAME = 80
_LONGEST_EMAIL = 254
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,40}")
_EMAIL = re.compile(r"[^\s@,<>]+@[^\s@,<>]+")
_SLACK = re.compile(r"[UW][A-Z0-9]{1,31}")
# Audit rows and mails call the desk as a whole so.
_WHOLE_DESK = "staff"
_ID_IS_TAKEN = "この ID はすでに使われています"


class AccountIsWrongError(BadInputError):
    """An account cannot be made or changed so."""


class AccountIsUnknownError(BadInputError):
    """The company has no account of this id."""


@dataclass(frozen=True)
class NewAccount:
    """What is known of somebody who is invited."""

    id: str
    name: str
    email: str
    role: Role
    sees_sensitive: bool = False


def invite(session: Session, new: NewAccount, *, controller: str, by: str, now: datetime) -> Account:
    """Makes an account that nobody can log in to yet; `bot.staff.invitations.issue` gives the link to set it up.

    Raises:
        AccountIsWrongError: the id, name or address is none, or taken.
    """
    if not _ID.fullmatch(new.id) or new.id == _WHOLE_DESK:
        raise AccountIsWrongError(
            "ID は半角の英小文字・数字・「.」「_」「-」で、41文字以内にしてください（staff は使えません）"
        )
    if session.get(Account, (new.id, controller)) is not None:
        raise AccountIsWrongError(_ID_IS_TAKEN)
    check_name(new.name)
    check_email(session, new.email, controller=controller, account_id=new.id)
    account = Account(
        id=new.id,
        controller=controller,
        name=new.name,
        email=new.email,
        role=new.role,
        sees_sensitive=new.sees_sensitive,
        invited_by=by,
        invited_at=now,
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        # Somebody else has just been invited under it.
        raise AccountIsWrongError(_ID_IS_TAKEN) from error
    return account


def check_name(name: str) -> None:
    """Refuses what is no name.

    Raises:
        AccountIsWrongError: it is empty, too long, or not one line.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise AccountIsWrongError(f"名前を{LONGEST_NAME}文字以内で入力してください")


def check_email(session: Session, email: str, *, controller: str, account_id: str) -> None:
    """Refuses what is no address, or another's: an identity provider tells people apart by it the first time.

    Raises:
        AccountIsWrongError: as above; the text does not repeat the address.
    """
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise AccountIsWrongError("メールアドレスの形が正しくありません")
    same = func.lower(Account.email) == email.lower()
    if session.scalar(select(Account.id).where(Account.controller == controller, same, Account.id != account_id)):
        raise AccountIsWrongError("このメールアドレスは、ほかの利用者が使っています")


def check_slack(slack: str) -> None:
    """Refuses what is no id of an account there.

    Raises:
        AccountIsWrongError: it is none.
    """
    if not _SLACK.fullmatch(slack):
        raise AccountIsWrongError("Slack のメンバーID は U か W で始まる英数字です")


def find(session: Session, controller: str, account_id: str) -> Account:
    """The account of an id, locked for this transaction.

    Raises:
        AccountIsUnknownError: the company has none of it.
    """
    query = select(Account).where(Account.id == account_id, Account.controller == controller)
    account = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if account is None:
        raise AccountIsUnknownError("この利用者は見つかりません")
    return account


def accounts_of(session: Session, controller: str) -> list[Account]:
    """Everybody, those who have left too, by id."""
    return list(session.scalars(select(Account).where(Account.controller == controller).order_by(Account.id)))


def working_admins(session: Session, controller: str) -> list[str]:
    """Ids of whoever looks after the console and is not disabled, locked for this transaction.

    Two administrators who take each other's role away at the same moment wait here for one another; always in the
    same order, so that neither waits for ever.
    """
    query = select(Account).where(
        Account.controller == controller, Account.role == Role.ADMIN, Account.disabled_at.is_(None)
    )
    locked = query.order_by(Account.id).with_for_update().execution_options(populate_existing=True)
    return [account.id for account in session.scalars(locked)]
