"""Which lines are headings, of which level, and which numbers only count the items of a list."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from bot.policy.importing.doubts import Doubt, shown
from bot.policy.importing.lines import Line
from bot.policy.importing.markers import markers_at
from bot.policy.importing.numbering import Numbering, Place
from bot.policy.importing.titles import (
    framed_length,
    is_plain_title,
    is_sentence,
    is_term,
    mark_of,
    title_length,
)

_DEEPEST = 6
_SENTENCES_SHARE = 0.5
_SECTION_LENGTH = 50
_BULLET = re.compile(r"[・•‣·*＊※]|[-‐–—−](?=\s*[^\s\d\-])")


@dataclass
class Entry:
    """A line with what it was found to be.

    `path` names the runs it stands in when it begins a part, from the outermost to its own; it is empty for text.
    `body` is where the text after the number or mark begins, `title_end` where its heading ends.
    """

    line: Line
    path: tuple[int, ...] = ()
    style: str = ""
    body: int = 0
    title_end: int = 0
    is_section: bool = False
    level: int = 0


@dataclass
class Outline:
    """The entries of a document in order, and what was odd about their numbers."""

    entries: list[Entry] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def outline_of(lines: Sequence[Line], text: str, title: int | None, breaks: set[int]) -> Outline:
    """Every line as heading, list item or text.

    Args:
        lines: of the policy.
        text: of the document.
        title: the place of the title among the lines.
        breaks: starts of the lines before which something was left out; numbering does not go on over them.
    """
    outline = Outline()
    numbering = Numbering()
    for place, line in enumerate(lines):
        if line.start in breaks:
            numbering.close()
        if place == title:
            outline.entries.append(Entry(line, style="title"))
            continue
        entry = _read(lines, place, text, numbering, outline.doubts)
        is_after_break = line.start in breaks
        if outline.entries and not is_after_break and _belongs_to(outline.entries[-1], entry, text):
            outline.entries[-1].line = replace(outline.entries[-1].line, end=line.end)
        else:
            outline.entries.append(entry)
    _decide(outline, text)
    return outline


def _belongs_to(before: Entry, entry: Entry, text: str) -> bool:
    """Whether a flattened line only continues the item before it, which a space in its words had cut."""
    is_item = bool(before.path) and before.body == before.title_end and before.line.end > before.body
    if not is_item or entry.path or not entry.line.is_flat or not before.line.is_flat:
        return False
    words = text[entry.line.start : entry.line.end]
    said = text[before.body : before.line.end]
    return not is_sentence(said) and not is_sentence(words) and not is_term(words) and not _BULLET.match(words)


def _read(lines: Sequence[Line], place: int, text: str, numbering: Numbering, doubts: list[Doubt]) -> Entry:
    line = lines[place]
    if line.hint == "heading":
        return _headed(line, text, numbering, doubts)
    if line.hint not in {"", "paragraph"}:
        return Entry(line)
    readings = markers_at(text, line.start, line.end)
    placed = numbering.place(readings, is_strict=line.is_flat) if readings else None
    if placed is not None:
        return _numbered(line, text, placed, doubts)
    words = text[line.start : line.end]
    mark = "" if _BULLET.match(words) else mark_of(words)
    if mark:
        return _marked(line, text, mark, numbering)
    if _heads(lines, place, text):
        return Entry(line, numbering.enter("plain"), "plain", line.start, line.end)
    return Entry(line)


def _headed(line: Line, text: str, numbering: Numbering, doubts: list[Doubt]) -> Entry:
    path, fault = numbering.head(line.level, markers_at(text, line.start, line.end))
    if fault:
        doubts.append(Doubt("numbering", f"{fault}: {shown(text, line.start, line.end)}", line.start))
    return Entry(line, path, "h", line.start, line.end)


def _numbered(line: Line, text: str, placed: Place, doubts: list[Doubt]) -> Entry:
    marker = placed.marker
    if placed.fault:
        doubts.append(Doubt("numbering", f"{placed.fault}: {shown(text, line.start, line.end)}", line.start))
    length, is_guess = title_length(text[marker.end : line.end], is_article=marker.style.startswith("第"))
    if is_guess:
        cut = shown(text, line.start, marker.end + length)
        doubts.append(Doubt("heading", f"cut heading guessed: {cut}", line.start))
    return Entry(line, placed.path, marker.style, marker.end, marker.end + length)


def _marked(line: Line, text: str, mark: str, numbering: Numbering) -> Entry:
    words = text[line.start : line.end]
    length = framed_length(words)
    if not length:
        length, _ = title_length(words[1:], is_article=False)
        length += length > 0
    if not length:
        return Entry(line)
    return Entry(line, numbering.enter(mark), mark, line.start, line.start + length)


def _heads(lines: Sequence[Line], place: int, text: str) -> bool:
    """Whether a line that nothing marks is the heading of what follows: a title by its words, text below it."""
    line = lines[place]
    words = text[line.start : line.end]
    if not is_plain_title(words) or is_term(words) or _BULLET.match(words) or place + 1 >= len(lines):
        return False
    before = text[lines[place - 1].start : lines[place - 1].end] if place else "。"
    after = lines[place + 1]
    if line.is_flat or line.hint:
        return is_sentence(before) and is_sentence(text[after.start : after.end])
    is_apart = place == 0 or text[lines[place - 1].end : line.start].count("\n") > 1
    below = text[after.start : after.end]
    return (is_apart or is_sentence(before)) and (is_sentence(below) or bool(_BULLET.match(below)) or is_apart)


def _decide(outline: Outline, text: str) -> None:
    """Tells runs of headings from lists, and gives every heading its level."""
    runs: dict[int, list[int]] = defaultdict(list)
    for place, entry in enumerate(outline.entries):
        if entry.path:
            runs[entry.path[-1]].append(place)
    _lift(outline.entries, runs)
    sections = {run for run, places in runs.items() if _is_run_of_sections(outline.entries, places, text)}
    for entry in outline.entries:
        if entry.path:
            above = sum(run in sections for run in entry.path[:-1])
            entry.is_section = entry.path[-1] in sections
            entry.level = min(2 + above, _DEEPEST) if entry.is_section else len(entry.path) - above


def _lift(entries: Sequence[Entry], runs: dict[int, list[int]]) -> None:
    """Unmarked headings that only come after the last of the outermost numbers stand beside those, not below."""
    for run, places in runs.items():
        entry = entries[places[0]]
        outermost = runs[entry.path[0]]
        if entry.style == "plain" and len(entry.path) > 1 and len(outermost) > 1 and places[0] > outermost[-1]:
            for below in entries[places[0] :]:
                if run in below.path:
                    below.path = below.path[below.path.index(run) :]


def _is_run_of_sections(entries: Sequence[Entry], places: Sequence[int], text: str) -> bool:
    own = [entries[place] for place in places]
    if own[0].style in {"h", "plain"} or mark_of(text[own[0].line.start :][:60]) in set("【〔〈《＜<"):
        return True
    if len(own) == 1:
        return _stands_alone(entries, places[0])
    if any(following > place + 1 for place, following in pairwise(places)):
        return True
    if sum(entry.body < entry.title_end < entry.line.end for entry in own) * 2 >= len(own):
        return True
    said = sum(is_sentence(text[entry.body : entry.line.end]) for entry in own)
    length = sum(entry.line.end - entry.body for entry in own) / len(own)
    return said >= _SENTENCES_SHARE * len(own) and length >= _SECTION_LENGTH


def _stands_alone(entries: Sequence[Entry], place: int) -> bool:
    """Whether the only entry of a run is a heading: it has a title, and text below it or beside it."""
    entry = entries[place]
    if entry.title_end <= entry.body and entry.style in {"1.", "(1)", "①", "1)"}:
        return False
    below = entries[place + 1] if place + 1 < len(entries) else None
    return entry.title_end < entry.line.end or (below is not None and len(below.path) != 1)
