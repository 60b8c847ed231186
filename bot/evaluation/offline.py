"""Runs a question set without a server: search and answers by the policy room, kinds by the register's own words."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.errors import BadInputError
from bot.evaluation.facts import covers, stands_at
from bot.evaluation.outcomes import HITS_KEPT, Outcome
from bot.evaluation.question_sets import Row
from bot.policy.answer import Answer
from bot.policy.assistant import Assistant, open_assistant
from bot.policy.search import Hit
from bot.register.kinds import detect
from bot.settings import Settings


class OfflineRunner:
    """Answers rows one after the other; each policy is opened once."""

    def __init__(
        self, settings: Settings, clock: Clock, *, policy_id: str | None = None, corpus: Path | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._policy_id = policy_id
        self._corpus = corpus
        self._assistants: dict[Path | None, Assistant] = {}

    def run(self, rows: Sequence[Row]) -> list[Outcome]:
        """One outcome a row; a follow-up gets the context of the row above.

        Raises:
            BadInputError: a policy that a row names cannot be opened.
        """
        for file in {row.policy_file for row in rows}:
            self._assistants[file] = self._open(file)
        outcomes: list[Outcome] = []
        context: dict[str, Any] | None = None
        for row in rows:
            start = time.perf_counter()
            answer = self._answer(row, context if row.kind == "followup" else None, self._clock())
            outcomes.append(_outcome(row, answer, (time.perf_counter() - start) * 1000))
            context = answer.context
        return outcomes

    def _answer(self, row: Row, context: dict[str, Any] | None, now: datetime) -> Answer:
        return self._assistants[row.policy_file].answer(row.utterance, context, now)

    def _open(self, file: Path | None) -> Assistant:
        if file is None:
            return open_assistant(self._settings, self._policy_id, corpus=self._corpus)
        if not file.is_file():
            raise BadInputError(f"{file}: there is no such policy file")
        if not (file.with_suffix(".md").is_file() and file.with_suffix(".txt").is_file()):
            raise BadInputError(
                f"{file}: a policy outside a corpus folder (<controller>/<policy>/<version>.txt and .md) "
                "has to be imported first"
            )
        folder = file.parent
        return open_assistant(self._settings, f"{folder.parent.name}/{folder.name}", corpus=folder.parent.parent)


def _outcome(row: Row, answer: Answer, ms: float) -> Outcome:
    return Outcome(
        row=row,
        messages=[answer.message.to_public()],
        kinds=[kind.value for kind in detect(row.utterance)],
        ms=ms,
        hits=[_hit(hit) for hit in answer.hits[:HITS_KEPT]],
        gold_found=_gold_found(row, answer.hits),
    )


def _hit(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "section": passage.section,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": round(hit.score, 4),
    }


def _gold_found(row: Row, hits: Sequence[Hit]) -> list[bool] | None:
    if row.gold_span:
        return [covers(row.gold_span, hit.passage.text) for hit in hits]
    gold = [label for label in row.sections if label != "none"]
    return [stands_at(hit.passage.section, gold) for hit in hits] if gold else None
