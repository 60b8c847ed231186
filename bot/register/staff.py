"""Who works at the desk: names, addresses, deputies and what each may do.

The accounts of the console say it, as soon as one of them works on requests; before, a file that the owner keeps; and
without one the whole desk is one person by the name of `staff`, reached at the address of the settings. Wherever a
second person is needed there has to be a deputy who may act as one: a file without is refused when it is read; of
accounts it is a finding (`staff_faults`), since the desk goes on while somebody is being replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.register.errors import StaffFileIsWrongError
from bot.register.notices import STAFF
from bot.settings import Settings
from bot.staff.accounts import accounts_of
from bot.staff.models import Account
from bot.staff.roles import RIGHTS_OF, Right, Role
from bot.storage.engine import reading

_ACTOR = "staff:"


class Permission(StrEnum):
    """What not everybody at the desk may do.

    Attributes:
        APPROVE: be the second person for a refusal, an erasure or the release of an answer.
        SENSITIVE: read requests about health and bank accounts.
    """

    APPROVE = "approve"
    SENSITIVE = "sensitive"


class StaffMember(BaseModel):
    """One person; `slack` is the id of their account there, `deputy` the id of whoever stands in for them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,40}$")
    name: str = Field(min_length=1, repr=False)
    email: str = Field(pattern=r"^[^\s@,<>]+@[^\s@,<>]+$", repr=False)
    slack: str | None = Field(None, pattern=r"^[UW][A-Z0-9]+$")
    deputy: str | None = None
    may: frozenset[Permission] = frozenset()


@dataclass(frozen=True)
class Staff:
    """Everybody at the desk, and the address of the desk as a whole."""

    members: tuple[StaffMember, ...]
    mail: str

    @property
    def is_named(self) -> bool:
        """Whether it lists people, not only the desk as a whole."""
        return all(one.id != STAFF for one in self.members)

    def member(self, told: str) -> StaffMember | None:
        """The person of an id, or of an actor's name as audit rows hold it; None for the desk and for strangers."""
        person = told.removeprefix(_ACTOR)
        return next((one for one in self.members if one.id == person), None)

    def deputy_of(self, told: str) -> StaffMember | None:
        """Who stands in for this person, if anybody does."""
        person = self.member(told)
        return self.member(person.deputy) if person is not None and person.deputy is not None else None

    def address_of(self, told: str) -> str:
        """Where a mail to this person goes, as its To header takes it; empty when nobody can be reached.

        What is for the desk goes to the desk's address, or to everybody where the desk has none. So does what is for
        a person who is no longer in the list: nothing may be lost because somebody has left.
        """
        person = self.member(told)
        if person is not None:
            return person.email
        return self.mail or ", ".join(one.email for one in self.members)

    def may(self, actor: str, duty: Permission) -> bool:
        """Whether this person may do it."""
        person = self.member(actor)
        return person is not None and duty in person.may


def load_staff(settings: Settings, session: Session | None = None) -> Staff:
    """The staff of this installation, as it stands now; whoever has no session at hand gets what the file says.

    Raises:
        StaffFileIsWrongError: the file is missing, cannot be read, or leaves somebody without a deputy.
    """
    members = () if session is None else _of_accounts(session, settings.controller)
    if members:
        return Staff(members, settings.staff_mail)
    path = settings.staff_file
    if path is None:
        return Staff(_whole_desk(settings.staff_mail), settings.staff_mail)
    listed = _read(path)
    fault = next(iter(_faults(listed)), None)
    if fault is not None:
        raise StaffFileIsWrongError(path, fault)
    return Staff(tuple(listed), settings.staff_mail)


def read_staff(settings: Settings, engine: Engine) -> Staff:
    """As `load_staff`, for whoever has a database but no session.

    Raises:
        StaffFileIsWrongError: as `load_staff`.
    """
    with reading(engine) as session:
        return load_staff(settings, session)


def staff_faults(staff: Staff) -> list[str]:
    """What keeps this desk from deciding with four eyes, in words for the owner; nothing when all is well."""
    if not staff.is_named:
        return ["担当者が登録されていません"]
    approvers = [one for one in staff.members if Permission.APPROVE in one.may]
    few = [] if len(approvers) > 1 else [f"承認できる担当者が{len(approvers)}名です（2名以上必要です）"]
    return [*few, *_faults(staff.members)]


def _of_accounts(session: Session, controller: str) -> tuple[StaffMember, ...]:
    # Administrators and viewers have accounts, but requests are nothing that they could do anything about.
    at_work = [
        account
        for account in accounts_of(session, controller)
        if account.disabled_at is None and Right.WORK_REQUESTS in RIGHTS_OF[Role(account.role)]
    ]
    ids = {account.id for account in at_work}
    return tuple(_member(account, ids) for account in at_work)


def _member(account: Account, ids: set[str]) -> StaffMember:
    permissions = {
        Permission.APPROVE: Right.APPROVE in RIGHTS_OF[Role(account.role)],
        Permission.SENSITIVE: account.sees_sensitive,
    }
    return StaffMember(
        id=account.id,
        name=account.name,
        email=account.email,
        slack=account.slack,
        # A deputy who has left stands in for nobody.
        deputy=account.deputy if account.deputy in ids else None,
        may=frozenset(permission for permission, is_given in permissions.items() if is_given),
    )


def _whole_desk(mail: str) -> tuple[StaffMember, ...]:
    # Built unchecked: the owner's address may be empty, which no person's address in the file may be.
    everything = frozenset(Permission)
    desk = StaffMember.model_construct(id=STAFF, name="窓口", email=mail, slack=None, deputy=None, may=everything)
    return (desk,)


def _read(path: Path) -> list[StaffMember]:
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        return TypeAdapter(list[StaffMember]).validate_python(rows)
    except (OSError, UnicodeDecodeError):
        raise StaffFileIsWrongError(path, "the file cannot be read") from None
    except yaml.YAMLError:
        raise StaffFileIsWrongError(path, "the file is not YAML") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise StaffFileIsWrongError(path, f"{'.'.join(map(str, first['loc'])) or 'list'}: {first['msg']}") from None


def _faults(members: Sequence[StaffMember]) -> list[str]:
    people = {member.id: member for member in members}
    if not members:
        return ["担当者がひとりもいません"]
    if len(people) < len(members):
        return ["同じ id が2回あります"]
    if STAFF in people:
        return [f"id の {STAFF} は窓口全体を指すため使えません"]
    return [fault for member in members if (fault := _fault_of(member, people)) is not None]


def _fault_of(member: StaffMember, people: dict[str, StaffMember]) -> str | None:
    if member.deputy == member.id:
        return f"{member.id} の代理が本人です"
    if member.deputy is not None and member.deputy not in people:
        return f"{member.id} の代理が担当者の一覧にいません"
    if Permission.APPROVE not in member.may:
        return None
    if member.deputy is None or Permission.APPROVE not in people[member.deputy].may:
        return f"{member.id} は承認できるため、承認できる代理が必要です"
    return None
