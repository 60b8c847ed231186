"""Who asks and how to answer, as entered on the secure page: checked, never shown in a log or a repr."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email

from bot.register.errors import DetailsAreUnusableError
from bot.register.models import Role

LONGEST_NAME = 100
LONGEST_EMAIL = 254
LONGEST_REMARKS = 2000

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_DOTS = re.compile(r"\.+")


@dataclass(frozen=True)
class Details:
    """What the page collects; make one with `read_details`."""

    role: Role
    name: str = field(repr=False)
    email: str = field(repr=False)
    remarks: str = field(repr=False, default="")


def read_details(form: Mapping[str, str]) -> Details:
    """Reads the fields `role`, `name`, `email` and `remarks` (which may be empty) of the page.

    Raises:
        DetailsAreUnusableError: with the faults of all fields at once.
    """
    faults: dict[str, str] = {}
    role = _clean(form.get("role", ""))
    if role not in set(Role):
        faults["role"] = "malformed" if role else "missing"
    name = _clean(form.get("name", ""))
    _check_length("name", name, LONGEST_NAME, faults)
    email = unicodedata.normalize("NFKC", _clean(form.get("email", "")))
    _check_length("email", email, LONGEST_EMAIL, faults)
    if "email" not in faults and not _is_email(email):
        faults["email"] = "malformed"
    remarks = _clean(form.get("remarks", "").replace("\r\n", "\n"))
    if len(remarks) > LONGEST_REMARKS:
        faults["remarks"] = "too_long"
    if faults:
        raise DetailsAreUnusableError(faults)
    return Details(role=Role(role), name=name, email=email, remarks=remarks)


def email_key(email: str) -> str:
    """The spelling under which an address is looked up."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def _clean(value: str) -> str:
    return _CONTROLS.sub("", value).strip()


def _check_length(name: str, value: str, longest: int, faults: dict[str, str]) -> None:
    if not value:
        faults[name] = "missing"
    elif len(value) > longest:
        faults[name] = "too_long"


def _is_email(address: str) -> bool:
    # Japanese carriers gave out addresses with dots in a row or before the @ for years, against the standard.
    # They receive mail, and who has one must be able to ask, so that such dots are not held against an address.
    local, at, domain = address.rpartition("@")
    lenient = _DOTS.sub(".", local).strip(".") + at + domain
    try:
        # The reserved top level `test` is what drills and demonstrations use.
        validate_email(lenient, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
