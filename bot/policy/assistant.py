"""The door of this room: opens a policy for questions, and answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.clock import in_tokyo, system_clock
from bot.message import Message
from bot.policy.answer import Answer, Composer, Finding, options_of
from bot.policy.asking import Asked, asks_plainly, read_message
from bot.policy.companions import companions_of
from bot.policy.context import read_topic
from bot.policy.coverage import Coverage
from bot.policy.documents import load_policy, policy_folder
from bot.policy.embedding import Embedder, QueryVector, Vectors, embedder_of
from bot.policy.everyday import Everyday, open_everyday_of
from bot.policy.expectations import guides
from bot.policy.gates import Case, judge
from bot.policy.kinds import Kinds, open_kinds
from bot.policy.known import Knowledge, Match, lifted, open_knowledge
from bot.policy.lexical import open_analyzer
from bot.policy.model import Policy
from bot.policy.reader.ranking import reread
from bot.policy.search import Hit, Query, Searcher
from bot.policy.selection import NOTHING, Selection, Wanted, select
from bot.policy.sufficiency import Facts
from bot.policy.topics import Topics, open_topics
from bot.policy.tracing import traced
from bot.policy.turn_vectors import TurnVectors
from bot.policy.vector_search import VectorEngine, engine_of
from bot.policy.versions import version_in_force
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.policy.reader.policy_reader import PolicyReader


def open_assistant(
    settings: Settings,
    policy_id: str | None = None,
    *,
    corpus: Path | None = None,
    version: str | None = None,
    day: date | None = None,
    beside: Assistant | None = None,
) -> Assistant:
    """Opens a version of a policy with what people wrote down beside it, and its companion documents. Slow once.

    Args:
        settings: of this installation.
        policy_id: `controller/policy` or `controller`; the default policy of the settings when None.
        corpus: folder of the policies; that of the settings when None.
        version: which one; the one in force on `day` when None.
        day: a Japanese day; today when None.
        beside: an assistant that was opened before; what both have in common (the policy's text, its words, the
            questions of its cards) is taken from it and not made again.

    Raises:
        BadInputError: there is no such policy or version, or it cannot be read.
    """
    corpus, policy_id = corpus or settings.corpus_dir, policy_id or settings.default_policy
    day = day or in_tokyo(system_clock()).date()
    policy = load_policy(corpus, policy_id, version or version_in_force(corpus, policy_id, day))
    companions = tuple(
        open_assistant(settings, companion, corpus=corpus, day=day, beside=beside and beside.companion(companion))
        for companion in companions_of(corpus, policy.id)
    )
    folder, vectors, embedder = policy_folder(corpus, policy.id), settings.index_dir / policy.id, embedder_of(settings)
    known = beside if beside is not None and beside.reads(policy, embedder) else None
    facts = _facts(policy, open_everyday_of(folder), engine_of(settings), embedder, known)
    queries = known.knowledge.queries if known is not None and known.facts is facts else {}
    knowledge = open_knowledge(folder, facts.searcher, vectors, embedder, queries)
    readers = known.readers if known is not None else _readers(settings, facts, vectors, embedder)
    return Assistant(facts, knowledge, readers, embedder, base_url=settings.public_url, companions=companions)


def _facts(
    policy: Policy, everyday: Everyday, vectors: VectorEngine, embedder: Embedder, known: Assistant | None
) -> Facts:
    if known is not None and known.searcher.everyday == everyday:
        return known.facts
    return Facts.of(Searcher(policy, vectors.open(policy, embedder), open_analyzer(), everyday))


def _readers(settings: Settings, facts: Facts, vectors: Path, embedder: Embedder) -> Readers:
    from bot.policy.reader.policy_reader import open_policy_reader  # noqa: PLC0415 - torch is loaded only when a policy is opened

    return Readers(
        open_topics(settings.index_dir, embedder),
        open_kinds(settings.index_dir, embedder),
        open_policy_reader(list(facts.statements.values()), vectors),
    )


@dataclass(frozen=True)
class Readers:
    """What reads a question: by itself (a matter of the desk? which kind of thing?), and against the policy."""

    topics: Topics
    kinds: Kinds
    policy: PolicyReader


class Assistant:
    """Answers questions about one version of one policy; safe to share between threads."""

    def __init__(
        self,
        facts: Facts,
        knowledge: Knowledge,
        readers: Readers,
        embedder: Embedder,
        *,
        base_url: str,
        companions: Sequence[Assistant] = (),
    ) -> None:
        self._facts = facts
        self._searcher = facts.searcher
        self._knowledge = knowledge
        self._readers = readers
        self._embedder = embedder
        self._base_url = base_url
        self._companions = tuple(companions)
        self._release: int | None = 0

    def released(self, number: int | None) -> Assistant:
        """The same assistant, whose traces say that it answers by this release.

        Args:
            number: of the release; 0 is the folder of the repository, None what is not published.
        """
        same = copy(self)
        same._release = number  # noqa: SLF001 - its own kind
        same._companions = tuple(each.released(number) for each in self._companions)  # noqa: SLF001 - as above
        return same

    @property
    def release(self) -> int | None:
        """The number of the release that it answers by; None for what is not published."""
        return self._release

    def reads(self, policy: Policy, embedder: Embedder) -> bool:
        """Whether it was opened on this text with this model."""
        return self.policy == policy and self._embedder.model_id == embedder.model_id

    def companion(self, policy_id: str) -> Assistant | None:
        """The companion document of this id."""
        return next((each for each in self._companions if each.policy.id == policy_id), None)

    @property
    def policy(self) -> Policy:
        """What is answered from."""
        return self._searcher.policy

    @property
    def facts(self) -> Facts:
        """What this version states."""
        return self._facts

    @property
    def searcher(self) -> Searcher:
        """What is searched."""
        return self._searcher

    @property
    def knowledge(self) -> Knowledge:
        """Cards and gaps of this version."""
        return self._knowledge

    @property
    def readers(self) -> Readers:
        """What reads a question."""
        return self._readers

    def search(self, question: str, *, vector: QueryVector | None = None) -> list[Hit]:
        """The passages that fit a question, best first."""
        turn = TurnVectors(question, vector, self._embedder)
        query = self._searcher.query(question)
        (vectors,) = turn.embed([query])
        return self._ranked(query, vectors, self._knowledge.questions.matches(query, vectors))

    def case(self, question: str) -> Case:
        """What a question, asked by itself, is judged by."""
        query = self._searcher.query(question)
        (vectors,) = TurnVectors(question, None, self._embedder).embed([query])
        return self._case(question, query, vectors)

    def answer(
        self, question: str, context: Mapping[str, Any] | None, now: datetime, *, vector: QueryVector | None = None
    ) -> Answer:
        """Answers one message by the policy's words, or says honestly that it has none.

        Companions are asked only where the policy does not answer.

        Args:
            question: the member's message as it was typed.
            context: `Answer.context` of the turn before, if any.
            now: this moment.
            vector: what Rasa's featurizer made of the message; used when model and text agree.
        """
        answer = self._answer(question, context, now, vector)
        if answer.message.kind != "not_in_policy":
            return answer
        beside = (each._answer(question, None, now, vector, is_companion=True) for each in self._companions)  # noqa: SLF001 - its own kind
        return next((each for each in beside if each.message.kind == "answer"), answer)

    def answer_section(self, label: str, now: datetime) -> Answer:
        """The whole of one section, chosen from what a clarifying question offered.

        Raises:
            KeyError: this version has no such section, or nothing stands under its heading.
        """
        section = self.policy.section(label)
        if section is None or not section.passages:
            raise KeyError(label)
        message, following = self._composer().compose_section(section.passages)
        trace = {**self._origin(), "questions": []}
        return Answer(message, following, trace | {"at": in_tokyo(now).isoformat()}, [])

    def _answer(
        self,
        question: str,
        context: Mapping[str, Any] | None,
        now: datetime,
        vector: QueryVector | None,
        *,
        is_companion: bool = False,
    ) -> Answer:
        turn = TurnVectors(question, vector, self._embedder)
        topic = read_topic(context, self.policy, self._knowledge.topics)
        with turn.timed("read"):
            asked = read_message(question, topic, self._searcher)
        with turn.timed("embed"):
            vectors = turn.embed(asked.queries)
        found = self._found(asked, vectors, turn)
        with turn.timed("compose"):
            composer = self._composer(is_companion=is_companion)
            if topic is not None and asks_plainly(question, topic, self._searcher):
                message, following = composer.plainly(self._knowledge.card(topic.known), topic.ranges)
            else:
                message, following = composer.compose(found)
        trace = turn.trace() | self._trace(found, message) | {"at": in_tokyo(now).isoformat()}
        return Answer(message, following, trace, found[0].hits, options_of(found, message.kind), tuple(found))

    def _composer(self, *, is_companion: bool = False) -> Composer:
        return Composer(self.policy, self._base_url, phrases=self._knowledge.phrases, is_companion=is_companion)

    def _origin(self) -> dict[str, Any]:
        return {"model": self._embedder.model_id, "index": self._searcher.index.release, "release": self._release}

    def _found(self, asked: Asked, vectors: Sequence[Vectors], turn: TurnVectors) -> list[Finding]:
        found = [self._find(text, query, v, turn) for (text, query), v in zip(asked.parts, vectors, strict=False)]
        if asked.whole is None:
            return found
        # 「…はどこに？…のとは違う？」: one card may answer what its halves alone do not say.
        whole = self._find(*asked.whole, vectors[-1], turn)
        is_open = any(not finding.verdict.is_known for finding in found)
        has_gap = any(finding.verdict.gap for finding in found)
        return [whole] if whole.verdict.cards and is_open and not has_gap else found

    def _find(self, text: str, query: Query, vectors: Vectors, turn: TurnVectors) -> Finding:
        with turn.timed("search"):
            case = self._case(text, query, vectors)
        with turn.timed("judge"):
            verdict = judge(case, self._facts)
        # Cards and gaps bring their quotes along.
        is_searched = verdict.kind == "answer" and not verdict.cards
        with turn.timed("select"):
            selection = self._select(case) if is_searched else NOTHING
        return Finding(text, list(case.hits), verdict, selection, tuple(case.matches))

    def _select(self, case: Case) -> Selection:
        coverage = Coverage.of(case.query, self._searcher)
        wanted = Wanted(case.question, coverage, guides(case.question), self._facts.companies)
        return select(wanted, case.hits, self.policy)

    def _case(self, text: str, query: Query, vectors: Vectors) -> Case:
        matches = self._knowledge.questions.matches(query, vectors)
        hits = self._ranked(query, vectors, matches)
        topic, wanted = self._readers.topics.score(query, vectors), self._readers.kinds.wanted(query, vectors)
        return Case(text, query, hits, matches, topic, wanted)

    def _ranked(self, query: Query, vectors: Vectors, matches: Sequence[Match]) -> list[Hit]:
        found = self._searcher.search(query, vectors)
        return lifted(reread(found, self._readers.policy.read(query, found)), matches, self.policy)

    def _trace(self, found: Sequence[Finding], message: Message) -> dict[str, Any]:
        return {
            **self._origin(),
            "questions": [traced(finding, message.citations) for finding in found],
        }
