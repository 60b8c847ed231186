"""What must hold of every loaded policy, and of the cards and gaps beside it, looked at once more from outside.

Loading already refuses what does not align. These checks do not trust it: they take the loaded policy alone and say
what they find, so that a fault of ours in cutting and labelling is seen before a member sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.policy import cards as cards_file
from bot.policy import gaps as gaps_file
from bot.policy.cards import Card, Cards
from bot.policy.folding import folded
from bot.policy.gaps import Gaps
from bot.policy.model import Passage, Policy, Sentence
from bot.policy.passages import PASSAGE_LIMIT

_SHOWN = 40


@dataclass(frozen=True)
class Finding:
    """What does not hold: as a line that commands print, and as staff are told it on a page, in Japanese."""

    line: str
    told: str


def check_policy(policy: Policy) -> list[Finding]:
    """What was found; nothing when the policy can be served."""
    return [*_left_out(policy), *_labels(policy), *_passages(policy)]


def check_cards(cards: Cards, gaps: Gaps, policy: Policy) -> list[Finding]:
    """What was found: quotes that are gone, and questions that two entries claim."""
    return [*_lost_quotes(cards, policy), *_lost_gaps(gaps), *_claimed_twice(cards, gaps)]


def waits(card: Card, policy: Policy) -> bool:
    """Whether a suspended card is written for a version that is still to come; it will speak then."""
    return card.status == "suspended" and card.entry.policy_version > policy.version


def _lost_quotes(cards: Cards, policy: Policy) -> Iterator[Finding]:
    for card in cards.of_status("suspended"):
        if not waits(card, policy):
            place, told = f"{cards_file.FILE_NAME}: {card.id}", f"カード {card.id}"
            for quote in card.lost:
                line = f"{place}: suspended, the policy does not say 「{quote}」"
                yield Finding(line, f"{told}：方針にない引用です「{quote}」")


def _lost_gaps(gaps: Gaps) -> Iterator[Finding]:
    for gap in gaps.lost:
        line = f"{gaps_file.FILE_NAME}: {gap.id}: nearest: the policy does not say 「{gap.entry.nearest}」"
        yield Finding(line, f"書かれていないこと {gap.id}：方針にない引用です「{gap.entry.nearest}」")


def _claimed_twice(cards: Cards, gaps: Gaps) -> Iterator[Finding]:
    """The same question asked by two entries: nobody could say which of them answers it."""
    named = [((f"{cards_file.FILE_NAME}: {card.id}", f"カード {card.id}"), card.entry.questions) for card in cards.all]
    named += [
        ((f"{gaps_file.FILE_NAME}: {gap.id}", f"書かれていないこと {gap.id}"), gap.entry.questions) for gap in gaps.all
    ]
    owners: dict[str, tuple[str, str]] = {}
    for name, questions in named:
        for question in questions:
            owner = owners.setdefault(folded(question), name)
            if owner != name:
                line = f"{name[0]}: questions: {owner[0]} has 「{question}」 too"
                yield Finding(line, f"{name[1]}：質問「{question}」は {owner[1]} にもあります")


def _left_out(policy: Policy) -> Iterator[Finding]:
    """Text of the source that neither a node of the Markdown nor a declared omission holds."""
    position = 0
    for start, end in sorted([*((block.start, block.end) for block in policy.blocks), *policy.omitted]):
        if start < position:
            twice = policy.text[start:position][:_SHOWN]
            line = f"{start}-{position}: two nodes hold the same text 「{twice}」"
            yield Finding(line, f"同じ本文が構成に2回あります「{twice}」")
        elif policy.text[position:start].strip():
            yield _omission(f"{position}-{start}", policy.text[position:start])
        position = max(position, end)
    if policy.text[position:].strip():
        yield _omission(f"{position}", policy.text[position:])


def _omission(place: str, text: str) -> Finding:
    words = text.strip()[:_SHOWN]
    return Finding(f"{place}: left out 「{words}」", f"構成に入っていない本文があります「{words}」")


def _labels(policy: Policy) -> Iterator[Finding]:
    counted = Counter(section.label for section in policy.sections)
    for label, count in counted.items():
        if count > 1:
            yield Finding(f"section {label}: {count} sections have this label", f"条項「{label}」が{count}つあります")
    if not policy.passages:
        yield Finding("no section holds any text", "どの条項にも本文がありません")


def _passages(policy: Policy) -> Iterator[Finding]:
    for passage in policy.passages:
        if len(passage.text) > PASSAGE_LIMIT:
            line = f"passage {passage.id}: {len(passage.text)} characters, more than {PASSAGE_LIMIT}"
            yield Finding(line, f"一節 {passage.id} が長すぎます（{len(passage.text)}文字、{PASSAGE_LIMIT}文字まで）")
        if not _is_slice(policy, passage):
            line = f"passage {passage.id}: its text is not the slice {passage.start}-{passage.end} of the source"
            yield Finding(line, f"一節 {passage.id} が本文のとおりではありません")


def _is_slice(policy: Policy, passage: Passage) -> bool:
    units: tuple[Passage | Sentence, ...] = (passage, *passage.sentences)
    return all(unit.text == policy.text[unit.start : unit.end] for unit in units)
