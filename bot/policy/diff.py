"""What changed between two versions of a policy: section by section, with the sentences that differ.

Numbers shift when a section is put in between, so a label alone does not say which two sections belong together.
Sections of the same words are paired first; what is left is paired by likeness of text, helped by heading and label.
White space and compatibility forms do not count as changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal

from bot.policy.folding import folded
from bot.policy.labels import read_heading
from bot.policy.model import Policy, Section

ChangeKind = Literal["added", "removed", "changed", "moved"]
# Two sections are one when their texts are this much alike. The same heading or the same label lowers the bar, both
# together nearly to the floor: a section that was written anew under its old name has changed.
ALIKE = 0.6
SAME_HEADING = 0.3
SAME_LABEL = 0.2


@dataclass(frozen=True)
class SentenceChange:
    """Sentences that were replaced, side by side; without `old` they are new, without `new` they are gone."""

    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class SectionChange:
    """One section that is not as it was.

    Attributes:
        kind: `moved` is one that says the same under another label; one that `changed` may have moved too.
        old: the section of the old version; None when it was added.
        new: that of the new version; None when it was removed.
        changes: what its heading and sentences say differently; of a section that came or went all its sentences.
    """

    kind: ChangeKind
    old: Section | None
    new: Section | None
    changes: tuple[SentenceChange, ...] = ()


@dataclass(frozen=True)
class PolicyDiff:
    """Every difference, in the order of the new version; a removed section stands where it was."""

    old: Policy
    new: Policy
    sections: tuple[SectionChange, ...]
    unchanged: int

    def count(self, kind: ChangeKind) -> int:
        """How many sections are of this kind."""
        return sum(change.kind == kind for change in self.sections)


@dataclass(frozen=True)
class _Unit:
    """A section with what it is compared by: its own heading without number, and its sentences."""

    place: int
    section: Section
    heading: str

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        return tuple(sentence.text for passage in self.section.passages for sentence in passage.sentences)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """What a person compares: the heading, when it has words, and every sentence."""
        return (*([self.heading] if self.heading else []), *self.sentences)

    @cached_property
    def content(self) -> tuple[str, ...]:
        return tuple(folded(line) for line in self.lines)

    @cached_property
    def text(self) -> str:
        return "".join(self.content)


Pair = tuple[_Unit, _Unit]


def compare(old: Policy, new: Policy) -> PolicyDiff:
    """What the new version says differently from the old one."""
    before, after = _units(old), _units(new)
    pairs = [*_same_words(before, after)]
    pairs += _alike(_unpaired(before, pairs, 0), _unpaired(after, pairs, 1))
    changes = tuple(_in_order(after, pairs, _unpaired(before, pairs, 0)))
    differing = sum(change.kind in ("changed", "moved") for change in changes)
    return PolicyDiff(old, new, changes, unchanged=len(pairs) - differing)


def _in_order(after: Sequence[_Unit], pairs: Sequence[Pair], removed: Sequence[_Unit]) -> Iterator[SectionChange]:
    """The differences in the order of the new version, each removed section before the one it stood before."""
    partners = {new.place: old for old, new in pairs}
    reached = -1
    for unit in after:
        old = partners.get(unit.place)
        if old is None:
            yield SectionChange("added", None, unit.section, _whole(new=unit))
            continue
        yield from (_removed(gone) for gone in removed if reached < gone.place < old.place)
        reached = max(reached, old.place)
        yield from _differences(old, unit)
    yield from (_removed(gone) for gone in removed if gone.place > reached)


def _units(policy: Policy) -> list[_Unit]:
    headings = {
        block.section: read_heading(policy.text[block.start : block.end]).words
        for block in policy.blocks
        if block.kind == "heading"
    }
    return [_Unit(n, section, headings.get(section.label, "")) for n, section in enumerate(policy.sections)]


def _unpaired(units: Sequence[_Unit], pairs: Sequence[Pair], side: Literal[0, 1]) -> list[_Unit]:
    paired = {pair[side].place for pair in pairs}
    return [unit for unit in units if unit.place not in paired]


def _same_words(before: Sequence[_Unit], after: Sequence[_Unit]) -> Iterator[Pair]:
    """Sections that say the same: under the same label first, the rest in the order of the text."""
    waiting: dict[tuple[str, ...], list[_Unit]] = defaultdict(list)
    for unit in before:
        waiting[unit.content].append(unit)
    moved: list[_Unit] = []
    for unit in after:
        same = next((old for old in waiting[unit.content] if old.section.label == unit.section.label), None)
        if same is None:
            moved.append(unit)
        else:
            waiting[unit.content].remove(same)
            yield same, unit
    for unit in moved:
        if waiting[unit.content]:
            yield waiting[unit.content].pop(0), unit


def _alike(before: Sequence[_Unit], after: Sequence[_Unit]) -> list[Pair]:
    """Sections that were rewritten, the likest first; each is paired once."""
    scored = [(score, old, new) for old in before for new in after if (score := _likeness(old, new)) >= ALIKE]
    scored.sort(key=lambda found: (-found[0], abs(found[1].place - found[2].place), found[1].place))
    pairs: list[Pair] = []
    for _, old, new in scored:
        if not any(old is one or new is other for one, other in pairs):
            pairs.append((old, new))
    return pairs


def _likeness(old: _Unit, new: _Unit) -> float:
    same_heading = bool(old.heading) and folded(old.heading) == folded(new.heading)
    known = SAME_HEADING * same_heading + SAME_LABEL * (old.section.label == new.section.label)
    matcher = SequenceMatcher(None, old.text, new.text, autojunk=False)
    # The two quick ratios are upper bounds: most pairs are strangers, and the exact one is slow.
    if known + matcher.real_quick_ratio() < ALIKE or known + matcher.quick_ratio() < ALIKE:
        return 0.0
    return known + matcher.ratio()


def _differences(old: _Unit, new: _Unit) -> Iterator[SectionChange]:
    """How a paired section differs; nothing when it is as it was."""
    changes = tuple(_sentence_changes(old, new))
    if changes:
        yield SectionChange("changed", old.section, new.section, changes)
    elif old.section.label != new.section.label:
        yield SectionChange("moved", old.section, new.section)


def _removed(old: _Unit) -> SectionChange:
    return SectionChange("removed", old.section, None, _whole(old=old))


def _whole(*, old: _Unit | None = None, new: _Unit | None = None) -> tuple[SentenceChange, ...]:
    """Every sentence of a section that came or went; its heading is told by the section itself."""
    change = SentenceChange(old.sentences if old else (), new.sentences if new else ())
    return (change,) if change.old or change.new else ()


def _sentence_changes(old: _Unit, new: _Unit) -> Iterator[SentenceChange]:
    matcher = SequenceMatcher(None, old.content, new.content, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            yield SentenceChange(old.lines[i1:i2], new.lines[j1:j2])
