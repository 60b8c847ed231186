"""Which words of the found passages answer: the shortest set of quotes that holds everything that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.policy.companies import Companies
from bot.policy.coverage import Coverage
from bot.policy.exceptions import with_exceptions
from bot.policy.expectations import Expectation
from bot.policy.labels import chapter_of, read_heading
from bot.policy.model import Passage, Policy, Sentence
from bot.policy.search import Hit
from bot.policy.wanting import asks_for_all, asks_yes_or_no

Range = tuple[int, int]

# A passage up to this length is shown whole: it is quicker to read than to wonder what was left out.
SHORT = 260
# Of a longer one, sentences are shown whose score lies this near to the best ...
NEAR = 0.2
# ... and then their neighbours, up to this length: the next sentence often holds the condition or the exception.
WINDOW = 200
# What the search thinks of a sentence and the share of the question that its words account for, weighed.
MEANING_WEIGHT = 0.5
# A sentence that holds the kind of fact that is asked for gains this much.
HOLDS_FACT = 0.3
# The spread of good scores within one passage: how far apart the search's figures lie for a good and a poor sentence.
SPREAD = 0.05
# A further passage is looked at when its score is at least this share of the best one's ...
STILL_GOOD = 0.6
# ... and quoted when it accounts for at least this much of the question that the others left open.
BRINGS = 0.15
MOST_PASSAGES = 3
# ... and among so many of the best.
LOOKED_AT = 5
# Passages that score nearly as well may hold the answer too; they are shown after it, and called related.
NEARLY = 0.75
MOST_RELATED = 2
# A logit of the reader above this says that a passage rather answers than not.
STATED = 0.0
_LEANS = re.compile(r"(?:この|これ|その(?!他)|それ|当該|また|なお|かかる|上記|前記|同様|同社)")


@dataclass(frozen=True)
class Selection:
    """What is quoted, passage by passage, in the order it is shown; `related` may hold the answer too."""

    passages: tuple[Passage, ...]
    ranges: tuple[Range, ...]
    related: tuple[Range, ...] = ()


NOTHING = Selection((), ())


@dataclass(frozen=True)
class Wanted:
    """What a question wants of the passages: its words, and the kinds of fact it asks for."""

    question: str
    coverage: Coverage
    facts: tuple[Expectation, ...]
    companies: Companies

    def score(self, sentence: Sentence, dense: float, best: float) -> float:
        """How well a sentence answers, given what the search thinks of it and of the best one of its passage."""
        meaning = MEANING_WEIGHT * max(0.0, 1 - (best - dense) / SPREAD)
        words = (1 - MEANING_WEIGHT) * self.coverage.share(sentence.text)
        holds = any(fact.is_held(sentence.text, self.companies) for fact in self.facts)
        return meaning + words + HOLDS_FACT * holds


def select(wanted: Wanted, hits: Sequence[Hit], policy: Policy) -> Selection:
    """The quotes of an answer.

    The best passage gives its share. Of the next ones, those are added that account for words of the question which
    nothing quoted so far does: 「口座情報もグループで共有？」 needs the item and the sentence that names the group.
    """
    headings = overview(wanted.question, hits, policy)
    if headings:
        return Selection((hits[0].passage,), tuple(headings))
    chosen = list(_chosen(hits, wanted.coverage))
    ranges = [place for hit in chosen for place in _quotes(wanted, hit, policy)]
    near = [hit for hit in hits[:4] if hit not in chosen and hit.score >= NEARLY * hits[0].score]
    related = [place for hit in near[:MOST_RELATED] for place in _quotes(wanted, hit, policy)]
    return Selection(tuple(hit.passage for hit in chosen), tuple(dict.fromkeys(ranges)), tuple(dict.fromkeys(related)))


def _quotes(wanted: Wanted, hit: Hit, policy: Policy) -> list[Range]:
    sentences = _answering(wanted, hit, policy)
    return with_exceptions(merged(sentences, policy), sentences, hit.passage, policy)


def nearest_range(hit: Hit) -> list[Range]:
    """The one sentence that comes nearest, for an honest no."""
    return [(hit.sentence.start, hit.sentence.end)]


def overview(question: str, hits: Sequence[Hit], policy: Policy) -> list[Range]:
    """The headings of a chapter whose parts were found together, when the question asks for all of it.

    「どんな対策を…」 is answered by the names of the measures; each stands under its own heading.
    """
    if not asks_for_all(question):
        return []
    # One part that answers alone makes no series: each of them has to say something of what is asked.
    parents = [_parent(hit) for hit in hits[:5] if hit.parts.get("read", 0.0) > STATED]
    parent = max(parents, key=parents.count, default="")
    section = policy.section(parent)
    if parents.count(parent) < 3 or section is None or section.passages:  # noqa: PLR2004 - three make a series
        return []
    headings = [
        (block.start, block.end)
        for block in policy.blocks
        if block.kind == "heading" and block.section.startswith(f"{parent}-")
    ]
    # Clauses that are only numbered name nothing.
    return headings if all(read_heading(policy.text[start:end]).words for start, end in headings) else []


def merged(sentences: Sequence[Sentence], policy: Policy) -> list[Range]:
    """Sentences of one block that follow one another become one quote; list items stay apart."""
    ranges: list[Range] = []
    for sentence in sentences:
        joins = bool(ranges) and policy.block_at(ranges[-1][0]) is policy.block_at(sentence.start)
        # What lies between was left out, unless it is white space.
        if joins and not policy.text[ranges[-1][1] : sentence.start].strip():
            ranges[-1] = (ranges[-1][0], sentence.end)
        else:
            ranges.append((sentence.start, sentence.end))
    return ranges


def _chosen(hits: Sequence[Hit], coverage: Coverage) -> Iterator[Hit]:
    """The best passage, and those of the next ones that say what it leaves open, in the order of the text."""
    best = hits[0]
    chosen = [best]
    chapter = chapter_of(best.passage.section)
    said = coverage.explained(_words(best))
    for hit in hits[1:LOOKED_AT]:
        if len(chosen) == MOST_PASSAGES or hit.score < STILL_GOOD * best.score:
            break
        brings = coverage.explained(_words(hit)) - said
        if coverage.weight(brings) >= BRINGS and chapter_of(hit.passage.section) == chapter:
            chosen.append(hit)
            said |= brings
    yield from chosen


def _answering(wanted: Wanted, hit: Hit, policy: Policy) -> list[Sentence]:
    """The sentences of one passage that answer, in their order."""
    said = _said(hit.passage)
    if _is_shown_whole(wanted.question, hit.passage):
        return said
    near = dict(hit.near)
    best = max(near[sentence] for sentence in said)
    scores = [wanted.score(sentence, near[sentence], best) for sentence in said]
    chosen = {place for place, score in enumerate(scores) if score >= max(scores) - NEAR}
    # 「このような場合でも…」 says nothing without the sentence before it.
    chosen |= {place - 1 for place in chosen if place and _LEANS.match(said[place].text)}
    return [said[place] for place in sorted(_with_neighbours(chosen, said, policy))]


def _is_shown_whole(question: str, passage: Passage) -> bool:
    return len(passage.text) <= SHORT or (asks_for_all(question) and not asks_yes_or_no(question))


def _with_neighbours(chosen: set[int], said: Sequence[Sentence], policy: Policy) -> set[int]:
    """The sentences with those after and before them in their block, while all of them stay short."""
    grown = set(chosen)
    for step in (1, -1):
        for place in sorted(chosen):
            beside = place + step
            if beside in grown or not 0 <= beside < len(said):
                continue
            is_same = policy.block_at(said[place].start) is policy.block_at(said[beside].start)
            if is_same and sum(len(said[each].text) for each in (*grown, beside)) <= WINDOW:
                grown.add(beside)
    return grown


def _said(passage: Passage) -> list[Sentence]:
    # A row or a definition is named by its key in the citation's heading already.
    said = [sentence for sentence in passage.sentences if sentence.role != "key"]
    return said or list(passage.sentences)


def _words(hit: Hit) -> str:
    return f"{hit.passage.heading} {hit.passage.text}"


def _parent(hit: Hit) -> str:
    return hit.passage.section.rpartition("-")[0]
