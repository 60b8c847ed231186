"""The reader, opened on one policy.

This module imports torch: import it only where a text is about to be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.policy.model import Sentence
from bot.policy.reader.prepared import prepared
from bot.policy.reader.reader import Reader, open_reader
from bot.policy.search import Hit, Query, joined
from bot.policy.statements import Statement

# So many passages are read: below them, nothing is quoted.
READ = 15


class PolicyReader:
    """Says of the statements of one policy how surely they state what is asked."""

    def __init__(self, reader: Reader, statements: Sequence[Statement], folder: Path) -> None:
        self._reader = reader
        self._statements = reader.ready(prepared(folder, [statement.context for statement in statements], reader))
        self._rows = {statement.sentence: row for row, statement in enumerate(statements)}

    def read(self, query: Query, hits: Sequence[Hit]) -> Mapping[Sentence, float]:
        """A logit for every sentence of the first `READ` hits.

        Args:
            query: what is asked, with its topic.
            hits: what was found, best first.
        """
        sentences = [sentence for hit in hits[:READ] for sentence, _ in hit.near]
        if not sentences:
            return {}
        # The question as it was asked: reading the other wordings of it too gained nothing on any policy.
        wordings = [query.text, *([f"{query.topic} {query.text}"] if query.topic else [])]
        scores = self._reader.scores(wordings, self._statements, [self._rows[each] for each in sentences])
        return dict(zip(sentences, joined(scores, query).tolist(), strict=True))


def open_policy_reader(statements: Sequence[Statement], folder: Path) -> PolicyReader:
    """Opens the reader of this process on a policy's statements; slow once, then kept in `folder`.

    Raises:
        ModelFileError: its weights cannot be read.
    """
    return PolicyReader(open_reader(), statements, folder)
