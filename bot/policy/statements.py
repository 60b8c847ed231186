"""What each sentence of a policy states, with what it leans on: a number means little without what it is a number of.

「録音の日から6か月間保存」 answers 「録音は何か月」, not 「閲覧履歴は何か月」. So a fact counts as stated only where a
sentence that holds one of its kind speaks of the subject of the question about as much as any other sentence does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.policy.coverage import Coverage
from bot.policy.model import Passage, Policy, Sentence

# 「同社は…」, 「その写しは…」: the sentence before says who or what.
_LEANS = re.compile(
    r"(?:同(?:社|会|園|法人|団体|所|ツール|サービス)|この|これ|その|それ|当該|また|なお|ただし|上記|前項|前号|本項)"
)
# How much less of the subject a sentence may speak of than the one that speaks of most.
AS_MUCH = 0.75


@dataclass(frozen=True)
class Statement:
    """One sentence and the words it is understood with: heading, key of its row, lead of its list, antecedent."""

    sentence: Sentence
    context: str


def statements_of(policy: Policy) -> tuple[Statement, ...]:
    """Every sentence of a policy, in order."""
    return tuple(statement for passage in policy.passages for statement in _statements(passage))


def speaking_of(subject: Coverage, statements: Sequence[tuple[Statement, str]]) -> list[Statement]:
    """The statements whose text, given beside each, speaks most of a subject; all when none says a word of it."""
    shares = [subject.share(text) for _, text in statements]
    most = max(shares, default=0.0)
    return [each for (each, _), share in zip(statements, shares, strict=True) if share >= AS_MUCH * most]


def _statements(passage: Passage) -> Iterator[Statement]:
    key = passage.sentences[0].text if passage.sentences[0].role == "key" else ""
    lead = ""
    before = ""
    for sentence in passage.sentences:
        if sentence.role == "item":
            leaning = lead
        else:
            leaning = before if _LEANS.match(sentence.text) else ""
            lead = sentence.text
        yield Statement(sentence, " ".join(filter(None, (passage.heading, key, leaning, sentence.text))))
        before = sentence.text
