"""Answer cards: plain sentences that a person wrote, each bound to words of the policy that must stand there.

`answers.yml` of a policy's folder holds them. A card is never the source of a fact: the quotes are. So what a card
may say hangs on them and on a person's approval of exactly this version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from bot.policy.citations import find_range
from bot.policy.entries import Entry, read_entries
from bot.policy.faults import QuoteIsMissingError
from bot.policy.model import Policy

FILE_NAME = "answers.yml"
Range = tuple[int, int]
Status = Literal["approved", "unapproved", "suspended"]
Words = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]


def _version_name(value: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
    """YAML reads 2026-11-23 as a date; versions are names."""
    return value.isoformat() if isinstance(value, date) else value


class CardEntry(Entry):
    """A card as it is written.

    Attributes:
        topic: what it is about, for the people who review it.
        questions: ways in which members ask for it.
        quotes: pieces of the policy, character for character, in the order they are shown.
        text: the plain sentence.
        easy: the same in やさしい日本語.
        author: who wrote it.
        approved_by: who approved it; empty while nobody has.
        approved_on: when.
        policy_version: the version it was written for and approved with.
    """

    topic: Words
    questions: tuple[Words, ...] = Field(min_length=3)
    quotes: tuple[Words, ...] = Field(min_length=1)
    text: Words
    easy: Words
    author: Words
    approved_by: str = ""
    approved_on: date | None = None
    policy_version: Annotated[Words, BeforeValidator(_version_name)]

    @model_validator(mode="after")
    def _approval_is_whole(self) -> Self:
        if bool(self.approved_by.strip()) != (self.approved_on is not None):
            raise ValueError("approved_by and approved_on are filled together, or neither")
        return self


@dataclass(frozen=True)
class Card:
    """A card beside one version of its policy.

    Attributes:
        entry: what is written.
        ranges: where its quotes stand, in their order; empty when it is suspended.
        status: `approved` may speak; `unapproved` speaks only through its quotes; `suspended` never speaks.
        lost: its quotes that this version does not say.
    """

    entry: CardEntry
    ranges: tuple[Range, ...]
    status: Status
    lost: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its name in the file."""
        return self.entry.id

    @property
    def places(self) -> tuple[Range, ...]:
        """Where the policy speaks of it."""
        return self.ranges


@dataclass(frozen=True)
class Cards:
    """Every card of a policy, in the order of the file."""

    all: tuple[Card, ...] = ()

    @property
    def speaking(self) -> tuple[Card, ...]:
        """Those that may answer, if only through their quotes."""
        return tuple(card for card in self.all if card.status != "suspended")

    def of_status(self, status: Status) -> tuple[Card, ...]:
        """Those of one status."""
        return tuple(card for card in self.all if card.status == status)


def load_cards(folder: Path, policy: Policy) -> Cards:
    """The cards of a policy's folder, beside this version; none when the folder has no such file.

    Raises:
        BadInputError: the file cannot be read; the message names line, card and fault.
    """
    return Cards(tuple(_placed(entry, policy) for entry in read_entries(folder / FILE_NAME, CardEntry)))


def _placed(entry: CardEntry, policy: Policy) -> Card:
    ranges: list[Range] = []
    lost: list[str] = []
    for quote in entry.quotes:
        try:
            ranges.append(find_range(policy, quote, after=ranges[-1][1] if ranges else 0))
        except QuoteIsMissingError:
            lost.append(quote)
    if lost:
        return Card(entry, (), "suspended", tuple(lost))
    approved = entry.approved_on is not None and entry.policy_version == policy.version
    return Card(entry, tuple(ranges), "approved" if approved else "unapproved")
