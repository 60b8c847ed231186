"""Which version of a policy is in force: several stand side by side in its folder, some of them ahead of their day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from bot.policy.documents import list_versions, read_head
from bot.policy.front_matter import FrontMatter
from bot.policy.model import Policy

Standing = Literal["in force", "prepared", "past"]


def version_in_force(corpus: Path, policy_id: str, day: date) -> str:
    """The version that answers on this day: the newest that has begun.

    A version begins on the effective date of its front matter, or on the date that is its name when the policy
    names none. One whose day is still to come is prepared but not served; only when no version has begun does the
    first of them answer, so that a policy is never without words.

    Args:
        corpus: folder of the policies.
        policy_id: `controller/policy` or `controller`.
        day: a Japanese day.

    Raises:
        BadInputError: the corpus holds no version of it, or the head of one cannot be read.
    """
    heads = [read_head(corpus, policy_id, version) for version in list_versions(corpus, policy_id)]
    heads.sort(key=lambda head: (begin_of(head), head.version))
    begun = [head for head in heads if begin_of(head) <= day]
    return (begun[-1] if begun else heads[0]).version


def begin_of(version: FrontMatter | Policy) -> date:
    """The first day of a version."""
    return version.effective_date or date.fromisoformat(version.version)


def standings(corpus: Path, policy_id: str, day: date) -> dict[str, Standing]:
    """What each version of a policy is on a day, oldest first.

    Raises:
        BadInputError: as `version_in_force`.
    """
    in_force = version_in_force(corpus, policy_id, day)
    heads = [read_head(corpus, policy_id, version) for version in list_versions(corpus, policy_id)]
    standing: dict[str, Standing] = {head.version: "prepared" if begin_of(head) > day else "past" for head in heads}
    return standing | {in_force: "in force"}
