"""Who works at the desk: names, addresses, deputies and what each may do, from a file that the owner keeps.

Without a file the whole desk is one person by the name of `staff`, reached at the address of the settings. The list
is checked when it is read: wherever a second person is needed there is a deputy who may act as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.register.errors import StaffFileIsWrongError
from bot.register.notices import STAFF
from bot.settings import Settings

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


def load_staff(settings: Settings) -> Staff:
    """The staff of this installation.

    Raises:
        StaffFileIsWrongError: the file is missing, cannot be read, or leaves somebody without a deputy.
    """
    path = settings.staff_file
    if path is None:
        return Staff(_whole_desk(settings.staff_mail), settings.staff_mail)
    members = _read(path)
    fault = _fault(members)
    if fault is not None:
        raise StaffFileIsWrongError(path, fault)
    return Staff(tuple(members), settings.staff_mail)


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


def _fault(members: Sequence[StaffMember]) -> str | None:
    people = {member.id: member for member in members}
    if not members:
        return "nobody is in the list"
    if len(people) < len(members):
        return "an id stands twice"
    if STAFF in people:
        return f"the id {STAFF} means the whole desk"
    return next((fault for member in members if (fault := _fault_of(member, people)) is not None), None)


def _fault_of(member: StaffMember, people: dict[str, StaffMember]) -> str | None:
    if member.deputy == member.id:
        return f"{member.id} is their own deputy"
    if member.deputy is not None and member.deputy not in people:
        return f"{member.id} has a deputy who is not in the list"
    if Permission.APPROVE not in member.may:
        return None
    if member.deputy is None or Permission.APPROVE not in people[member.deputy].may:
        return f"{member.id} may approve and needs a deputy who may, too"
    return None
