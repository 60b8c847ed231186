"""The head of a policy's Markdown: whose it is, which version, of which source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.policy.faults import FrontMatterIsWrongError


class Omission(BaseModel):
    """A range of the source that is no part of the policy, by its first and last words."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    first: str = Field(alias="from", min_length=1)
    last: str = Field(alias="to", min_length=1)


class FrontMatter(BaseModel):
    """Every field of the head. `labels` renames section labels that the general rule computes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    controller: str = Field(min_length=1)
    policy: str = Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    title: str = Field(min_length=1)
    version: str = Field(min_length=1)
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
        values = yaml.safe_load(head)
    except yaml.YAMLError as error:
        raise FrontMatterIsWrongError(path, " ".join(str(error).split())) from None
    if not isinstance(values, dict):
        raise FrontMatterIsWrongError(path, "there is none; the file begins with --- and `controller:`")
    if isinstance(values.get("version"), date):
        values["version"] = values["version"].isoformat()
    try:
        return FrontMatter.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        raise FrontMatterIsWrongError(path, f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
