"""Names of persons in a folded text: by the dictionary, and by the words that introduce a name or follow it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from bot.channels.masking.dictionary import Kind, Token, open_dictionary
from bot.channels.masking.find import Find
from bot.channels.masking.introductions import introduced, labelled
from bot.channels.masking.latin import latin_names
from bot.channels.masking.likeness import Likeness, surnames
from bot.channels.masking.line import Line, Span

SORT = "お名前"
# The tokenizer refuses texts of more than 49,149 bytes.
_LINE = re.compile(r"[^\n]{1,4000}")
_LONGEST_IN_WORDS = 4
_SHORTEST_IN_HIRAGANA = 3
_HIRAGANA = re.compile("[ぁ-ゖー]+")
_READING = re.compile(r"\s?\(\s?([ァ-ヺー]+\s?[ァ-ヺー]+|[ぁ-ゖー]+\s?[ぁ-ゖー]+)\s?\)")


def names(folded: str) -> Iterator[Find]:
    """Every name in the text, from left to right; pieces that overlap are one name."""
    dictionary = open_dictionary()
    for match in _LINE.finditer(folded):
        line = Line(match.group(), tuple(dictionary.tokens(match.group())), dictionary)
        for start, end in _joined(
            chain(_full(line), labelled(line), introduced(line), latin_names(line.text, dictionary))
        ):
            yield Find(match.start() + start, match.start() + end, SORT)
            yield from (
                Find(match.start() + reading.start(1), match.start() + reading.end(1), SORT)
                for reading in [_READING.match(line.text, end)]
                if reading
            )


def surnames_in(name: str) -> frozenset[str]:
    """What may be the surname of a full name, so that 「押切さん」 is known for 押切孝平."""
    return surnames(name, open_dictionary())


def _full(line: Line) -> Iterator[Span]:
    """Full names that the tokenizer itself sees, wherever they stand."""
    for place, first in enumerate(line.tokens):
        for last in reversed(line.tokens[place + 1 : place + _LONGEST_IN_WORDS]):
            if _are_seen(first, last, line) and line.likeness((first.start, last.end)) is Likeness.FULL:
                yield first.start, last.end
                break


def _are_seen(first: Token, last: Token, line: Line) -> bool:
    """Whether the dictionary took both for parts of a name here, or one of them where nothing else touches."""
    if last.end not in line.ends:
        return False
    if first.kind is Kind.SURNAME and last.kind is Kind.GIVEN:
        return True
    is_seen = last.kind is Kind.GIVEN or (first.kind is Kind.SURNAME and not _is_word(first, last))
    return is_seen and first.start in line.starts


def _is_word(first: Token, last: Token) -> bool:
    """北浜大学 is nobody, though 大学 may be a given name; 森田 青葉, 森田あかり and 森田光 are somebody."""
    if last.kind is not Kind.WORD or last.is_grammar:
        return last.is_grammar
    is_apart = first.end < last.start
    is_hiragana = _HIRAGANA.fullmatch(last.surface) is not None
    is_given = len(last.surface) >= _SHORTEST_IN_HIRAGANA if is_hiragana else len(last.surface) == 1
    return not (is_apart or is_given)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Overlapping pieces as one, in order."""
    start = end = -1
    for span in sorted(spans):
        if span[0] >= end:
            if end > start:
                yield start, end
            start, end = span
        end = max(end, span[1])
    if end > start:
        yield start, end
