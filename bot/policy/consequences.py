"""What a new version does to what people wrote beside it: cards that fall silent, gaps that lose their words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.policy.cards import Card, load_cards
from bot.policy.gaps import Gap, load_gaps
from bot.policy.model import Policy


@dataclass(frozen=True)
class Consequences:
    """What is no longer as it was with the old version.

    Attributes:
        suspended: cards that spoke and would not any more; `Card.lost` says why.
        unapproved: cards that were approved for the old version and wait for approval of the new one.
        lost_gaps: gaps whose nearest words are not said any more.
    """

    suspended: tuple[Card, ...]
    unapproved: tuple[Card, ...]
    lost_gaps: tuple[Gap, ...]


def consequences(folder: Path, old: Policy, new: Policy) -> Consequences:
    """What changes for the cards and gaps of a policy's folder.

    Raises:
        BadInputError: cards or gaps cannot be read.
    """
    before = {card.id: card.status for card in load_cards(folder, old).all}
    cards = load_cards(folder, new)
    lost = {gap.id for gap in load_gaps(folder, old).lost}
    return Consequences(
        suspended=tuple(card for card in cards.of_status("suspended") if before[card.id] != "suspended"),
        unapproved=tuple(card for card in cards.of_status("unapproved") if before[card.id] == "approved"),
        lost_gaps=tuple(gap for gap in load_gaps(folder, new).lost if gap.id not in lost),
    )
