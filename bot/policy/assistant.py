"""The door of this room: opens a policy for questions, and answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.clock import in_tokyo
from bot.policy.answer import Answer, Composer, Finding
from bot.policy.companies import Companies
from bot.policy.context import Topic, follows_up, read_topic, without_ordinal
from bot.policy.coverage import Coverage
from bot.policy.documents import load_policy, policy_folder
from bot.policy.embedding import Embedder, QueryVector, Vectors, embedder_of
from bot.policy.everyday import open_everyday
from bot.policy.gates import Case, judge
from bot.policy.index import open_index
from bot.policy.known import Knowledge, Match, lifted, open_knowledge
from bot.policy.lexical import open_analyzer
from bot.policy.model import Policy
from bot.policy.questions import split_questions
from bot.policy.search import Hit, Query, Searcher
from bot.policy.selection import select
from bot.policy.statements import statements_of
from bot.policy.sufficiency import Facts
from bot.policy.turn_vectors import TurnVectors
from bot.settings import Settings

_TRACED_HITS = 5
_TRACED_MATCHES = 3


def open_assistant(
    settings: Settings, policy_id: str | None = None, *, corpus: Path | None = None, version: str | None = None
) -> Assistant:
    """Opens a version of a policy: text, index (built when missing or stale), cards, gaps. Slow once.

    Args:
        settings: of this installation.
        policy_id: `controller/policy` or `controller`; the default policy of the settings when None.
        corpus: folder of the policies; that of the settings when None.
        version: which one; the newest when None.

    Raises:
        BadInputError: there is no such policy or version, or it cannot be read.
    """
    corpus = corpus or settings.corpus_dir
    policy = load_policy(corpus, policy_id or settings.default_policy, version)
    folder = policy_folder(corpus, policy.id)
    embedder, analyzer, everyday = embedder_of(settings), open_analyzer(), open_everyday()
    vectors = settings.data_dir / "index" / policy.id
    searcher = Searcher(policy, open_index(vectors, policy, embedder), analyzer, everyday)
    known = open_knowledge(folder, searcher, vectors, embedder)
    return Assistant(searcher, known, embedder, base_url=settings.public_url)


class Assistant:
    """Answers questions about one version of one policy; safe to share between threads."""

    def __init__(self, searcher: Searcher, knowledge: Knowledge, embedder: Embedder, *, base_url: str) -> None:
        self._searcher = searcher
        self._knowledge = knowledge
        self._embedder = embedder
        self._base_url = base_url
        statements = {statement.sentence: statement for statement in statements_of(searcher.policy)}
        self._facts = Facts(searcher, statements, Companies.of(searcher.policy))

    @property
    def policy(self) -> Policy:
        """What is answered from."""
        return self._searcher.policy

    @property
    def knowledge(self) -> Knowledge:
        """Cards and gaps of this version."""
        return self._knowledge

    def search(self, question: str, *, vector: QueryVector | None = None) -> list[Hit]:
        """Every passage, best for this question first."""
        turn = TurnVectors(question, vector, self._embedder)
        query = self._searcher.query(question)
        (vectors,) = turn.embed([query])
        return lifted(
            self._searcher.search(query, vectors), self._knowledge.questions.matches(query, vectors), self.policy
        )

    def answer(
        self, question: str, context: Mapping[str, Any] | None, now: datetime, *, vector: QueryVector | None = None
    ) -> Answer:
        """Answers one message by the policy's words, or says honestly that it has none.

        Args:
            question: the member's message as it was typed.
            context: `Answer.context` of the turn before, if any.
            now: this moment.
            vector: what Rasa's featurizer made of the message; used when model and text agree.
        """
        turn = TurnVectors(question, vector, self._embedder)
        with turn.timed("read"):
            asked = self._read(question, read_topic(context, self.policy))
        with turn.timed("embed"):
            vectors = turn.embed([query for _, query in asked])
        with turn.timed("search"):
            found = [self._find(text, query, v) for (text, query), v in zip(asked, vectors, strict=True)]
        with turn.timed("compose"):
            findings = [finding for finding, _ in found]
            message, following = Composer(self.policy, self._base_url).compose(findings)
        trace = turn.trace() | self._trace(found) | {"at": in_tokyo(now).isoformat()}
        return Answer(message, following, trace, findings[0].hits)

    def _read(self, message: str, topic: Topic | None) -> list[tuple[str, Query]]:
        pointed_at = topic.pointed_at(message) if topic else None
        if pointed_at is not None:
            rest = without_ordinal(message)
            # 「2番目は？」 asks for nothing but what it points at.
            query = self._searcher.query(rest)
            return [
                (rest, self._searcher.query(rest, pointed_at))
                if query.words
                else (pointed_at, self._searcher.query(pointed_at))
            ]
        leading = topic.words if topic else ""
        asked: list[tuple[str, Query]] = []
        for text in split_questions(message) or [message]:
            query = self._searcher.query(text)
            if leading and follows_up(text, len(query.words)):
                query = self._searcher.query(text, leading)
            asked.append((text, query))
            leading = text
        return asked

    def _find(self, text: str, query: Query, vectors: Vectors) -> tuple[Finding, list[Match]]:
        matches = self._knowledge.questions.matches(query, vectors)
        hits = lifted(self._searcher.search(query, vectors), matches, self.policy)
        verdict = judge(Case(text, query, hits, matches), self._facts)
        selection = select(text, hits, Coverage.of(query, self._searcher), self.policy)
        return Finding(text, hits, verdict, selection), matches

    def _trace(self, found: Sequence[tuple[Finding, list[Match]]]) -> dict[str, Any]:
        return {
            "model": self._embedder.model_id,
            "index": self._searcher.index.release,
            "questions": [_traced(finding, matches) for finding, matches in found],
        }


def _traced(finding: Finding, matches: Sequence[Match]) -> dict[str, Any]:
    return {
        "verdict": finding.verdict.kind,
        "answerability": round(finding.verdict.answerability, 4),
        "gates": list(finding.verdict.reasons),
        "known": [
            {"id": match.owner.id, "score": round(match.score, 3), "cosine": round(match.cosine, 3)}
            for match in matches[:_TRACED_MATCHES]
        ],
        "hits": [
            {"passage": hit.passage.id, "score": round(hit.score, 3)}
            | {name: round(value, 3) for name, value in hit.parts.items()}
            for hit in finding.hits[:_TRACED_HITS]
        ],
    }
