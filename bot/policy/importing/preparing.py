"""From the lines of a document to those of its policy: cut apart, put together, freed of what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.policy.importing.doubts import Doubt, shown
from bot.policy.importing.flattened import flattened_lines
from bot.policy.importing.lines import Document, Line, Range
from bot.policy.importing.markers import markers_at
from bot.policy.importing.navigation import frame_of
from bot.policy.importing.omissions import words_for
from bot.policy.importing.titles import is_document_title, is_marked_title, is_sentence, mark_of
from bot.policy.importing.wrapping import goes_on, margin_of


@dataclass(frozen=True)
class Prepared:
    """The lines of the policy, which of them is its title, and the ranges that are no policy."""

    lines: tuple[Line, ...]
    title: int | None
    omitted: tuple[Range, ...]
    doubts: tuple[Doubt, ...]


def prepare(document: Document) -> Prepared:
    """Cuts flattened lines, joins wrapped ones, finds the title and what is navigation or footer."""
    text = document.text
    lines = _joined([piece for line in document.lines for piece in _pieces(line, text)], text)
    title = _title_of(lines, text)
    frame = frame_of(lines, text, title) - {title}
    if len(frame) + (title is not None) == len(lines):
        frame = set()  # a page of nothing but links is whatever it is, but not an empty policy
    ranges = _ranges(lines, frame)
    _, unsayable = words_for(text, ranges)
    omitted = [chosen for chosen in ranges if chosen not in unsayable]
    kept = [place for place, line in enumerate(lines) if not _is_within(line, omitted)]
    return Prepared(
        tuple(lines[place] for place in kept),
        None if title is None else kept.index(title),
        tuple(omitted),
        (*_notes(document), *(_dropped(text, chosen) for chosen in omitted), *_kept(text, unsayable)),
    )


def _notes(document: Document) -> list[Doubt]:
    return [Doubt("reading", note) for note in document.notes]


def _dropped(text: str, chosen: Range) -> Doubt:
    start, end = chosen
    return Doubt("navigation", f"dropped as navigation ({end - start} characters): {shown(text, start, end)}", start)


def _kept(text: str, unsayable: Sequence[Range]) -> list[Doubt]:
    what = "looks like navigation, kept since the same words stand before it:"
    return [Doubt("navigation", f"{what} {shown(text, *chosen)}", chosen[0]) for chosen in unsayable]


def _pieces(line: Line, text: str) -> list[Line]:
    if line.hint not in {"", "paragraph"}:
        return [line]
    ranges = flattened_lines(text, line.start, line.end)
    if len(ranges) == 1:
        return [line]
    return [replace(line, start=start, end=end, is_flat=True) for start, end in ranges]


def _joined(lines: list[Line], text: str) -> list[Line]:
    """Lines that a full margin parted are one again; a document of long lines has none."""
    margin = margin_of([text[line.start : line.end] for line in lines if not line.hint])
    if margin is None:
        return lines
    joined: list[Line] = []
    for line in lines:
        if joined and _goes_on(joined[-1], line, text, margin):
            joined[-1] = replace(joined[-1], end=line.end)
        else:
            joined.append(line)
    return joined


def _goes_on(before: Line, line: Line, text: str, margin: int) -> bool:
    if before.hint or line.hint or text[before.end : line.start].count("\n") > 1:
        return False
    latest = text[before.start : before.end].splitlines()[-1]
    return goes_on(latest, text[line.start : line.end], margin)


def _title_of(lines: Sequence[Line], text: str) -> int | None:
    """The page's heading of level 1, or the last short line above the text that can be a policy's name."""
    headings = [place for place, line in enumerate(lines) if line.hint == "heading" and not line.is_frame]
    named = [place for place in headings if _names_document(lines[place], text)]
    first = [place for place in (named[:1] or headings[:1]) if lines[place].level == 1 or headings[0] == place]
    if first and (named or lines[first[0]].level == 1):
        return first[0]
    candidates: list[int] = []
    for place, line in enumerate(lines):
        words = text[line.start : line.end]
        if mark_of(words) and is_marked_title(words):
            return place
        if is_sentence(words) or markers_at(text, line.start, line.end) or mark_of(words):
            break
        if line.hint not in {"item", "cell", "header"} and is_document_title(words) and not line.is_frame:
            candidates.append(place)
    return candidates[-1] if candidates else None


def _names_document(line: Line, text: str) -> bool:
    is_numbered = bool(markers_at(text, line.start, line.end))
    return is_document_title(text[line.start : line.end]) and not is_numbered


def _ranges(lines: Sequence[Line], frame: set[int]) -> list[Range]:
    """The ranges of lines that stand together."""
    ranges: list[Range] = []
    for place in sorted(frame):
        start, end = lines[place].start, lines[place].end
        if ranges and place - 1 in frame:
            ranges[-1] = ranges[-1][0], end
        else:
            ranges.append((start, end))
    return ranges


def _is_within(line: Line, ranges: Sequence[Range]) -> bool:
    return any(start <= line.start and line.end <= end for start, end in ranges)
