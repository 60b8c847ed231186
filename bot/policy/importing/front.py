"""The front matter of an imported version."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.policy.importing.lines import Range
from bot.policy.importing.omissions import words_for
from bot.yaml_text import dump_yaml


@dataclass(frozen=True)
class Head:
    """What is known of a version besides its text."""

    controller: str
    policy: str
    title: str
    version: str
    effective_date: date | None
    source: str


def front_matter(head: Head, text: str, omitted: Sequence[Range]) -> str:
    """The head of the Markdown, its fences included.

    Args:
        head: whose policy it is.
        text: the source, whose hash binds both files together.
        omitted: ranges that `words_for` can say.
    """
    values: dict[str, object] = {
        "controller": head.controller,
        "policy": head.policy,
        "title": head.title,
        "version": head.version,
        **({"effective_date": head.effective_date} if head.effective_date else {}),
        "source": head.source,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    words, _ = words_for(text, omitted)
    if words:
        values["omitted"] = [{"from": first, "to": last} for first, last in words]
    written = dump_yaml(values)
    return f"---\n{written}---\n\n"
