"""What a question follows up on: ids of what was shown last, never anybody's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.message import Citation
from bot.policy.folding import folded
from bot.policy.model import Passage, Policy

_POINTS_BACK = re.compile(
    r"^(?:で|じゃあ?|では)?(?:そ(?:れ|の|ちら|こ|う|っち)|これ|この(?!方針|会社|サイト|サービス|アプリ)|あれ|あの)"
    # 「いや、共有してますよね？」 insists: it is still about the same thing.
    r"|^(?:いや|いえ|いいえ|でも|だって|けど|ほんと|本当|嘘|うそ|まさか|違|ちが|えっ|え、)"
    r"|(?:同じ|おなじ|同様|ほかに|他には|さっき|先ほど|上記|前の)|も(?:ですか|です|か|なの)?[？?]?$"
)
_ORDINAL = re.compile(
    r"(?:その|この)?(?:(?P<digits>\d{1,2})|(?P<kanji>[一二三四五六七八九]))(?:番目|つ目|つめ|個目|項目目)(?:の|は)?"
)
_LAST = re.compile(r"(?:最後|いちばん下|一番下)(?:の)?(?:やつ|もの|項目|の|は)")
_KANJI = "一二三四五六七八九"
_NUMBERING = re.compile(r"^(?:【[^】]*】)?(?:\s*(?:[0-9０-９]+[.．、]|[(（][0-9０-９]+[)）]|第[0-9０-９]+条))*\s*")
_FEW_WORDS = 2
_GIST = 40


@dataclass(frozen=True)
class Topic:
    """What was shown last.

    Attributes:
        words: the policy's own name of it, to be put in front of the next question.
        passages: ids of the passages that were quoted.
        quotes: the words of each quote, in the order they were shown.
        ranges: where those quotes stand.
        known: id of the card or gap that was answered by, or empty.
    """

    words: str
    passages: tuple[str, ...]
    quotes: tuple[str, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()
    known: str = ""

    def pointed_at(self, question: str) -> str | None:
        """The quote that a question counts out (「2番目の」, 「最後の」); None when it counts none that was shown."""
        text = folded(question)
        if self.quotes and _LAST.search(text):
            return self.quotes[-1]
        match = _ORDINAL.search(text)
        if match is None:
            return None
        number = int(match["digits"]) if match["digits"] else _KANJI.index(match["kanji"]) + 1
        return self.quotes[number - 1] if 0 < number <= len(self.quotes) else None


def read_topic(
    context: Mapping[str, Any] | None, policy: Policy, names: Mapping[str, str] | None = None
) -> Topic | None:
    """The topic of the last answer; None without one, or when it was another version's.

    Args:
        context: what `write_context` gave.
        policy: the version that is asked now.
        names: what cards and gaps are about, by their ids: closer to what was asked than a heading.
    """
    if not context or (context.get("policy"), context.get("version")) != (policy.id, policy.version):
        return None
    passages = {passage.id: passage for passage in policy.passages}
    shown = [passages[key] for key in context.get("quotes", ()) if key in passages]
    if not shown:
        return None
    ranges = tuple((int(start), int(end)) for start, end in context.get("ranges", ()))
    quotes = tuple(policy.text[start:end] for start, end in ranges)
    known = context.get("known", "")
    return Topic((names or {}).get(known) or topic_words(shown[0]), tuple(p.id for p in shown), quotes, ranges, known)


def write_context(
    policy: Policy, shown: Sequence[Passage], citations: Sequence[Citation], *, known: str = ""
) -> dict[str, Any]:
    """Ids for the next turn; `topic` is the section of what was shown first, `ranges` are the quotes in order."""
    context = {
        "policy": policy.id,
        "version": policy.version,
        "quotes": list(dict.fromkeys(passage.id for passage in shown)),
        "topic": shown[0].section if shown else "",
        "ranges": [[citation.start, citation.end] for citation in citations],
    }
    return context | ({"known": known} if known else {})


def follows_up(question: str, content_words: int) -> bool:
    """Whether a question leans on what was said before: it points back, ends in 「…も？」, or has hardly a word."""
    return _POINTS_BACK.search(folded(question)) is not None or content_words <= _FEW_WORDS


def without_ordinal(question: str) -> str:
    """The question without the words that count out a quote."""
    return _LAST.sub("", _ORDINAL.sub("", question))


def topic_words(passage: Passage) -> str:
    """A name for a passage: its key, its heading without numbers, or how it begins."""
    first = passage.sentences[0]
    if first.role == "key":
        return first.text
    return _NUMBERING.sub("", passage.heading).strip() or first.text[:_GIST]
