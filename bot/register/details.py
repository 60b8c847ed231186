"""Who asks and how to answer, as entered on the secure page: checked, never shown in a log or a repr."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.register.errors import DetailsAreUnusableError
from bot.register.kinds import Kind
from bot.register.models import ReplyBy, Role
from bot.register.particulars import Asked, read_particulars, read_scope
from bot.register.typed_lines import (
    LONGEST_EMAIL,
    check_length,
    cleaned,
    folded,
    read_email,
    read_phone,
    read_postal_code,
)

LONGEST_NAME = 100
LONGEST_ADDRESS = 300
LONGEST_REMARKS = 2000

_WHO_AND_WHERE = Asked()
E = TypeVar("E", Role, ReplyBy)


@dataclass(frozen=True, kw_only=True)
class Details:
    """What the page collects; make one with `read_details`.

    `subject` names the person whose data are meant when somebody else asks for them, `scope` the data when they were
    narrowed down on the page, `particulars` what the fields of each kind hold.
    """

    role: Role
    name: str = field(repr=False)
    reply_by: ReplyBy = ReplyBy.EMAIL
    subject: str | None = field(repr=False, default=None)
    email: str | None = field(repr=False, default=None)
    phone: str | None = field(repr=False, default=None)
    address: str | None = field(repr=False, default=None)
    remarks: str | None = field(repr=False, default=None)
    scope: str | None = None
    particulars: Mapping[Kind, Mapping[str, str]] = field(repr=False, default_factory=dict)


def read_details(form: Mapping[str, str], asked: Asked = _WHO_AND_WHERE) -> Details:
    """Reads the fields of the page; what this draft does not need is not taken, even when it was entered.

    An answer goes by mail when nothing else was chosen. Whoever chose another way may leave a mail address for notices.

    Args:
        form: the fields by name.
        asked: what the page asks about.

    Raises:
        DetailsAreUnusableError: with the faults of all fields at once.
    """
    faults: dict[str, str] = {}
    details = _mail_stop(form, faults) if asked.is_only_mail_stop else _details(form, asked, faults)
    if details is None or faults:
        raise DetailsAreUnusableError(faults)
    return details


def email_key(email: str) -> str:
    """The spelling under which an address is looked up; quotation marks around its first part do not count."""
    local, at, domain = unicodedata.normalize("NFKC", email).strip().casefold().rpartition("@")
    bare = local[1:-1] if len(local) > 1 and local[0] == local[-1] == '"' else local
    return bare + at + domain


def _mail_stop(form: Mapping[str, str], faults: MutableMapping[str, str]) -> Details:
    # The mailbox is all that has to be known to stop mails to it, and so all that is asked.
    return Details(role=Role.SELF, name="", email=_email(form, faults, is_needed=True))


def _details(form: Mapping[str, str], asked: Asked, faults: MutableMapping[str, str]) -> Details | None:
    role = _choice(form, "role", Role, faults)
    reply_by = _choice(form, "reply_by", ReplyBy, faults, otherwise=ReplyBy.EMAIL)
    name = cleaned(form.get("name", ""))
    check_length("name", name, LONGEST_NAME, faults)
    email = _email(form, faults, is_needed=reply_by == ReplyBy.EMAIL)
    subject = None if role in {None, Role.SELF} else _subject(form, faults)
    phone = _phone(form, faults) if reply_by == ReplyBy.PHONE else None
    address = _address(form, faults) if reply_by == ReplyBy.POST else None
    remarks = cleaned(form.get("remarks", ""))
    if remarks:
        check_length("remarks", remarks, LONGEST_REMARKS, faults)
    particulars = read_particulars(form, asked, faults)
    if role is None or reply_by is None:
        return None
    return Details(
        role=role,
        name=name,
        reply_by=reply_by,
        subject=subject,
        email=email,
        phone=phone,
        address=address,
        remarks=remarks or None,
        scope=read_scope(form, asked),
        particulars=particulars,
    )


def _choice(
    form: Mapping[str, str], name: str, choices: type[E], faults: MutableMapping[str, str], otherwise: E | None = None
) -> E | None:
    value = cleaned(form.get(name, ""))
    if not value and otherwise is not None:
        return otherwise
    if value not in set(choices):
        faults[name] = "malformed" if value else "missing"
        return None
    return choices(value)


def _email(form: Mapping[str, str], faults: MutableMapping[str, str], *, is_needed: bool) -> str | None:
    value = folded(form.get("email", ""))
    if not value and not is_needed:
        return None
    check_length("email", value, LONGEST_EMAIL, faults)
    if "email" in faults:
        return None
    email = read_email(value)
    if email is None:
        faults["email"] = "malformed"
    return email


def _subject(form: Mapping[str, str], faults: MutableMapping[str, str]) -> str:
    subject = cleaned(form.get("subject", ""))
    check_length("subject", subject, LONGEST_NAME, faults)
    return subject


def _phone(form: Mapping[str, str], faults: MutableMapping[str, str]) -> str | None:
    value = cleaned(form.get("phone", ""))
    phone = read_phone(value)
    if phone is None:
        faults["phone"] = "malformed" if value else "missing"
    return phone


def _address(form: Mapping[str, str], faults: MutableMapping[str, str]) -> str:
    entered = cleaned(form.get("postal_code", ""))
    postal_code = read_postal_code(entered)
    if postal_code is None:
        faults["postal_code"] = "malformed" if entered else "missing"
    address = cleaned(form.get("address", ""))
    check_length("address", address, LONGEST_ADDRESS, faults)
    return f"〒{postal_code} {address}"
