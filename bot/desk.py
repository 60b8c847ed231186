"""Who a member turns to, and when: the desk file of a policy's folder.

Its quotations are checked against the policy by `madoguchi policy check`; this module only reads and computes.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from holidays import HolidayBase, country_holidays
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bot.clock import in_tokyo
from bot.errors import BadInputError
from bot.yaml_text import load_yaml

FILE_NAME = "desk.yml"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEAP_YEAR = 2000


class DeskIsWrongError(BadInputError):
    """The desk file is missing or cannot be used; the message names the file and the first fault."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ClosedRange(_Shape):
    """Days of every year on which the desk is closed, both ends among them, as MM-DD."""

    first: str = Field(alias="from", pattern=r"^\d\d-\d\d$")
    last: str = Field(alias="to", pattern=r"^\d\d-\d\d$")

    @model_validator(mode="after")
    def _days_exist(self) -> Self:
        for day in (self.first, self.last):
            date.fromisoformat(f"{_LEAP_YEAR}-{day}")
        return self

    def holds(self, day: date) -> bool:
        """Whether the day lies in the range, which may run over the end of the year."""
        month_day = day.strftime("%m-%d")
        if self.first <= self.last:
            return self.first <= month_day <= self.last
        return month_day >= self.first or month_day <= self.last


class Hours(_Shape):
    """When the desk answers, on Japanese wall clocks; `holidays` names the country whose holidays it keeps."""

    weekdays: tuple[Weekday, ...]
    opens: time
    closes: time
    closed: tuple[ClosedRange, ...] = ()
    holidays: Literal["JP"] | None = None


class DeskEntry(_Shape):
    """One desk: what it is for, its address if the policy holds one, and the policy's words about it."""

    id: str
    about: str
    email: str | None = None
    quote: str


class Scope(_Shape):
    """A kind of data that a request can be about, and the section that speaks of it."""

    title: str
    section: str


class OwnerFacts(_Shape):
    """What only the owner can tell; an empty string is unknown and is never shown.

    `address`, `representative`, `complaints` and `accredited_body` are what 個人情報保護法 32条1項 and its cabinet
    order want to be within reach beside what the policy says; `accredited_body` may say that there is none. `backups`
    says for how long copies of the database are kept.
    """

    address: str = ""
    representative: str = ""
    complaints: str = ""
    accredited_body: str = ""
    membership_desk_url: str = ""
    request_form: str = ""
    identity_documents: str = ""
    agent_documents: str = ""
    fee: str = ""
    retention: str = ""
    backups: str = ""
    chat_readers: str = ""


class Confirmation(_Shape):
    """Who looked at something that needs no filling in, when, and what it was then: another value counts as unseen."""

    by: str = Field(min_length=1, max_length=80)
    day: date
    value: Annotated[str, BeforeValidator(str)] = Field(min_length=1, max_length=80)


class Confirmed(_Shape):
    """What the owner has looked at before real requests are taken; empty until somebody has.

    Attributes:
        purposes: that the purposes in the policy are all there are; `value` is the version of the policy.
        notice: that the first message of a conversation tells the truth; `value` as `retention`.
        retention: for how many days conversations are kept; `value` is the setting.
        regime: by which rules requests are refused; `value` is the setting.
    """

    purposes: Confirmation | None = None
    notice: Confirmation | None = None
    retention: Confirmation | None = None
    regime: Confirmation | None = None


class Consent(_Shape):
    """What stands above the button that sends personal data in, as JIS Q 15001 (A.3.4.2.5) wants it shown.

    Name, desk and purpose are known; whatever else the standard names is the owner's to fill, and an empty string is
    never shown. `version` is stored with every consent, so that it changes whenever a text here does.
    """

    version: str = Field("1", min_length=1, max_length=32)
    purpose: str = Field(
        "ご本人の確認と、このご請求についての調査・ご回答のためだけに使います。ほかの目的には使いません。", min_length=1
    )
    manager: str = ""
    provision: str = ""
    entrustment: str = ""
    consequence: str = ""
    unnoticed: str = ""


class Desk(_Shape):
    """The desk file of one policy. `controller` is the company's legal name, `service` what members know it by.

    `quotes` holds the policy's words on requests: rights, identity_check, refusal, consequence, hours. A policy that
    does not say one of them leaves it out, and nobody else says it in its place.
    """

    controller: str
    service: str
    desks: tuple[DeskEntry, ...] = Field(min_length=1)
    quotes: dict[str, str] = {}
    hours: Hours
    scopes: tuple[Scope, ...] = ()
    owner: OwnerFacts = OwnerFacts()
    consent: Consent = Consent()
    confirmed: Confirmed = Confirmed()

    @property
    def quoted(self) -> dict[str, str]:
        """Every text here that must stand in the policy as it is, by the place it has in the file."""
        named = {f"quotes.{name}": quote for name, quote in self.quotes.items()}
        return named | {f"desks.{entry.id}.quote": entry.quote for entry in self.desks}


def load_desk(policy_folder: Path) -> Desk:
    """The desk file of a policy's folder.

    Raises:
        DeskIsWrongError: it is missing, no YAML, or lacks something.
    """
    path = policy_folder / FILE_NAME
    if not path.is_file():
        raise DeskIsWrongError(path, "there is no such file; it names the desks of the policy")
    try:
        return Desk.model_validate(load_yaml(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise DeskIsWrongError(path, " ".join(str(error).split())) from None
    except ValidationError as error:
        fault = error.errors()[0]
        raise DeskIsWrongError(path, f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None


def is_open(desk: Desk, moment: datetime) -> bool:
    """Whether the desk answers at this moment; at the closing minute it no longer does.

    Raises:
        ValueError: the moment carries no time zone.
    """
    local = in_tokyo(moment)
    return is_working_day(desk, local.date()) and desk.hours.opens <= local.time() < desk.hours.closes


def is_working_day(desk: Desk, day: date) -> bool:
    """Whether the desk is open on this Japanese day."""
    hours = desk.hours
    if _WEEKDAYS[day.weekday()] not in hours.weekdays or any(closed.holds(day) for closed in hours.closed):
        return False
    return not is_holiday(desk, day)


def is_holiday(desk: Desk, day: date) -> bool:
    """Whether it is one of the national holidays that the desk keeps."""
    country = desk.hours.holidays
    return country is not None and day in _calendar(country)


@lru_cache(maxsize=1)
def _calendar(country: str) -> HolidayBase:
    """National holidays, substitute days included; the library works a year out when it is first asked."""
    return country_holidays(country)
