"""The intent model itself: one linear classifier over meaning and characters, and a separate off-topic score."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import List, Sequence, Tuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.components.grams import CharacterGrams

OFF_TOPIC_INTENT = "out_of_scope"
NEIGHBOURS = 3
# Chosen by cross-validation over data/nlu; see tests/unit/components/test_accuracy.py for what it gives.
_MEANING_WEIGHT = 1.0
_INVERSE_REGULARISATION = 10.0
_ROUNDS = 1000

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class HybridModel:
    """Everything a prediction needs, as plain arrays.

    Sentence vectors are centred on the mean of the examples and brought back to unit length: all vectors of this
    embedding model point into one narrow cone, and only what is left without the common direction tells intents apart.
    """

    intents: Tuple[str, ...]
    grams: CharacterGrams
    centre: Floats
    coefficients: Floats
    intercepts: Floats
    on_topic: Floats
    off_topic: Floats
    line: Floats

    @classmethod
    def fit(cls, texts: List[str], vectors: Floats, labels: List[str]) -> "HybridModel":
        """Learns from examples; `vectors` holds one row for each text."""
        grams = CharacterGrams.fit(texts)
        centre = vectors.mean(axis=0)
        centred = _centred(vectors, centre)
        regression = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=_ROUNDS, random_state=0)
        regression.fit(hstack([csr_matrix(centred * _MEANING_WEIGHT), _gram_matrix(grams, texts)]).tocsr(), labels)
        is_off = np.asarray([label == OFF_TOPIC_INTENT for label in labels])
        return cls(
            intents=tuple(str(intent) for intent in regression.classes_),
            grams=grams,
            centre=centre,
            coefficients=regression.coef_.astype(np.float32),
            intercepts=regression.intercept_.astype(np.float32),
            on_topic=centred[~is_off],
            off_topic=centred[is_off],
            line=_fit_line(centred, is_off),
        )

    def probabilities(self, text: str, vector: Floats) -> npt.NDArray[np.float64]:
        """One probability for each of `intents`."""
        width = len(self.centre)
        columns, weights = self.grams.weigh(text)
        meaning = _centred(vector[None, :], self.centre)[0] * _MEANING_WEIGHT
        scores = self.coefficients[:, :width] @ meaning + self.intercepts
        scores = (scores + self.coefficients[:, width + columns] @ weights).astype(np.float64)
        powers = np.exp(scores - scores.max())
        return np.asarray(powers / powers.sum())

    def off_topic_score(self, vector: Floats) -> float:
        """How far the sentence is from everything this assistant is for, from 0 to 1.

        It looks at the mean cosine of the three nearest examples on either side, because the classifier, which has to
        choose among known intents, is confident about strangers too.
        """
        centred = _centred(vector[None, :], self.centre)
        near_on = _nearness(centred @ self.on_topic.T)[0]
        near_off = _nearness(centred @ self.off_topic.T)[0]
        return float(1 / (1 + np.exp(-(self.line @ np.asarray([near_on, near_off, 1.0])))))

    def save(self, folder: Path) -> None:
        """Writes `intents.json` and `arrays.npz`: no format that could run code when it is read."""
        names = {"intents": list(self.intents), "grams": list(self.grams.columns)}
        (folder / "intents.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / "arrays.npz",
            idf=self.grams.idf,
            centre=self.centre,
            coefficients=self.coefficients,
            intercepts=self.intercepts,
            on_topic=self.on_topic,
            off_topic=self.off_topic,
            line=self.line,
        )

    @classmethod
    def read(cls, folder: Path) -> "HybridModel":
        """Reads what `save` wrote."""
        names = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
        columns = {gram: column for column, gram in enumerate(names["grams"])}
        with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
            arrays = dict(stored)
        grams = CharacterGrams(columns, arrays.pop("idf"))
        return cls(intents=tuple(names["intents"]), grams=grams, **arrays)


def _centred(vectors: Floats, centre: Floats) -> Floats:
    moved = vectors - centre
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)


def _gram_matrix(grams: CharacterGrams, texts: Sequence[str]) -> csr_matrix:
    rows = [grams.weigh(text) for text in texts]
    starts = np.cumsum([0] + [len(columns) for columns, _ in rows])
    columns = np.concatenate([columns for columns, _ in rows])
    weights = np.concatenate([weights for _, weights in rows])
    return csr_matrix((weights, columns, starts), shape=(len(texts), len(grams.columns)))


def _nearness(cosines: Floats) -> Floats:
    nearest = np.sort(cosines, axis=1)[:, -NEIGHBOURS:]
    return np.asarray(nearest.mean(axis=1), dtype=np.float32)


def _fit_line(centred: Floats, is_off: npt.NDArray[np.bool_]) -> Floats:
    # Each example is scored without itself, as a member's sentence will be.
    cosines = centred @ centred.T
    np.fill_diagonal(cosines, -1.0)
    nearness = np.stack([_nearness(cosines[:, ~is_off]), _nearness(cosines[:, is_off])], axis=1)
    regression = LogisticRegression(class_weight="balanced", random_state=0).fit(nearness, is_off)
    return np.append(regression.coef_[0], regression.intercept_).astype(np.float32)
