"""Whether the answers that members get have been approved by a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from bot.clearance.items import Heading, Item
from bot.policy.cards import FILE_NAME, Cards, load_cards
from bot.policy.documents import load_policy, policy_folder
from bot.policy.releases.in_force import look_once
from bot.policy.versions import version_in_force
from bot.settings import Settings

_CARDS = Heading("回答カード")


def card_items(settings: Settings, day: date) -> Iterator[Item]:
    """Whether each card of the release that answers now is approved for the version in force.

    Raises:
        BadInputError: the policy cannot be read.
    """
    corpus, policy_id = look_once(settings).corpus, settings.default_policy
    folder = policy_folder(corpus, policy_id)
    files = tuple((file.name, (state := file.stat()).st_mtime_ns, state.st_size) for file in sorted(folder.iterdir()))
    cards = _cards(corpus, policy_id, version_in_force(corpus, policy_id, day), files)
    is_so = bool(cards.all) and len(cards.of_status("approved")) == len(cards.all)
    where = f"画面「改善」、または {FILE_NAME} の approved_by・approved_on"
    yield _CARDS.item("cards", "すべての回答カードの承認", where, is_so=is_so, found=_counted(cards))


# Proving each card against the policy is most of what the page of 準備状況 costs; it is done once for what the folder
# holds.
@lru_cache(maxsize=4)
def _cards(corpus: Path, policy_id: str, version: str, _files: tuple[tuple[str, int, int], ...]) -> Cards:
    return load_cards(policy_folder(corpus, policy_id), load_policy(corpus, policy_id, version))


def _counted(cards: Cards) -> str:
    told = f"{len(cards.all)}件のうち承認済み{len(cards.of_status('approved'))}件"
    unapproved, suspended = len(cards.of_status("unapproved")), len(cards.of_status("suspended"))
    rest = [f"未承認{unapproved}件"] * bool(unapproved) + [f"停止中{suspended}件"] * bool(suspended)
    return "、".join([told, *rest])
