"""What was found, put in the order in which the reader thinks that it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.policy.logistic import sigmoid
from bot.policy.model import Sentence
from bot.policy.search import Hit

# What the search thinks of a passage counts one; that it surely states what is asked, so much. Any weight from 0.4 to
# 1 did as well on policies that the reader was not trained on.
PASSAGE_WEIGHT = 0.8
# The same for a sentence within its passage, where the search's figures lie close together.
SENTENCE_WEIGHT = 0.01


def reread(hits: Sequence[Hit], read: Mapping[Sentence, float]) -> list[Hit]:
    """The hits with what the reader thinks of their sentences, best first.

    Args:
        hits: what was found.
        read: a logit for each sentence that was read; passages with none keep their score, and come behind.
    """
    return sorted((_reread(hit, read) for hit in hits), key=lambda hit: -hit.score)


def _reread(hit: Hit, read: Mapping[Sentence, float]) -> Hit:
    logits = [read[sentence] for sentence, _ in hit.near if sentence in read]
    if not logits:
        return hit
    near = tuple((sentence, score + SENTENCE_WEIGHT * read[sentence]) for sentence, score in hit.near)
    best, _ = max(near, key=lambda pair: pair[1])
    score = hit.score + PASSAGE_WEIGHT * sigmoid(max(logits))
    return replace(hit, score=score, parts=hit.parts | {"read": max(logits)}, sentence=best, near=near)
