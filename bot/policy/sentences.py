"""Cuts Japanese text into sentences: at 。！？, never inside brackets or quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PAIRS = {
    "（": "）",
    "(": ")",
    "「": "」",
    "『": "』",
    "【": "】",
    "［": "］",
    "[": "]",
    "〔": "〕",
    "〈": "〉",
    "《": "》",
}
_ENDS = "。！？"
_SOFT_ENDS = "、，,；;"
_NOTE = re.compile(r"\s*[（(](?![\s\d０-９一二三四五六七八九十a-zA-Zア-ンｱ-ﾝ]{1,3}\s*[)）])")
Range = tuple[int, int]


def split_sentences(text: str, *, limit: int) -> list[Range]:
    """Ranges of the sentences of a text, without the white space around them, in order.

    Nothing but white space lies between two ranges. A bracketed note after a sentence belongs to it, a printed
    number in brackets begins the next one. Only a sentence longer than `limit` is cut further: after a comma
    outside brackets when there is one, else where it stands.
    """
    sentences = (_stripped(text, start, end) for start, end in _cut(text))
    return [piece for start, end in sentences if start < end for piece in _shortened(text, start, end, limit)]


def _cut(text: str) -> Iterator[Range]:
    start = 0
    for position in _outside(text):
        if _ends_sentence(text, position) and position + 1 > start:
            yield start, position + 1
            start = position + 1
    yield start, len(text)


def _ends_sentence(text: str, position: int) -> bool:
    """Whether a cut belongs after this character, which stands outside all brackets."""
    following = text[position + 1 : position + 2]
    if text[position] in _ENDS:
        return following not in tuple(_ENDS) and _NOTE.match(text, position + 1) is None
    return text[position] in ")）" and _closes_note(text, position)


def _closes_note(text: str, position: int) -> bool:
    """Whether the bracket that closes here was opened right after the end of a sentence."""
    depth = 0
    for place in range(position, -1, -1):
        depth += (text[place] in _PAIRS.values()) - (text[place] in _PAIRS)
        if depth == 0:
            before = text[:place].rstrip()
            return before.endswith(tuple(_ENDS)) and _NOTE.match(text, place) is not None
    return False


def _outside(text: str) -> Iterator[int]:
    """Positions outside all brackets, a bracket that closes the outermost pair among them.

    A bracket that never closes is read as plain text, so that one slip of a writer does not glue a page together.
    """
    position = 0
    while position < len(text):
        end = _closing(text, position) if text[position] in _PAIRS else None
        position = position if end is None else end
        yield position
        position += 1


def _closing(text: str, start: int) -> int | None:
    waiting: list[str] = []
    for position in range(start, len(text)):
        character = text[position]
        if character in _PAIRS:
            waiting.append(_PAIRS[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
            if not waiting:
                return position
    return None


def _stripped(text: str, start: int, end: int) -> Range:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _shortened(text: str, start: int, end: int, limit: int) -> Iterator[Range]:
    while end - start > limit:
        window = text[start:end]
        commas = [place + 1 for place in _outside(window) if window[place] in _SOFT_ENDS and place < limit]
        cut = start + (commas[-1] if commas else limit)
        yield _stripped(text, start, cut)
        start, end = _stripped(text, cut, end)
    yield start, end
