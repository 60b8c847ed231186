"""A comparison of two versions as text for people and as JSON for programs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bot.policy.answer_changes import AnswerChange, Given
from bot.policy.consequences import Consequences
from bot.policy.diff import PolicyDiff, SectionChange
from bot.policy.model import Section


@dataclass(frozen=True)
class DiffReport:
    """Everything `policy diff` found.

    Attributes:
        diff: the text of both versions.
        consequences: for cards and gaps.
        desk: what the desk file says and the new version does not say any more.
        answers: which answers change; None when nothing was asked.
    """

    diff: PolicyDiff
    consequences: Consequences
    desk: tuple[str, ...]
    answers: tuple[AnswerChange, ...] | None


def as_text(report: DiffReport) -> str:
    """A few lines a difference: `-` is the old version, `+` the new one."""
    diff = report.diff
    counts = ", ".join(f"{diff.count(kind)} {kind}" for kind in ("added", "removed", "changed", "moved"))
    lines = [f"{diff.new.id} {diff.old.version} → {diff.new.version}: {counts}, {diff.unchanged} unchanged"]
    for change in diff.sections:
        lines += ["", *_section_lines(change)]
    lines += ["", *_consequence_lines(report.consequences), *report.desk]
    if report.answers is not None:
        lines += ["", f"answers: {len(report.answers)} change"]
        lines += [line for change in report.answers for line in _answer_lines(change)]
    return "\n".join(lines)


def as_json(report: DiffReport) -> str:
    """The same for programs."""
    diff = report.diff
    shown: dict[str, Any] = {
        "policy": diff.new.id,
        "old": diff.old.version,
        "new": diff.new.version,
        "unchanged": diff.unchanged,
        "sections": [_section(change) for change in diff.sections],
        "cards": {
            "suspended": [{"id": card.id, "lost": card.lost} for card in report.consequences.suspended],
            "unapproved": [card.id for card in report.consequences.unapproved],
        },
        "gaps": {"lost": [{"id": gap.id, "nearest": gap.entry.nearest} for gap in report.consequences.lost_gaps]},
        "desk": report.desk,
    }
    if report.answers is not None:
        shown["answers"] = [asdict(change) for change in report.answers]
    return json.dumps(shown, ensure_ascii=False, indent=1)


def _section_lines(change: SectionChange) -> Iterator[str]:
    names = [section.label for section in (change.old, change.new) if section]
    shown = change.new or change.old
    yield f"{change.kind:<8} {' → '.join(dict.fromkeys(names))}  {shown.heading if shown else ''}".rstrip()
    for each in change.changes:
        yield from (f"  - {_one_line(text)}" for text in each.old)
        yield from (f"  + {_one_line(text)}" for text in each.new)


def _consequence_lines(found: Consequences) -> Iterator[str]:
    yield f"cards: {len(found.suspended)} suspended, {len(found.unapproved)} to be approved again"
    yield from _by_lost_words((quote, card.id) for card in found.suspended for quote in card.lost)
    yield from (f"  {card.id}: approved for {card.entry.policy_version} only" for card in found.unapproved)
    yield f"gaps: {len(found.lost_gaps)} without their nearest words"
    yield from _by_lost_words((gap.entry.nearest, gap.id) for gap in found.lost_gaps)


def _by_lost_words(lost: Iterable[tuple[str, str]]) -> Iterator[str]:
    """One line for all that hangs on the same words: a changed sentence is often quoted by many."""
    names: dict[str, list[str]] = defaultdict(list)
    for quote, name in lost:
        names[quote].append(name)
    for quote, quoting in names.items():
        yield f"  {', '.join(quoting)}: the policy does not say 「{_one_line(quote)}」"


def _answer_lines(change: AnswerChange) -> Iterator[str]:
    yield f"  {change.question}"
    for sign, given in (("-", change.old), ("+", change.new)):
        yield f"    {sign} {given.kind}{_quoted(given)}"


def _quoted(given: Given) -> str:
    return "".join(f" 「{_one_line(quote)}」" for quote in given.quotes)


def _section(change: SectionChange) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "old": _name(change.old),
        "new": _name(change.new),
        "changes": [asdict(each) for each in change.changes],
    }


def _name(section: Section | None) -> dict[str, str] | None:
    return {"label": section.label, "heading": section.heading} if section else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
