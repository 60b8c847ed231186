"""The desk's people as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.console.frame.parts import Console
from bot.register.staff import load_staff, staff_faults
from bot.staff import invitations
from bot.staff.accounts import accounts_of
from bot.staff.models import Account
from bot.staff.roles import RIGHTS_OF, Right, Role


@dataclass(frozen=True)
class PersonRow:
    """One person in the list.

    Attributes:
        account: their account.
        role: who they are at the desk.
        state: `active`, `invited` (a link is open), `waiting` (none is, and nothing was set up) or `disabled`.
        ways: how they can log in, in words.
        deputy: their deputy's name, or empty.
        sees_sensitive: whether they see requests about health and bank accounts, as a role that sees any.
    """

    account: Account
    role: Role
    state: str
    ways: tuple[str, ...]
    deputy: str
    sees_sensitive: bool


@dataclass(frozen=True)
class People:
    """Everybody, and what keeps the desk from deciding with four eyes."""

    rows: list[PersonRow]
    faults: list[str]

    def row(self, account_id: str) -> PersonRow | None:
        """The row of an id."""
        return next((row for row in self.rows if row.account.id == account_id), None)

    def deputies_for(self, account_id: str) -> list[tuple[str, str]]:
        """Who may stand in for somebody, as id and name."""
        return [
            (row.account.id, row.account.name)
            for row in self.rows
            if row.account.id != account_id and row.state != "disabled" and Right.WORK_REQUESTS in RIGHTS_OF[row.role]
        ]


def look(session: Session, console: Console) -> People:
    """Everybody as they stand now: those who can log in first, by id."""
    accounts = accounts_of(session, console.controller)
    names, now = {account.id: account.name for account in accounts}, console.clock()
    rows = [_row(account, names, now) for account in accounts]
    faults = staff_faults(load_staff(console.settings, session))
    return People(sorted(rows, key=lambda row: (row.state == "disabled", row.account.id)), faults)


def _row(account: Account, names: dict[str, str], now: datetime) -> PersonRow:
    ways = {"パスワードと確認コード": account.password_hash, "組織のアカウント": account.subject}
    return PersonRow(
        account=account,
        role=Role(account.role),
        state=_state(account, now),
        ways=tuple(way for way, given in ways.items() if given),
        deputy=names.get(account.deputy or "", ""),
        sees_sensitive=account.sees_sensitive and Right.SEE_REQUESTS in RIGHTS_OF[Role(account.role)],
    )


def _state(account: Account, now: datetime) -> str:
    if account.disabled_at is not None:
        return "disabled"
    if account.password_hash or account.subject:
        return "active"
    return "invited" if invitations.is_open(account, now) else "waiting"
