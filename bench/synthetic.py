"""5,000 passages made of this repository's policies, embedded once and kept under `var/bench`.

Clauses of real sentences are put together anew, so that words are as frequent and sentences as long as in a policy;
that they make no sense costs no search a microsecond. Run alone (`python -m bench.synthetic`) it only embeds, which
takes a quarter of an hour of one core and goes on where it was interrupted.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot import settings
from bot.policy.documents import list_policies, load_policy
from bot.policy.embedding import Embedder, Vectors, embedder_of
from bot.policy.model import Passage, Policy, Section, Sentence

COUNT = 5_000
SENTENCES_EACH = 2
CLAUSES_EACH = 3
FOLDER = Path("var/bench")
_SEED = 7
# Clauses that carry neither a single word nor half a section.
_SHORTEST, _LONGEST = 6, 30
_BATCH = 250
# Length of what is added to a unit vector: enough that no two are alike, too little to change what it is near to.
_NOISE = 0.2


@dataclass(frozen=True)
class Synthetic:
    """Passages as tuples of sentences, and the vectors of both."""

    passages: Sequence[tuple[str, ...]]
    sentence_vectors: Vectors
    passage_vectors: Vectors

    def first(self, count: int) -> Synthetic:
        """The first of them."""
        sentences = self.sentence_vectors[: count * SENTENCES_EACH]
        return Synthetic(self.passages[:count], sentences, self.passage_vectors[:count])

    def multiplied(self, times: int) -> Synthetic:
        """So many times as many: the same words, every vector moved a little its own way and made a unit again."""
        return Synthetic(
            [*self.passages] * times, _moved(self.sentence_vectors, times), _moved(self.passage_vectors, times)
        )


def make(embedder: Embedder, *, count: int = COUNT, folder: Path = FOLDER) -> Synthetic:
    """The passages with their vectors; what is embedded already is read."""
    passages = passages_of(clauses(settings.load().corpus_dir), count)
    sentences = [sentence for passage in passages for sentence in passage]
    return Synthetic(
        passages,
        embedded(sentences, embedder.documents, folder=folder, name=embedder.model_id),
        embedded(["".join(passage) for passage in passages], embedder.documents, folder=folder, name=embedder.model_id),
    )


def clauses(corpus: Path) -> list[str]:
    """The distinct clauses of the corpus, sorted."""
    policies = [load_policy(corpus, policy_id) for policy_id in list_policies(corpus)]
    texts = [sentence.text for policy in policies for sentence in policy.sentences]
    pieces = {"".join(piece.split()) for text in texts for piece in text.replace("。", "").split("、")}
    return sorted(piece for piece in pieces if _SHORTEST <= len(piece) <= _LONGEST)


def passages_of(pieces: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """As many passages of distinct sentences, the same ones in every run."""
    dice = random.Random(_SEED)  # noqa: S311 - repeatable on purpose
    sentences: dict[str, None] = {}
    while len(sentences) < count * SENTENCES_EACH:
        sentences["、".join(dice.sample(pieces, CLAUSES_EACH)) + "。"] = None
    each = iter(sentences)
    return list(zip(*[each] * SENTENCES_EACH, strict=True))


def policy_of(passages: Sequence[tuple[str, ...]]) -> Policy:
    """One policy of one section that holds these passages."""
    made: list[Passage] = []
    start = 0
    for number, texts in enumerate(passages, start=1):
        sentences: list[Sentence] = []
        for text in texts:
            sentences.append(Sentence(text, start, start + len(text), f"1/{number}"))
            start += len(text)
        begun = sentences[0].start
        made.append(Passage(f"1/{number}", "1", "1", "".join(texts), begun, start, tuple(sentences)))
    text = "".join(passage.text for passage in made)
    return Policy(
        id="bench/synthetic",
        controller="",
        title="",
        version="",
        effective_date=None,
        source="",
        sha256="",
        text=text,
        sections=(Section("1", "1", 1, 0, len(text), tuple(made)),),
        blocks=(),
        omitted=(),
    )


def _moved(vectors: Vectors, times: int) -> Vectors:
    dice = np.random.default_rng(_SEED)
    many = np.tile(vectors, (times, 1))
    many += dice.standard_normal(many.shape, dtype=np.float32) * np.float32(_NOISE / np.sqrt(many.shape[1]))
    many /= np.linalg.norm(many, axis=1, keepdims=True)
    return many


def embedded(texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors], *, folder: Path, name: str) -> Vectors:
    """One row a text; each batch is stored as soon as it is made."""
    digest = hashlib.sha256("\n".join((name, *texts)).encode()).hexdigest()[:16]
    place = folder / digest
    place.mkdir(parents=True, exist_ok=True)
    batches: list[Vectors] = []
    for start in range(0, len(texts), _BATCH):
        file = place / f"{start:06}.npy"
        if not file.is_file():
            unfinished = file.with_suffix(".part.npy")
            np.save(unfinished, embed(texts[start : start + _BATCH]))
            unfinished.rename(file)
        batches.append(np.load(file))
    return np.concatenate(batches)


if __name__ == "__main__":
    made = make(embedder_of(settings.load()))
    print(f"{len(made.passages)} passages, {len(made.sentence_vectors)} sentences embedded under {FOLDER}")
