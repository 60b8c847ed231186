"""What a question follows up on: ids of what was shown last, never anybody's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.policy.folding import folded
from bot.policy.model import Passage, Policy

_POINTS_BACK = re.compile(
    r"^(?:で|じゃあ?|では)?(?:そ(?:れ|の|ちら|こ|う|っち)|これ|この(?!方針|会社|サイト|サービス|アプリ)|あれ|あの)"
    r"|(?:同じ|おなじ|同様|ほかに|他には|さっき|先ほど|上記|前の)|も(?:ですか|です|か|なの)?[？?]?$"
)
_NUMBERING = re.compile(r"^(?:【[^】]*】)?(?:\s*(?:[0-9０-９]+[.．、]|[(（][0-9０-９]+[)）]|第[0-9０-９]+条))*\s*")
_FEW_WORDS = 2
_GIST = 40


@dataclass(frozen=True)
class Topic:
    """What was shown last.

    Attributes:
        words: the policy's own name of it, to be put in front of the next question.
        passages: ids of the passages that were quoted.
    """

    words: str
    passages: tuple[str, ...]


def read_topic(context: Mapping[str, Any] | None, policy: Policy) -> Topic | None:
    """The topic of the last answer; None without one, or when it was another version's."""
    if not context or (context.get("policy"), context.get("version")) != (policy.id, policy.version):
        return None
    known = {passage.id: passage for passage in policy.passages}
    shown = [known[key] for key in context.get("quotes", ()) if key in known]
    return Topic(topic_words(shown[0]), tuple(passage.id for passage in shown)) if shown else None


def write_context(policy: Policy, shown: Sequence[Passage]) -> dict[str, Any]:
    """Ids for the next turn; `topic` is the section of what was shown first."""
    ids = [passage.id for passage in shown]
    return {
        "policy": policy.id,
        "version": policy.version,
        "quotes": ids,
        "topic": shown[0].section if shown else "",
    }


def follows_up(question: str, content_words: int) -> bool:
    """Whether a question leans on what was said before: it points back, ends in 「…も？」, or has hardly a word."""
    return _POINTS_BACK.search(folded(question)) is not None or content_words <= _FEW_WORDS


def topic_words(passage: Passage) -> str:
    """A name for a passage: its key, its heading without numbers, or how it begins."""
    first = passage.sentences[0]
    if first.role == "key":
        return first.text
    return _NUMBERING.sub("", passage.heading).strip() or first.text[:_GIST]
