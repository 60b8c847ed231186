"""Citations: verbatim ranges of a policy, checked when they are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.message import Citation, Part
from bot.policy.faults import QuoteIsMissingError, RangeIsOutsideThePolicyError
from bot.policy.model import Policy


def cite(policy: Policy, start: int, end: int, *, base_url: str) -> Citation:
    """The citation of one range.

    Its heading is that of the passage it begins in, so that a row or a definition is named by its key.

    Args:
        policy: whose text is quoted.
        start: first code point of the range in the source text.
        end: the code point after the last.
        base_url: where members reach the policy page.

    Raises:
        RangeIsOutsideThePolicyError: the range is empty, or not within the text of one section.
    """
    section = policy.section_at(start)
    if section is None or not start < end <= section.end:
        raise RangeIsOutsideThePolicyError(policy.id, start, end)
    passage = policy.passage_at(start)
    return Citation(
        policy=policy.id,
        version=policy.version,
        section=section.label,
        heading=passage.heading if passage else section.heading,
        quote=policy.text[start:end],
        start=start,
        end=end,
        url=f"{base_url.rstrip('/')}/policy/{policy.id}/{policy.version}?mark={start}-{end}#mark",
    )


def find_range(policy: Policy, quote: str, *, after: int = 0) -> tuple[int, int]:
    """Where the policy says these words, character for character; the first place of several.

    Args:
        policy: whose text is quoted.
        quote: the words.
        after: where another quote ended. The same words stand in several rows of a table, so the first place from
            there on is taken before any that comes earlier.

    Raises:
        QuoteIsMissingError: it does not, or only in navigation or footer.
    """
    places = list(_places(policy, quote))
    if not places:
        raise QuoteIsMissingError(policy.id, policy.version, quote)
    return next((place for place in places if place[0] >= after), places[0])


def _places(policy: Policy, quote: str) -> Iterator[tuple[int, int]]:
    start = policy.text.find(quote) if quote else -1
    while start >= 0:
        section = policy.section_at(start)
        if section is not None and start + len(quote) <= section.end:
            yield start, start + len(quote)
        start = policy.text.find(quote, start + 1)


def find_quote(policy: Policy, text: str, *, base_url: str) -> Citation:
    """The citation of words that the policy says.

    Raises:
        QuoteIsMissingError: it does not say them as they are written.
    """
    return cite(policy, *find_range(policy, text), base_url=base_url)


def quote_parts(
    policy: Policy, ranges: Iterable[tuple[int, int]], *, base_url: str, first: int = 0
) -> tuple[tuple[Part, ...], tuple[Citation, ...]]:
    """Quote parts of a message and their citations, in the order given.

    Args:
        policy: whose text is quoted.
        ranges: one quote part each.
        base_url: where members reach the policy page.
        first: how many citations the message has before these.

    Raises:
        RangeIsOutsideThePolicyError: a range is not within one section.
    """
    citations = tuple(cite(policy, start, end, base_url=base_url) for start, end in ranges)
    parts = tuple(Part(type="quote", text=made.quote, citation=first + n) for n, made in enumerate(citations))
    return parts, citations
