"""What must hold of every loaded policy, and of the cards and gaps beside it, looked at once more from outside.

Loading already refuses what does not align. These checks do not trust it: they take the loaded policy alone and say
what they find, so that a fault of ours in cutting and labelling is seen before a member sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.policy import cards as cards_file
from bot.policy import gaps as gaps_file
from bot.policy.cards import Card, Cards
from bot.policy.folding import folded
from bot.policy.gaps import Gaps
from bot.policy.model import Passage, Policy, Sentence
from bot.policy.passages import PASSAGE_LIMIT

_SHOWN = 40


def check_policy(policy: Policy) -> list[str]:
    """One line a finding; none when the policy can be served."""
    return [*_left_out(policy), *_labels(policy), *_passages(policy)]


def check_cards(cards: Cards, gaps: Gaps, policy: Policy) -> list[str]:
    """One line a finding: quotes that are gone, and questions that two entries claim."""
    return [*_lost_quotes(cards, policy), *_lost_gaps(gaps), *_claimed_twice(cards, gaps)]


def waits(card: Card, policy: Policy) -> bool:
    """Whether a suspended card is written for a version that is still to come; it will speak then."""
    return card.status == "suspended" and card.entry.policy_version > policy.version


def _lost_quotes(cards: Cards, policy: Policy) -> Iterator[str]:
    for card in cards.of_status("suspended"):
        if not waits(card, policy):
            place = f"{cards_file.FILE_NAME}: {card.id}"
            yield from (f"{place}: suspended, the policy does not say 「{quote}」" for quote in card.lost)


def _lost_gaps(gaps: Gaps) -> Iterator[str]:
    for gap in gaps.lost:
        yield f"{gaps_file.FILE_NAME}: {gap.id}: nearest: the policy does not say 「{gap.entry.nearest}」"


def _claimed_twice(cards: Cards, gaps: Gaps) -> Iterator[str]:
    """The same question asked by two entries: nobody could say which of them answers it."""
    named = [(f"{cards_file.FILE_NAME}: {card.id}", card.entry.questions) for card in cards.all]
    named += [(f"{gaps_file.FILE_NAME}: {gap.id}", gap.entry.questions) for gap in gaps.all]
    owners: dict[str, str] = {}
    for name, questions in named:
        for question in questions:
            owner = owners.setdefault(folded(question), name)
            if owner != name:
                yield f"{name}: questions: {owner} has 「{question}」 too"


def _left_out(policy: Policy) -> Iterator[str]:
    """Text of the source that neither a node of the Markdown nor a declared omission holds."""
    position = 0
    for start, end in sorted([*((block.start, block.end) for block in policy.blocks), *policy.omitted]):
        if start < position:
            yield f"{start}-{position}: two nodes hold the same text 「{policy.text[start:position][:_SHOWN]}」"
        elif policy.text[position:start].strip():
            yield f"{position}-{start}: left out 「{policy.text[position:start].strip()[:_SHOWN]}」"
        position = max(position, end)
    if policy.text[position:].strip():
        yield f"{position}: left out 「{policy.text[position:].strip()[:_SHOWN]}」"


def _labels(policy: Policy) -> Iterator[str]:
    counted = Counter(section.label for section in policy.sections)
    yield from (f"section {label}: {count} sections have this label" for label, count in counted.items() if count > 1)
    if not policy.passages:
        yield "no section holds any text"


def _passages(policy: Policy) -> Iterator[str]:
    for passage in policy.passages:
        if len(passage.text) > PASSAGE_LIMIT:
            yield f"passage {passage.id}: {len(passage.text)} characters, more than {PASSAGE_LIMIT}"
        if not _is_slice(policy, passage):
            yield f"passage {passage.id}: its text is not the slice {passage.start}-{passage.end} of the source"


def _is_slice(policy: Policy, passage: Passage) -> bool:
    units: tuple[Passage | Sentence, ...] = (passage, *passage.sentences)
    return all(unit.text == policy.text[unit.start : unit.end] for unit in units)
