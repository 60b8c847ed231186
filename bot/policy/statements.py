"""What each sentence of a policy states, with what it leans on: a number means little without what it is a number of.

「録音の日から6か月間保存」 answers 「録音は何か月」, not 「閲覧履歴は何か月」. So a fact counts for a question by how
much the sentence that holds it speaks of the question's subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.policy.model import Passage, Policy, Sentence

# 「同社は…」, 「その写しは…」: the sentence before says who or what.
_LEANS = re.compile(
    r"(?:同(?:社|会|園|法人|団体|所|ツール|サービス)|この|これ|その|それ|当該|また|なお|ただし|上記|前項|前号|本項)"
)


@dataclass(frozen=True, eq=False)
class Statement:
    """One sentence and the words it is understood with: heading, key of its row, lead of its list, antecedent."""

    sentence: Sentence
    context: str
    passage: Passage

    @property
    def surroundings(self) -> str:
        """Its whole passage under its heading."""
        return f"{self.passage.heading} {self.passage.text}"


def statements_of(policy: Policy) -> tuple[Statement, ...]:
    """Every sentence of a policy, in order."""
    return tuple(statement for passage in policy.passages for statement in _statements(passage))


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
        yield Statement(sentence, " ".join(filter(None, (passage.heading, key, leaning, sentence.text))), passage)
        before = sentence.text
