"""Which words of the found passages answer: ranges of the policy, in reading order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.policy.folding import folded
from bot.policy.model import Passage, Policy, Sentence
from bot.policy.search import Hit

Range = tuple[int, int]

_ASKS_ALL = re.compile(
    r"全部|すべて|全て|一覧|リスト|どんな|どのような|どういう|何が|なにが|何を|なにを|何に|なにに|なんに|何の|なんの|何のため|種類|項目|範囲|"
    r"目的|使い道|用途|具体的|なぜ|なんで|どうして|含まれ|例外|場合|どうやって|方法"
)
# A passage up to this length is shown whole: it is quicker to read than to wonder what was left out.
SHORT = 250
# Of a longer one, sentences whose score is this near to the best are shown.
MARGIN = 0.012
MOST_PASSAGES = 2
# A further passage of the same chapter is shown when it scores nearly as well.
NEARLY = 0.9


def choose(hits: Sequence[Hit]) -> list[Hit]:
    """The passages to quote: the best, and another one of the same chapter when both answer."""
    best = hits[0]
    more = [hit for hit in hits[1:3] if hit.score >= NEARLY * best.score and _chapter(hit) == _chapter(best)]
    return [best, *more][:MOST_PASSAGES]


def ranges_of(question: str, hit: Hit) -> list[Range]:
    """What to quote of a passage: whole when it is short or everything is asked for, else its best sentences."""
    passage = hit.passage
    if len(passage.text) <= SHORT or _ASKS_ALL.search(folded(question)):
        return _merged(passage, _said(passage))
    floor = max(score for _, score in hit.near) - MARGIN
    near = [sentence for sentence, score in hit.near if score >= floor and sentence.role != "key"]
    return _merged(passage, near or [hit.sentence])


def nearest_range(hit: Hit) -> list[Range]:
    """The one sentence that comes nearest, for an honest no."""
    return [(hit.sentence.start, hit.sentence.end)]


def overview(question: str, hits: Sequence[Hit], policy: Policy) -> list[Range]:
    """The headings of a chapter whose parts were found together, when the question asks for all of it.

    「どんな対策を…」 is answered by the names of the measures; each stands under its own heading.
    """
    if not _ASKS_ALL.search(folded(question)):
        return []
    parents = [_parent(hit) for hit in hits[:5]]
    parent = max(parents, key=parents.count)
    section = policy.section(parent)
    if parents.count(parent) < 3 or section is None or section.passages:  # noqa: PLR2004 - three make a series
        return []
    return [
        (block.start, block.end)
        for block in policy.blocks
        if block.kind == "heading" and block.section.startswith(f"{parent}-")
    ]


def _said(passage: Passage) -> list[Sentence]:
    # A row or a definition is named by its key in the citation's heading already.
    said = [sentence for sentence in passage.sentences if sentence.role != "key"]
    return said or list(passage.sentences)


def _merged(passage: Passage, sentences: Sequence[Sentence]) -> list[Range]:
    """Sentences that follow one another become one quote; list items stay apart."""
    order = {sentence: place for place, sentence in enumerate(passage.sentences)}
    merged: list[Range] = []
    last: Sentence | None = None
    for sentence in sentences:
        joins = last is not None and order[sentence] == order[last] + 1 and {sentence.role, last.role} == {"sentence"}
        if joins:
            merged[-1] = (merged[-1][0], sentence.end)
        else:
            merged.append((sentence.start, sentence.end))
        last = sentence
    return merged


def _chapter(hit: Hit) -> str:
    return "-".join(hit.passage.section.split("-")[:2])


def _parent(hit: Hit) -> str:
    return hit.passage.section.rpartition("-")[0]
