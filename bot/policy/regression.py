"""Kernel ridge regression over questions that people wrote: small, exact, and without a training run."""

from __future__ import annotations

import numpy as np

from bot.policy.embedding import Vectors


class Meaning:
    """How alike questions are in meaning: cosines of their vectors without what all of them have in common.

    The bundled model puts any two questions within a narrow cone; without their mean its cosines tell far more.
    """

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors
        self._mean = vectors.mean(axis=0)
        self._directions = _directions(vectors - self._mean)

    def cosines(self, vectors: Vectors) -> Vectors:
        """Of each of these questions (rows) with each written one (columns)."""
        cosines: Vectors = _directions(vectors - self._mean) @ self._directions.T
        return cosines

    def among(self) -> Vectors:
        """Of each written question with each other one."""
        cosines: Vectors = self._directions @ self._directions.T
        return cosines


def sharpened(cosines: Vectors) -> Vectors:
    """Squared, so that a few near questions weigh more than many that are vaguely alike."""
    squared: Vectors = np.maximum(cosines, 0) ** 2
    return squared


def fitted(kernel: Vectors, wanted: Vectors, ridge: float) -> Vectors:
    """The weight of each written question (rows) for each wanted value (columns).

    Args:
        kernel: likeness of each written question with each other one.
        wanted: what each of them should give, one row a question.
        ridge: how far it may give something else, greater than 0.
    """
    solved: Vectors = np.linalg.solve(kernel + ridge * np.eye(len(kernel)), wanted).astype(np.float32)
    return solved


def _directions(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return scaled
