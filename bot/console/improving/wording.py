"""How the pages of 改善 call what happened."""

from __future__ import annotations

from bot.console.improving.sorts import SORTS
from bot.policy.phrases import TITLES
from bot.policy.releases.history import Happened

_ACTIONS = {
    Happened.EDITED: "編集",
    Happened.REBASED: "公開中との照合",
    Happened.DISCARDED: "公開候補を破棄",
    Happened.PUBLISHED: "公開",
    Happened.RESTORED: "元に戻す",
}


def action_title(action: str) -> str:
    """公開 and the like."""
    return _ACTIONS[Happened(action)]


def what_title(what: str) -> str:
    """カード fee, of `cards:fee`; what names no list (a version) is said as it was noted."""
    name, _, key = what.partition(":")
    sort = SORTS.get(name)
    return f"{sort.title} {TITLES.get(key, key)}" if sort else what
