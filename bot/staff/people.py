"""What administrators change about the desk's people; every change stands in the trail.

Nobody is ever deleted, since trails name them, and the console is never left without an administrator: nobody changes
their own role or disables themselves, and whoever changes somebody is an administrator at that very moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.staff import invitations
from bot.staff.accounts import (
    AccountIsWrongError,
    NewAccount,
    check_email,
    check_name,
    check_slack,
    find,
    invite,
    working_admins,
)
from bot.staff.actor import Actor
from bot.staff.models import Account
from bot.staff.roles import RIGHTS_OF, Right, Role
from bot.staff.sessions import end_sessions_of
from bot.staff.trail import About, StaffAction, note

_ADMITTING = ("role", "sees_sensitive")


@dataclass(frozen=True)
class Facts:
    """Everything about a person that an administrator chooses; empty texts are none."""

    name: str
    email: str
    role: Role
    sees_sensitive: bool = False
    slack: str = ""
    deputy: str = ""


def invite_person(session: Session, actor: Actor, new: NewAccount, *, now: datetime) -> str:
    """Makes an account and opens its invitation; gives the token of the link, which is shown once.

    Raises:
        AccountIsWrongError: something about it cannot be used.
    """
    _check_admin(session, actor)
    account = invite(session, new, controller=actor.controller, by=actor.id, now=now)
    token = invitations.issue(session, account, now=now)
    _note(session, actor, StaffAction.ACCOUNT_INVITED, account, now=now, fields=("role", "sees_sensitive"))
    return token


def change_person(session: Session, actor: Actor, account_id: str, facts: Facts, *, now: datetime) -> list[str]:
    """Changes what is different; with the role or the permission every session of theirs ends.

    Returns:
        The names of what was changed.

    Raises:
        AccountIsUnknownError: there is nobody of this id.
        AccountIsWrongError: something cannot be so, their own role and the last administrator's among it.
    """
    _check_admin(session, actor)
    account = find(session, actor.controller, account_id)
    wanted = {
        "name": facts.name,
        "email": facts.email,
        "role": facts.role.value,
        "sees_sensitive": facts.sees_sensitive,
        "slack": facts.slack or None,
        "deputy": facts.deputy or None,
    }
    changed = [field for field, value in wanted.items() if getattr(account, field) != value]
    _check_facts(session, actor, account, facts, changed)
    for field in changed:
        setattr(account, field, wanted[field])
    if any(field in changed for field in _ADMITTING):
        end_sessions_of(session, account.id, now=now)
    if changed:
        _note(session, actor, StaffAction.ACCOUNT_CHANGED, account, now=now, fields=changed)
    return changed


def disable_person(session: Session, actor: Actor, account_id: str, *, now: datetime) -> None:
    """Lets somebody in no longer, from this moment on; an invitation that is open ends, too.

    Raises:
        AccountIsUnknownError: there is nobody of this id.
        AccountIsWrongError: it is oneself.
    """
    account = _other(session, actor, account_id, "ご自身を無効にすることはできません")
    if account.disabled_at is not None:
        return
    account.disabled_at = now
    invitations.close(account)
    end_sessions_of(session, account.id, now=now)
    _note(session, actor, StaffAction.ACCOUNT_DISABLED, account, now=now)


def enable_person(session: Session, actor: Actor, account_id: str, *, now: datetime) -> None:
    """Lets somebody in again with what they logged in with before.

    Raises:
        AccountIsUnknownError: there is nobody of this id.
    """
    _check_admin(session, actor)
    account = find(session, actor.controller, account_id)
    if account.disabled_at is not None:
        account.disabled_at = None
        _note(session, actor, StaffAction.ACCOUNT_ENABLED, account, now=now)


def reset_person(session: Session, actor: Actor, account_id: str, *, now: datetime) -> str:
    """Takes password and second factor back and opens a new invitation; gives its token, which is shown once.

    Raises:
        AccountIsUnknownError: there is nobody of this id.
        AccountIsWrongError: it is oneself, or somebody who is disabled.
    """
    account = _other(session, actor, account_id, "ご自身のログイン方法は、ほかの管理者が設定し直します")
    if account.disabled_at is not None:
        raise AccountIsWrongError("無効になっている利用者です。先に有効にしてください")
    token = invitations.issue(session, account, now=now)
    _note(session, actor, StaffAction.FACTOR_RESET, account, now=now)
    return token


def _check_admin(session: Session, actor: Actor) -> None:
    # Their session was looked at before this transaction; meanwhile somebody may have taken the role away.
    if actor.account_id not in working_admins(session, actor.controller):
        raise AccountIsWrongError("この操作は管理者だけができます")


def _other(session: Session, actor: Actor, account_id: str, words: str) -> Account:
    _check_admin(session, actor)
    if account_id == actor.account_id:
        raise AccountIsWrongError(words)
    return find(session, actor.controller, account_id)


def _check_facts(session: Session, actor: Actor, account: Account, facts: Facts, changed: list[str]) -> None:
    # As the administrator who acts keeps the role, there is always one left.
    if "role" in changed and account.id == actor.account_id:
        raise AccountIsWrongError("ご自身の役割は変えられません。ほかの管理者に依頼してください")
    if "name" in changed:
        check_name(facts.name)
    if "email" in changed:
        check_email(session, facts.email, controller=account.controller, account_id=account.id)
    if "slack" in changed and facts.slack:
        check_slack(facts.slack)
    if "deputy" in changed and facts.deputy:
        _check_deputy(session, account, facts.deputy)


def _check_deputy(session: Session, account: Account, deputy_id: str) -> None:
    deputy = session.get(Account, (deputy_id, account.controller))
    if deputy is None or deputy.disabled_at is not None:
        raise AccountIsWrongError("代理には、有効な利用者を選んでください")
    if deputy.id == account.id:
        raise AccountIsWrongError("ご本人を代理にすることはできません")
    if Right.WORK_REQUESTS not in RIGHTS_OF[Role(deputy.role)]:
        raise AccountIsWrongError("代理には、請求に対応できる役割の利用者を選んでください")


def _note(
    session: Session,
    actor: Actor,
    action: StaffAction,
    account: Account,
    *,
    now: datetime,
    fields: tuple[str, ...] | list[str] = (),
) -> None:
    note(session, actor, action, About("account", account.id, fields=list(fields)), now=now)
