"""A second version of the small policy, and cards and gaps beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from tests.support.small_policy import ID, MARKDOWN, SOURCE, VERSION, write_small_policy

NEWER = "2026-04-01"
RETENTION, CHANGES = "保存期間 受注から7年", "委託先は変わることがあります。"

_CARD = """\
- id: {id}
  topic: 例
  questions: [{id}の一つ目, {id}の二つ目, {id}の三つ目]
  quotes: ["{quote}"]
  text: 例です。
  easy: れい です。
  author: 例
  approved_by: {by}
  approved_on: {on}
  policy_version: {version}
"""
_GAP = """\
- id: {id}
  label: 例
  questions: [{id}の一つ目, {id}の二つ目, {id}の三つ目]
  nearest: "{nearest}"
  desk: "{desk}"
"""


def write_newer(corpus: Path, changed: Sequence[tuple[str, str]] = (("受注から7年", "受注から10年"),)) -> None:
    """The small policy, and beside it a newer version with words replaced, in force from the day of its name."""
    write_small_policy(corpus)
    source, markdown = SOURCE, MARKDOWN.replace(VERSION, NEWER)
    for before, after in changed:
        source, markdown = source.replace(before, after), markdown.replace(before, after)
    text = markdown.format(sha256=hashlib.sha256(source.encode()).hexdigest())
    (corpus / ID / f"{NEWER}.txt").write_text(source, encoding="utf-8")
    (corpus / ID / f"{NEWER}.md").write_text(text, encoding="utf-8")


def card(name: str, quote: str, *, approved: bool = False, version: str = VERSION) -> str:
    """One card as it stands in the file."""
    by, on = ("責任者", version) if approved else ('""', "null")
    return _CARD.format(id=name, quote=quote, by=by, on=on, version=version)


def gap(name: str, nearest: str = "", *, desk: str = "") -> str:
    """One gap as it stands in the file."""
    return _GAP.format(id=name, nearest=nearest, desk=desk)


def write_cards(corpus: Path, *cards: str) -> None:
    """The cards of the small policy."""
    (corpus / ID / "answers.yml").write_text("".join(cards), encoding="utf-8")


def write_gaps(corpus: Path, *gaps: str) -> None:
    """The gaps of the small policy."""
    (corpus / ID / "gaps.yml").write_text("".join(gaps), encoding="utf-8")
