"""Printed numbers: which numbering style a text begins with, and which place in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_KANJI = "一二三四五六七八九十"
_GOJUON = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナ"
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_MOST = 60
# After a reference to an article a particle or another number goes on with the sentence.
_REFERENCE = (
    r"(?!\s*(?:[にのでをとへはがも、，。・)）」]|及|又|第|各|から|まで|以[上下降]|ないし|乃至|並び|または|および"
    r"|規定|所定))"
)


@dataclass(frozen=True)
class Marker:
    """A number as it is printed: its style, its value, and its range with the white space after it."""

    style: str
    value: int
    start: int
    end: int


def _number(digits: str) -> int:
    return int(unicodedata.normalize("NFKC", digits))


def _kanji(digits: str) -> int:
    """The value of a number up to 99 in Chinese digits."""
    tens, ten, ones = digits.rpartition("十")
    if not ten:
        return _KANJI.index(digits) + 1 if len(digits) == 1 else 0
    return 10 * (_KANJI.index(tens) + 1 if tens else 1) + (_KANJI.index(ones) + 1 if ones else 0)


def _ordinal(digits: str) -> int:
    return _kanji(digits) if digits[0] in _KANJI else _number(digits)


def _roman(letters: str) -> int:
    folded = unicodedata.normalize("NFKC", letters).upper()
    return _ROMAN.index(folded) + 1 if folded in _ROMAN else 0


def _letter(letter: str) -> int:
    return ord(unicodedata.normalize("NFKC", letter).lower()) - ord("a") + 1


def _gojuon(kana: str) -> int:
    return _GOJUON.find(unicodedata.normalize("NFKC", kana)) + 1


def _iroha(kana: str) -> int:
    return _IROHA.find(unicodedata.normalize("NFKC", kana)) + 1


def _circled(character: str) -> int:
    return int(unicodedata.numeric(character))


def _last(digits: str) -> int:
    return _number(re.split(r"[.．\-－‐]", digits)[-1])


@dataclass(frozen=True)
class _Style:
    """One way to print numbers. `loose` ones are too common inside sentences to be looked for there."""

    name: str
    pattern: re.Pattern[str]
    value: Callable[[str], int]
    loose: bool = False


def _style(name: str, pattern: str, value: Callable[[str], int], *, loose: bool = False) -> _Style:
    return _Style(name, re.compile(rf"{pattern}\s*"), value, loose)


_D = "[0-9０-９]"
_STYLES = (
    _style("【1】", rf"【\s*({_D}{{1,2}}|[{_KANJI}]{{1,3}})\s*】", _ordinal),
    *(
        _style(f"第1{unit}", rf"第\s*({_D}{{1,2}}|[{_KANJI}]{{1,3}})\s*{unit}{_REFERENCE}", _ordinal)
        for unit in ("編", "章", "節", "条", "項")
    ),
    _style("1.1.1", rf"({_D}{{1,2}}(?:[.．]{_D}{{1,2}}){{2}})(?:[.．、]|(?=\s))(?!{_D})", _last),
    _style("1.1", rf"({_D}{{1,2}}[.．]{_D}{{1,2}})(?:[.．、](?!{_D})|(?=\s+[^\s\d]))", _last),
    _style("1-1", rf"({_D}{{1,2}}[\-－‐]{_D}{{1,2}})(?:[.．、](?!{_D})|(?=\s+[^\s\d]))", _last, loose=True),
    _style("1.", rf"({_D}{{1,2}})\s?[.．](?!{_D})", _number),
    _style("1、", rf"({_D}{{1,2}})[、,](?!{_D})", _number, loose=True),
    _style("1:", rf"({_D}{{1,2}})[:：](?!{_D})", _number, loose=True),
    _style("1)", rf"({_D}{{1,2}})\s?[)）]", _number),
    _style("1 ", rf"({_D}{{1,2}})(?=\s+[^\s\d０-９%％])", _number, loose=True),
    _style("(1)", rf"[(（]\s*({_D}{{1,2}})\s*[)）]", _number),
    _style("(一)", rf"[(（]\s*([{_KANJI}]{{1,3}})\s*[)）]", _kanji),
    _style("(a)", r"[(（]\s*([a-zA-Zａ-ｚＡ-Ｚ])\s*[)）]", _letter),
    _style("(ア)", r"[(（]\s*([ア-ワｱ-ﾜ])\s*[)）]", _gojuon),
    _style("(イ)", r"[(（]\s*([ア-ワｱ-ﾜ])\s*[)）]", _iroha),
    _style("①", r"([①-⑳])", _circled),
    _style("❶", r"([❶-❿])", _circled),
    _style("一、", rf"([{_KANJI}]{{1,3}})\s?[.．、:：]", _kanji),
    _style("一 ", rf"([{_KANJI}]{{1,3}})(?=\s+[^\s])", _kanji, loose=True),
    _style("Ⅰ", r"([Ⅰ-Ⅻ])(?:\s?[.．、:：)）])?", _roman),
    _style("I.", r"([IVX]{1,4})\s?[.．](?![A-Za-z0-9])", _roman),
    _style("A.", r"([A-ZＡ-Ｚ])[.．)）](?![A-Za-z0-9])", _letter),
    _style("a.", r"([a-zａ-ｚ])[.．)）](?![A-Za-z0-9])", _letter),
    _style("ア.", r"([ア-ワｱ-ﾜ])[.．)）、]", _gojuon),
    _style("ア ", r"([ア-ワｱ-ﾜ])(?=\s)", _gojuon, loose=True),
    _style("イ.", r"([ア-ワｱ-ﾜ])[.．)）、]", _iroha),
)
# What a number cannot follow directly: then it is part of a word, a date, an address, a price.
_GLUED = re.compile(r"[(（「『【0-9０-９A-Za-zＡ-Ｚａ-ｚ@＠./／\-－―～~第年月日約、，,¥￥ア-ヶー一二三四五六七八九十]")
# Nor after a particle: then it counts something inside a sentence.
_PARTICLE = "はがをにでとへ"
_BOUNDARIES = "。！？!?）)」』】：:"


def markers_at(text: str, start: int, end: int, *, inside: bool = False) -> tuple[Marker, ...]:
    """Every reading of the number that begins at `start`, the likeliest first; none when there is no number.

    Args:
        text: the text of the document.
        start: where the number would begin.
        end: where the line ends.
        inside: whether this is the inside of a longer line, where only unmistakable styles are looked for.
    """
    found = []
    for style in _STYLES:
        if inside and style.loose:
            continue
        match = style.pattern.match(text, start, end)
        value = style.value(match[1]) if match else 0
        if match and 0 < value <= _MOST:
            found.append(Marker(style.name, value, start, match.end()))
    return tuple(found)


def places_inside(text: str, start: int, end: int) -> Iterator[tuple[Marker, ...]]:
    """The numbers inside a line that could begin a part of it: not in words, dates or quotation marks."""
    position = start
    while position < end:
        found = markers_at(text, position, end, inside=True) if _is_beginning(text, start, position) else ()
        if found:
            yield found
        position = found[0].end if found else position + 1


def _is_beginning(text: str, start: int, position: int) -> bool:
    if text[position].isspace():
        return False
    before = text[position - 1] if position > start else " "
    return before.isspace() or before in _BOUNDARIES or (_GLUED.match(before) is None and before not in _PARTICLE)
