"""What people type into fields, made fit to keep: no controls, one spelling of digits, known faults."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import MutableMapping

import phonenumbers
from email_validator import EmailNotValidError, validate_email

LONGEST_EMAIL = 254

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_DOTS = re.compile(r"\.+")
_POSTAL_CODE = re.compile(r"〒?\s*(\d{3})[\s\-‐‑‒–—―−ー]*(\d{4})")
_COUNTRY = "JP"


def cleaned(value: str) -> str:
    """The text without control characters and outer blanks, its lines ended one way."""
    return _CONTROLS.sub("", value.replace("\r\n", "\n")).strip()


def folded(value: str) -> str:
    """The text with full-width letters and digits as plain ones."""
    return unicodedata.normalize("NFKC", cleaned(value))


def check_length(name: str, value: str, longest: int, faults: MutableMapping[str, str]) -> None:
    """Notes that a field is empty or too long."""
    if not value:
        faults[name] = "missing"
    elif len(value) > longest:
        faults[name] = "too_long"


def read_email(value: str) -> str | None:
    """The address in a spelling that mail programs take; None when it is none.

    Japanese carriers gave out addresses with dots in a row or before the @ for years, against RFC 5321. They receive
    mail, and who has one must be able to ask: the part before the @ is put in quotation marks, as the RFC wants it.
    """
    local, at, domain = folded(value).rpartition("@")
    bare = local[1:-1] if len(local) > 1 and local[0] == local[-1] == '"' else local
    plain = _DOTS.sub(".", bare).strip(".")
    try:
        # The reserved top level `test` is what drills and demonstrations use.
        validate_email(plain + at + domain, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return f"{bare}@{domain}" if plain == bare else f'"{bare}"@{domain}'


def read_phone(value: str) -> str | None:
    """The number as it is written in Japan, or with its country's code when it is of another; None when it is none."""
    try:
        number = phonenumbers.parse(folded(value), _COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    style = phonenumbers.PhoneNumberFormat
    is_home = phonenumbers.region_code_for_number(number) == _COUNTRY
    return phonenumbers.format_number(number, style.NATIONAL if is_home else style.INTERNATIONAL)


def read_postal_code(value: str) -> str | None:
    """The seven digits as 123-4567; None when they are not seven."""
    found = _POSTAL_CODE.fullmatch(folded(value))
    return None if found is None else f"{found[1]}-{found[2]}"
