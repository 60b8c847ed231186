"""What the candidate changes: of each entry the fields that are others than now, and the fields that stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal

from bot.console.improving.bench import Bench
from bot.console.improving.sorts import SORTS, Sort
from bot.policy import phrases
from bot.policy.releases.entry_files import Row, places
from bot.policy.releases.snapshot import Files

Way = Literal["added", "changed", "removed"]

WAYS: Mapping[Way, str] = {"added": "追加", "changed": "変更", "removed": "削除"}

FIELDS = {
    "topic": "題名",
    "label": "書かれていないこと",
    "questions": "質問の言い方",
    "quotes": "引用",
    "text": "文",
    "easy": "やさしい日本語",
    "nearest": "近い記載",
    "desk": "窓口",
    "policy": "方針の言葉",
    "members": "会員の言葉",
    "author": "書いた人",
    "policy_version": "方針の版",
}
_BUILT_IN: Mapping[str, Row] = {name: {"id": name, "text": getattr(phrases.BUILT_IN, name)} for name in phrases.TITLES}
# Publishing fills them in.
_SILENT = frozenset({"id", "approved_by", "approved_on"})


@dataclass(frozen=True)
class Edit:
    """One line of a list that is new, or no more."""

    text: str
    is_new: bool


@dataclass(frozen=True)
class Line:
    """One field on both sides, as lines; what is no list has one at the most."""

    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    is_list: bool = False

    @property
    def differs(self) -> bool:
        """Whether it is another."""
        return self.before != self.after

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        """The lines of a list that only one side has, in their order; a line that moved is both."""
        return tuple(
            Edit(text, is_new)
            for way, begin, end, new_begin, new_end in self._steps
            if way != "equal"
            for is_new, texts in ((False, self.before[begin:end]), (True, self.after[new_begin:new_end]))
            for text in texts
        )

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """The lines that both sides have, in the same order."""
        return tuple(text for way, begin, end, *_ in self._steps if way == "equal" for text in self.before[begin:end])

    @cached_property
    def _steps(self) -> Sequence[tuple[str, int, int, int, int]]:
        return SequenceMatcher(None, self.before, self.after, autojunk=False).get_opcodes()


@dataclass(frozen=True)
class Change:
    """One entry that is not what it is in force; `sort` is None for a file of a version."""

    sort: Sort | None
    key: str
    title: str
    way: Way
    lines: tuple[Line, ...]

    @property
    def way_title(self) -> str:
        """追加, 変更 or 削除."""
        return WAYS[self.way]

    @property
    def differing(self) -> list[Line]:
        """The fields that are others than now."""
        return [line for line in self.lines if line.differs]

    @property
    def staying(self) -> list[Line]:
        """The fields, and of a list's field the lines, that stay as they are."""
        return [line for line in self.lines if line.kept]


def changes_of(bench: Bench) -> list[Change]:
    """Every difference, cards first."""
    found = [change for sort in SORTS.values() for change in _of_list(sort, bench.before, bench.draft.files)]
    return [*found, *_of_versions(bench.before, bench.draft.files)]


def _of_list(sort: Sort, before: Files, after: Files) -> Iterator[Change]:
    old, new = _by_key(sort, before), _by_key(sort, after)
    for key in dict.fromkeys((*old, *new)):
        was, is_ = old.get(key), new.get(key)
        if was == is_:
            continue
        way: Way = "removed" if is_ is None else "added" if was is None else "changed"
        yield Change(sort, key, sort.label(is_ or was or {}), way, tuple(_lines(was, is_)))


def _by_key(sort: Sort, files: Files) -> dict[str, Row]:
    rows = {str(place.row.get("id", place.seen)): place.row for place in places(files.get(sort.file, ""))}
    # A phrase that the policy does not word is said in the built-in words.
    return {**_BUILT_IN, **rows} if sort.file == phrases.FILE_NAME else rows


def _lines(was: Row | None, is_: Row | None) -> Iterator[Line]:
    for name in dict.fromkeys((*(was or {}), *(is_ or {}))):
        if name not in _SILENT:
            is_list = any(isinstance((row or {}).get(name), (list, tuple)) for row in (was, is_))
            line = Line(FIELDS.get(name, name), _text(was, name), _text(is_, name), is_list)
            if line.before or line.after:
                yield line


def _text(row: Row | None, name: str) -> tuple[str, ...]:
    value = (row or {}).get(name)
    if value in (None, ""):
        return ()
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def _of_versions(before: Files, after: Files) -> Iterator[Change]:
    lists = {sort.file for sort in SORTS.values()}
    for name in sorted({*before, *after} - lists):
        if before.get(name) != after.get(name):
            way: Way = "removed" if name not in after else "added" if name not in before else "changed"
            yield Change(None, name, name, way, ())
