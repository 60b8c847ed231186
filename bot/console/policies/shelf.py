"""The policies there are, and how their versions stand today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from bot.errors import BadInputError
from bot.policy.documents import list_versions, read_head
from bot.policy.front_matter import FrontMatter
from bot.policy.versions import Standing, begin_of, standings

Place = Standing | Literal["candidate"]


@dataclass(frozen=True)
class VersionRow:
    """One version in the list."""

    version: str
    title: str
    source: str
    begins: date
    standing: Place


@dataclass(frozen=True)
class Shelf:
    """One policy, its versions newest first; `fault` says why they cannot be shown."""

    policy_id: str
    controller: str
    versions: tuple[VersionRow, ...]
    fault: str = ""


def shelf_of(corpus: Path, policy_id: str, day: date, candidate: Path | None = None) -> Shelf:
    """One policy; one that is damaged is told of and hides no other.

    Args:
        corpus: what answers.
        policy_id: whose versions.
        day: a Japanese day.
        candidate: the corpus of the candidate, when there is one: versions that only stand there are shown too.
    """
    try:
        standing: dict[str, Place] = dict(standings(corpus, policy_id, day))
        heads = {version: read_head(corpus, policy_id, version) for version in standing}
        for version in list_versions(candidate, policy_id) if candidate is not None else ():
            if candidate is not None and version not in standing:
                standing[version] = "candidate"
                heads[version] = read_head(candidate, policy_id, version)
    except BadInputError as error:
        return Shelf(policy_id, "", (), error.told)
    rows = (_row(heads[version], standing[version]) for version in sorted(standing, reverse=True))
    return Shelf(policy_id, next(iter(heads.values())).controller, tuple(rows))


def _row(head: FrontMatter, standing: Place) -> VersionRow:
    return VersionRow(head.version, head.title, head.source, begin_of(head), standing)
