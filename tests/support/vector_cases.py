"""Policies of several companies, questions about them, and what an exact search has to find, reckoned by NumPy."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from bench.synthetic import clauses, passages_of, policy_of
from bot.policy.documents import list_policies, load_policy
from bot.policy.embedding import Embedder, Vectors
from bot.policy.index_content import content_of
from bot.policy.model import Policy
from bot.policy.vector_search import VectorEngine, VectorIndex
from bot.policy.versions import version_in_force

CORPUS = Path(__file__).parents[2] / "policy_corpus"
_WIDTH = 64

EVERYDAY = (
    "電話番号って何に使われますか",
    "クーポンのメールを止めたいです",
    "予約の記録はいつまで残りますか",
    "他の会社にわたしの情報を渡しますか",
    "家族が代わりに頼めますか",
    "口座の番号は誰が見られますか",
    "位置情報は取っていますか",
    "間違った住所を直してほしい",
    "写真は保存されますか",
    "お金はかかりますか",
    "返事はどのくらいで来ますか",
    "海外のサーバーに置いていますか",
    "Cookieを使わない方法は",
    "体の不調を書いた紙はどうなりますか",
    "退会したら消してもらえますか",
    "漏れたときは教えてくれますか",
    "子どもの情報も集めますか",
    "委託先はどこですか",
    "問い合わせ窓口のメールを知りたい",
    "録音はされていますか",
)
"""Questions as members word them; ours, and in no question set."""


class GramEmbedder:
    """Unit vectors of hashed pairs of characters: quick, the same every time, and near where texts share words."""

    def __init__(self, model_id: str = "対の文字|問い: |") -> None:
        self.model_id = model_id
        self.is_loaded = True
        self.batches = 0

    def questions(self, texts: Sequence[str]) -> Vectors:
        self.batches += 1
        rows = np.array([_grams(text) for text in texts], dtype=np.float32).reshape(len(texts), _WIDTH)
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    documents = questions


def _grams(text: str) -> list[float]:
    row = [0.001] * _WIDTH
    for pair in zip(f" {text}", f"{text} ", strict=True):
        digest = hashlib.blake2b("".join(pair).encode(), digest_size=4).digest()
        row[digest[0] % _WIDTH] += 1.0 if digest[1] % 2 else -1.0
    return row


def companies(count: int, passages: int, *, start: int = 0) -> list[Policy]:
    """Policies of companies of their own, put together from the same clauses, no sentence in two of them."""
    texts = passages_of(clauses(CORPUS), (start + count) * passages)
    parts = [texts[at : at + passages] for at in range(0, len(texts), passages)]
    return [_policy(number, parts[number]) for number in range(start, start + count)]


def _policy(number: int, passages: Sequence[tuple[str, ...]]) -> Policy:
    made = policy_of(passages)
    digest = hashlib.sha256(made.text.encode()).hexdigest()
    return replace(made, id=f"company-{number:02}/privacy", version="2026-04-01", sha256=digest)


def own_policies() -> list[Policy]:
    """Those of this repository."""
    return [load_policy(CORPUS, policy_id) for policy_id in list_policies(CORPUS)]


@dataclass(frozen=True)
class Exact:
    """One policy's vectors in memory, and what is nearest in them."""

    sentences: Vectors
    passages: Vectors

    @classmethod
    def of(cls, policy: Policy, embedder: Embedder) -> Exact:
        content = content_of(policy, embedder)
        return cls(content.sentences, content.passages)

    def agrees(self, index: VectorIndex, question: Vectors) -> bool:
        """Whether the index finds the sentence first that is first; equals count for each other."""
        mine = question @ self.sentences.T
        theirs = index.sentence_scores(question)
        first = int(theirs[0].argmax())
        [nearest] = index.nearest_sentences(question, 1).tolist()
        best = float(mine[0].max())
        return all(float(mine[0, place]) >= best - 1e-6 for place in (first, nearest))

    def is_foreign(self, index: VectorIndex, question: Vectors) -> bool:
        """Whether anything comes back that this policy does not hold."""
        scores, places = index.sentence_scores(question), index.nearest_sentences(question, 10)
        if scores.shape != (1, len(self.sentences)) or places.max() >= len(self.sentences):
            return True
        return not np.allclose(scores, question @ self.sentences.T, atol=1e-5)


def questions_of(policies: Sequence[Policy], count: int) -> list[str]:
    """Sentences of these policies, wordings of members, and pieces of sentences as somebody types them."""
    dice = random.Random(20261127)  # noqa: S311 - repeatable on purpose
    sentences = sorted({sentence.text for policy in policies for sentence in policy.sentences})
    drawn = [dice.choice(sentences) for _ in range(count)]
    halves = [text[: max(4, len(text) // 2)] + "は？" for text in drawn[1::2]]
    return [*EVERYDAY, *drawn[::2], *halves][:count]


def version_of(corpus: Path, policy_id: str, as_of: date) -> Policy:
    """What answers on a day."""
    return load_policy(corpus, policy_id, version_in_force(corpus, policy_id, as_of))


def search(engine: VectorEngine, policy: Policy, question: str, embedder: Embedder, *, k: int) -> list[tuple[str, str]]:
    """The passages that hold the nearest sentences: (version, passage's id)."""
    index = engine.open(policy, embedder)
    places = index.nearest_sentences(embedder.questions([question]), k)
    return [(policy.version, policy.sentences[place].passage_id) for place in places.tolist()]


@contextmanager
def rebuilding(work: Sequence[Policy], engine: VectorEngine, embedder: GramEmbedder) -> Iterator[list[int]]:
    """While the block runs, these policies are indexed anew again and again, as by changed code; gives the count."""
    is_over, rounds = threading.Event(), [0]

    def go() -> None:
        while not is_over.is_set():
            rounds[0] += 1
            for policy in work:
                engine.open(policy, GramEmbedder(f"{embedder.model_id}{rounds[0]}"))

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield rounds
    finally:
        is_over.set()
        thread.join()
