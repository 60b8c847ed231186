"""What stands around a policy on its page: menus above the title, links and copyright below the text.

Nothing that reads like a sentence is ever taken for it, and whatever is taken is reported.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.policy.importing.lines import Line
from bot.policy.importing.titles import folded, is_document_title, is_plain_title, is_sentence, mark_of
from bot.policy.importing.vocabulary import menu_separators, navigation_words

_FEWEST_WORDS = 3
_KNOWN_SHARE = 0.4
_LONGEST_WORD = 25
_FACTS = re.compile(r"[:：@]|\d{2,}|法人|会社|[年月日]")


def frame_of(lines: Sequence[Line], text: str, title: int | None) -> set[int]:
    """Which lines are navigation or footer, by their places.

    Args:
        lines: of the document.
        text: of the document.
        title: the place of the line that is the policy's title, when there is one.
    """
    marked = {place for place, line in enumerate(lines) if line.is_frame and not _is_said(line, text)}
    links = {place for place, line in enumerate(lines) if _is_free(line) and is_anchor(_words(line, text))}
    return marked | links | _head(lines, text, title) | _foot(lines, text)


def is_anchor(words: str) -> bool:
    """Whether a line only leads back to the head of the page, or is a copyright."""
    return not is_sentence(words) and navigation_words("anchors").fullmatch(folded(words)) is not None


def is_menu(words: str) -> bool:
    """Whether a line is several links side by side, of which many are words of menus."""
    if is_sentence(words):
        return False
    links = [link for link in menu_separators().split(folded(words)) if link]
    known = sum(navigation_words("words").fullmatch(link) is not None for link in links)
    if any(len(link) > _LONGEST_WORD for link in links):
        return False
    return len(links) >= _FEWEST_WORDS and (known >= _KNOWN_SHARE * len(links) or _is_trail(words, links, known))


def _is_trail(words: str, links: list[str], known: int) -> bool:
    """Breadcrumbs: ホーム > 会社情報 > …, or links parted by bars."""
    return bool(re.search(r"[>＞›»|｜]", words)) and (known > 0 or len(links) > _FEWEST_WORDS)


def _words(line: Line, text: str) -> str:
    return text[line.start : line.end]


def _is_free(line: Line) -> bool:
    """Whether the markup does not say that a line is a heading or a fact of a table."""
    return line.hint in {"", "paragraph", "item"}


def _is_said(line: Line, text: str) -> bool:
    """A sentence, or a fact of the kind that contacts and dates are; never navigation on its own."""
    words = _words(line, text)
    return is_sentence(words) and not is_anchor(words)


def _is_link(line: Line, text: str) -> bool:
    words = _words(line, text)
    return navigation_words("words").fullmatch(folded(words)) is not None or is_menu(words) or _is_crumb(words)


def _is_crumb(words: str) -> bool:
    crumbs = [crumb for crumb in re.split(r"\s*[>＞›»]\s*", folded(words)) if crumb]
    return len(crumbs) > 1 and navigation_words("words").fullmatch(crumbs[0]) is not None


def _head(lines: Sequence[Line], text: str, title: int | None) -> set[int]:
    """Everything above the title, when it is many short lines or holds a menu; else only what is a menu."""
    above = range(title if title is not None else _first_said(lines, text))
    if any(_is_said(lines[place], text) for place in above):
        above = range(next(place for place in above if _is_said(lines[place], text)))
    menus = {place for place in above if _is_free(lines[place]) and _is_link(lines[place], text)}
    if title is None:
        return _leading(menus)
    unmarked = [place for place in above if _is_free(lines[place])]
    if menus and len(unmarked) >= _FEWEST_WORDS:
        return set(unmarked)
    return menus | {place for place in unmarked if lines[place].is_flat}


def _leading(places: set[int]) -> set[int]:
    """The places from the first line on without a gap."""
    return {place for place in places if all(before in places for before in range(place))}


def _first_said(lines: Sequence[Line], text: str) -> int:
    return next((place for place, line in enumerate(lines) if _is_said(line, text)), len(lines))


def _foot(lines: Sequence[Line], text: str) -> set[int]:
    """From the links below the last sentence to the copyright, and what short words follow that."""
    anchors = [place for place, line in enumerate(lines) if is_anchor(_words(line, text))]
    if not anchors or not _has_said_before(lines, text, anchors[-1]):
        return {place for place in _trailing_links(lines, text) if place > 0}
    last = anchors[-1]
    begins = next(place for place in _tail(lines, text, last) if _begins_foot(lines, text, place))
    return set(range(begins, last + 1)) | _after(lines, text, last)


def _begins_foot(lines: Sequence[Line], text: str, place: int) -> bool:
    """A way back to the head, a menu, or two links in a row: one alone may be the heading of a contact."""
    words = _words(lines[place], text)
    is_pair = place + 1 < len(lines) and all(_is_link(line, text) for line in lines[place : place + 2])
    return is_anchor(words) or is_menu(words) or is_pair


def _tail(lines: Sequence[Line], text: str, last: int) -> list[int]:
    """The places before and at `last` that come after the last sentence."""
    first = next((place + 1 for place in range(last - 1, -1, -1) if _is_said(lines[place], text)), 0)
    return list(range(first, last + 1))


def _has_said_before(lines: Sequence[Line], text: str, place: int) -> bool:
    return any(_is_said(line, text) for line in lines[:place])


def _trailing_links(lines: Sequence[Line], text: str) -> list[int]:
    """Menu lines at the very end of a page that has no copyright."""
    places: list[int] = []
    for place in range(len(lines) - 1, -1, -1):
        if not _is_free(lines[place]) or not is_menu(_words(lines[place], text)):
            break
        places.append(place)
    return places


def _after(lines: Sequence[Line], text: str, last: int) -> set[int]:
    """Short words after the copyright, but for a heading of what is said below them."""
    said = next((place for place in range(last + 1, len(lines)) if _is_said(lines[place], text)), None)
    end = len(lines) if said is None else said
    places = [place for place in range(last + 1, end) if not _FACTS.search(_words(lines[place], text))]
    if said is not None and places and places[-1] == said - 1 and _can_head(_words(lines[said - 1], text)):
        places.pop()
    return set(places)


def _can_head(words: str) -> bool:
    return not is_document_title(words) or is_plain_title(words) or bool(mark_of(words))
