"""The head of a policy's Markdown: whose it is, which version, of which source."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.policy.faults import FrontMatterIsWrongError
from bot.yaml_text import load_yaml

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _date_name(version: str) -> str:
    """Order and begin of a version come from its name, so the name must be a day of the calendar."""
    if not _DATE.fullmatch(version):
        raise ValueError("a version is named by a date, as in 2026-04-01")
    date.fromisoformat(version)
    return version


class Omission(BaseModel):
    """A range of the source that is no part of the policy, by its first and last words."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    first: str = Field(alias="from", min_length=1)
    last: str = Field(alias="to", min_length=1)


class FrontMatter(BaseModel):
    """Every field of the head.

    Attributes:
        controller: the company's legal name.
        policy: the folder, `controller/policy`.
        title: what the document calls itself.
        role: whether it is a policy, or stands beside one and answers only where that does not.
        version: a date, which is the file's name too.
        effective_date: the day from which it holds; None when the document names none.
        source: where the text came from.
        sha256: of the source text.
        omitted: ranges of the source that are no part of the document.
        labels: section labels to use instead of those that the general rule computes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    controller: str = Field(min_length=1)
    policy: str = Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    title: str = Field(min_length=1)
    role: Literal["policy", "companion"] = "policy"
    version: Annotated[str, AfterValidator(_date_name)]
    effective_date: date | None = None
    source: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    omitted: tuple[Omission, ...] = ()
    labels: dict[str, str] = {}


def read_front_matter(head: str, path: Path) -> FrontMatter:
    """The head of the Markdown at `path`.

    Raises:
        FrontMatterIsWrongError: it is missing, no YAML, or lacks a field; the first fault is named.
    """
    try:
        values = load_yaml(head)
    except (yaml.YAMLError, ValueError) as error:  # a day that no calendar has is a ValueError
        raise FrontMatterIsWrongError(path, " ".join(str(error).split())) from None
    if not isinstance(values, dict):
        raise FrontMatterIsWrongError(path, "there is none; the file begins with --- and `controller:`")
    if isinstance(values.get("version"), date):
        values["version"] = values["version"].isoformat()
    try:
        return FrontMatter.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        raise FrontMatterIsWrongError(path, fault["msg"], field=".".join(map(str, fault["loc"]))) from None
