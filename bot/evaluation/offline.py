"""Runs a question set without a server: search and answers by the policy room, kinds by the register's own words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.errors import BadInputError
from bot.evaluation.gold import Gold, gold_of
from bot.evaluation.outcomes import HITS_KEPT, Found, Outcome
from bot.evaluation.question_sets import Row
from bot.policy.answer import Answer
from bot.policy.assistant import Assistant
from bot.policy.search import Hit
from bot.register.kinds import detect

_FIRST_QUESTION = "個人情報"


class OfflineRunner:
    """Answers rows one after the other."""

    def __init__(self, assistant_of: Callable[[Path | None], Assistant], clock: Clock) -> None:
        """Takes what gives the assistant for a row's policy file, None standing for the policy of the run."""
        self._assistant_of = assistant_of
        self._clock = clock

    def run(self, rows: Sequence[Row]) -> list[Outcome]:
        """One outcome a row; a follow-up gets the context of the row above.

        Every policy is opened and asked once before the clock starts, as a server's is.

        Raises:
            BadInputError: a policy that a row names cannot be opened.
        """
        return list(self.each(rows))

    def each(self, rows: Sequence[Row]) -> Iterator[Outcome]:
        """The same, one outcome after the other as they come.

        Raises:
            BadInputError: a policy that a row names cannot be opened, or a row presses a button: there are none here.
        """
        assistants = {file: self._assistant_of(file) for file in dict.fromkeys(row.policy_file for row in rows)}
        if any(row.press for row in rows):
            raise BadInputError("a row that presses a button needs a whole conversation")
        for assistant in assistants.values():
            assistant.search(_FIRST_QUESTION)
        context: dict[str, Any] | None = None
        for row in rows:
            assistant = assistants[row.policy_file]
            begun = time.perf_counter()
            answer = assistant.answer(row.utterance, context if row.kind == "followup" else None, self._clock())
            ms = (time.perf_counter() - begun) * 1000
            yield _outcome(row, answer, ms, gold_of(row, assistant.policy))
            context = answer.context


def _outcome(row: Row, answer: Answer, ms: float, gold: Gold | None) -> Outcome:
    message = answer.message.to_public()
    return Outcome(
        row=row,
        messages=[message],
        kinds=[kind.value for kind in detect(row.utterance)],
        ms=ms,
        found=[_found(hit, gold) for hit in answer.hits[:HITS_KEPT]],
        gold_cited=None if gold is None else [gold.is_cited_by(each) for each in message.get("citations", ())],
        trace=answer.trace,
    )


def _found(hit: Hit, gold: Gold | None) -> Found:
    passage = hit.passage
    return Found(
        section=passage.section,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        score=hit.score,
        is_gold=gold is not None and gold.is_in(passage),
        parts=hit.parts,
    )
