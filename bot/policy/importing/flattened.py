"""A page that was flattened into one line, cut into the lines it may have had.

A cut in the wrong place costs little, since what turns out to be running text is put together again; so only the
places are looked for where a line end is likely: after a sentence, before a number that counts on, before a bullet,
and at a space between Japanese words, where no writer puts one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from bot.policy.importing.lines import Range, stripped
from bot.policy.importing.markers import places_inside
from bot.policy.importing.navigation import is_anchor
from bot.policy.importing.numbering import Numbering
from bot.policy.importing.titles import is_known, is_term

# A line of a page that has others is cut when there is much in it; the only line of a page is.
_SHORTEST = 120
_FEWEST_CUTS = 5
_FEWEST_NUMBERS = 2
_LONGEST_QUOTE = 300
_OPENING = "「『（(【〔［["
_CLOSING = "」』）)】〕］]"
_SPACE = re.compile(r"\s+")
_JAPANESE = r"[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\uff10-\uff9f々〆（）「」『』【】〔〕［］＆※⾧]"
_BULLET = re.compile(r"[・●■◆◇□▼▽○◎★☆※【]")
_ENDS = re.compile(r"[。！？]$")
# A sentence goes on over the space: what follows is a particle, or what stands before waits for more.
_GOES_ON = re.compile(
    r"(?:[をにはがのともへでや、。]|から|まで|など|等[をにはがの]|及び|および|又は|または|並びに|制定|改[定訂]|施行)(?![ァ-ヶ])"
)
_WAITS = re.compile(r"(?<!こ)(?<!も)(?:[をにはがのとへ、，:：]|及び|および|又は|または|並びに|その他)$|[^もと]の$")
_LATIN_END = re.compile(r"(?:[\w.+-]+@[\w.-]+|https?://\S+|\d{2,5}-\d{1,4}-\d{3,4})$")
_WORDS_OF_FOOT = re.compile(r"(?i:copyright|©|all rights)")
_KEY = re.compile(r"[^\s\x00-\x7f：。、「」（）][^\s:：。、「」（）]{0,11}[:：]")
# Spaces inside the name of a person: 代表取締役 姓 名.
_NAMES = re.compile(r"(?:代表|取締役|[社院理所校]\s?[長⾧]|責任者|管理者)\S{0,6}(?:\s\S{1,4})?$")
_LATIN_GLUED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff、（「][A-Za-z]")
_LATIN_SPACED = re.compile(r"[\u30a0-\u30ff\u4e00-\u9fff]\s+[A-Za-z]")
_NOUN_END = re.compile(r"[ァ-ー\u4e00-\u9fff）)」]$")
_MOSTLY = 2
_FEW_SPACES = 6
_NOTE = re.compile(r"[（(]")
# Marks that need no space before them to begin a line.
_MARKS = re.compile(r"[^\s][■◆▼□◇](?=\w)|[。）」][・●○【](?=\w)")
_OPENING_COMPANY = re.compile(
    r"(?:(?:株式|有限|合同)会社|(?:医療|学校|社会福祉|一般社団|一般財団)法人)[^\s、。（(「]{1,20}[（(]以下[^）)]{1,30}[）)]"
)
_TITLE_BEFORE = re.compile(
    r"(?:プライバシー・?ポリシー|個人(?:情報|データ)(?:保護方針|の(?:お?取り?扱い)(?:について|方針)?))"
    r"(?:[（(][^（）()]{1,20}[）)])?\s*$"
)
_LISTED = re.compile(r"(?:ため|こと|場合|とき|もの)[。)）]?$")


def flattened_lines(text: str, start: int, end: int) -> list[Range]:
    """The ranges a line is cut into; itself when it is not one that was flattened."""
    is_only = not text[:start].strip() and not text[end:].strip()
    if end - start < _SHORTEST and not is_only:
        return [(start, end)]
    quoted = _quoted_places(text, start, end)
    numbered = set(_numbered_places(text, start, end, quoted))
    spaces = set(_spaces(text, start, end, numbered)) - quoted
    marked = {found.end() - 1 for found in _MARKS.finditer(text, start, end)} - quoted
    cuts = sorted(numbered | spaces | marked | _title_places(text, start, end))
    if len(cuts) < _FEWEST_CUTS and not (is_only and len(numbered) >= _FEWEST_NUMBERS):
        return [(start, end)]
    edges = [start, *cuts, end]
    pieces = (stripped(text, first, last) for first, last in pairwise(edges))
    return [(first, last) for first, last in pieces if first < last]


def _title_places(text: str, start: int, end: int) -> set[int]:
    """Where the first sentence begins, when the company opens it, and where the title before it begins."""
    opening = _OPENING_COMPANY.search(text, start, end)
    if opening is None:
        return set()
    title = _TITLE_BEFORE.search(text, start, opening.start())
    return {opening.start(), *([title.start()] if title else [])} - {start}


def _numbered_places(text: str, start: int, end: int, quoted: set[int]) -> Iterator[int]:
    """Where a number begins that counts on; a first one counts when a second follows it."""
    numbering = Numbering()
    readings = [found for found in places_inside(text, start, end) if found[0].start not in quoted]
    values = [{(marker.style, marker.value) for marker in found} for found in readings]
    for place, found in enumerate(readings):
        later = set().union(*values[place + 1 :]) if any(marker.value == 1 for marker in found) else set()
        usable = [marker for marker in found if marker.value > 1 or (marker.style, 2) in later]
        if usable and numbering.place(usable, is_strict=True) is not None:
            yield found[0].start


def _quoted_places(text: str, start: int, end: int) -> set[int]:
    """The places between brackets that close again soon."""
    quoted: set[int] = set()
    opened: list[int] = []
    for position in range(start, end):
        if text[position] in _OPENING:
            opened.append(position)
        elif text[position] in _CLOSING and opened:
            first = opened.pop()
            if position - first <= _LONGEST_QUOTE:
                quoted.update(range(first + 1, position))
    return quoted


def _spaces(text: str, start: int, end: int, numbered: set[int]) -> Iterator[int]:
    latest = start
    latin_is_glued = _is_latin_glued(text, start, end)
    for space in _SPACE.finditer(text, start, end):
        before, after = text[latest : space.start()], text[space.end() : end]
        if not before or not after or _follows_number(text, latest, space.end(), numbered | {start}):
            continue
        if _is_line_end(before, after[:40], latin_is_glued=latin_is_glued):
            yield space.end()
            latest = space.end()


def _follows_number(text: str, latest: int, position: int, numbered: set[int]) -> bool:
    """Whether nothing but a number stands between the last cut and this place."""
    begun = max((place for place in numbered if place < position), default=latest)
    return not re.search(r"[^\s\d０-９.．、:：()（）第条章節項【】①-⑳Ⅰ-Ⅻ一二三四五六七八九十]", text[begun:position])


def _is_line_end(before: str, after: str, *, latin_is_glued: bool) -> bool:
    """Whether a line ended at the space between two texts.

    Args:
        before: what stands before the space, from the last cut on.
        after: what stands after it.
        latin_is_glued: whether this writer puts no space before Latin words in a sentence.
    """
    if _ENDS.search(before):
        return _NOTE.match(after) is None
    if _BULLET.match(after) or _WORDS_OF_FOOT.match(after) or is_anchor(before):
        return True
    if _GOES_ON.match(after) or _WAITS.search(before):
        return False
    if _KEY.match(after):
        return True
    return not _NAMES.search(before) and _parts_words(before, after, latin_is_glued=latin_is_glued)


def _parts_words(before: str, after: str, *, latin_is_glued: bool) -> bool:
    """Whether no writer would put a space between these words inside a sentence."""
    if not re.search(rf"{_JAPANESE}$", before) and not _LATIN_END.search(before):
        return False
    if re.match(_JAPANESE, after):
        return _NOTE.match(after) is None
    is_list = _LISTED.search(before) is not None or is_term(before) or is_known(before)
    return re.match(r"\w", after) is not None and (is_list or (latin_is_glued and _NOUN_END.search(before) is not None))


def _is_latin_glued(text: str, start: int, end: int) -> bool:
    """Whether Latin words mostly follow Japanese ones without a space, in sentences that hold few spaces at all."""
    sentences = [said for said in text[start:end].split("。") if len(_SPACE.findall(said)) <= _FEW_SPACES]
    glued = sum(len(_LATIN_GLUED.findall(said)) for said in sentences)
    spaced = sum(len(_LATIN_SPACED.findall(said)) for said in sentences)
    return glued > _MOSTLY * spaced
