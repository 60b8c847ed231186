"""A message as a chat platform lays it out: our own words, and groups of quotes with the place they stand at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from bot.message import Citation, Message, Part


@dataclass(frozen=True)
class Said:
    """A fixed or computed text."""

    text: str


@dataclass(frozen=True)
class Quoted:
    """Neighbouring quotes from one place of the policy; `url` opens it at the first of them."""

    quotes: tuple[str, ...]
    heading: str
    url: str


Paragraph = Said | Quoted


def paragraphs(message: Message) -> Iterator[Paragraph]:
    """The message's parts in their order, neighbouring quotes of one heading taken together."""
    for heading, parts in groupby(message.parts, key=lambda part: _heading(message, part)):
        group = tuple(parts)
        if heading is None:
            yield from (Said(part.text) for part in group)
        else:
            first = _citation(message, group[0])
            yield Quoted(tuple(part.text for part in group), heading, first.url if first else "")


def _citation(message: Message, part: Part) -> Citation | None:
    return None if part.citation is None else message.citations[part.citation]


def _heading(message: Message, part: Part) -> str | None:
    citation = _citation(message, part)
    return None if citation is None else citation.heading
