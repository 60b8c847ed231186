"""What of a desk file does not fit a version of its policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.desk import FILE_NAME, load_desk
from bot.policy.citations import find_range
from bot.policy.faults import QuoteIsMissingError
from bot.policy.gaps import Gaps
from bot.policy.model import Policy


def has_desk(folder: Path) -> bool:
    """Whether the policy's folder names a desk."""
    return (folder / FILE_NAME).is_file()


def desk_findings(folder: Path, policy: Policy) -> Iterator[str]:
    """What the desk file quotes and names, and this version does not say; nothing when there is no such file.

    Raises:
        BadInputError: the desk file cannot be read.
    """
    if not has_desk(folder):
        return
    desk = load_desk(folder)
    for place, quote in desk.quoted.items():
        try:
            find_range(policy, quote)
        except QuoteIsMissingError:
            yield f"{FILE_NAME}: {place}: the policy does not say 「{quote}」"
    for scope in desk.scopes:
        if policy.section(scope.section) is None:
            yield f"{FILE_NAME}: scopes: {scope.title}: the policy has no section {scope.section}"
    purposes = desk.confirmed.purposes
    if purposes is not None and purposes.value != policy.version:
        yield f"{FILE_NAME}: confirmed.purposes: this is version {policy.version}, {purposes.value} was looked at"


def unknown_desks(folder: Path, gaps: Gaps) -> Iterator[str]:
    """Desks that gaps send members to and the desk file does not name.

    Raises:
        BadInputError: the desk file cannot be read.
    """
    known = {entry.id for entry in load_desk(folder).desks} if has_desk(folder) else set()
    for gap in gaps.all:
        if gap.entry.desk and gap.entry.desk not in known:
            yield f"gaps.yml: {gap.id}: {FILE_NAME} names no desk {gap.entry.desk!r}"
