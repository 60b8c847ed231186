"""Tf-idf of character n-grams: what a sentence looks like, beside what it means."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Dict, List, Tuple

import numpy as np
import numpy.typing as npt

from bot.encoder.prompts import fold

LONGEST_GRAM = 3
_FEWEST_TEXTS = 2  # a gram of a single example only says which example it was
_EDGE = "\x00"
# Members type the same word in either kana, above all on a phone and by voice.
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


@dataclass(frozen=True)
class CharacterGrams:
    """A fixed vocabulary of 1- to 3-grams with their inverse document frequencies."""

    columns: Dict[str, int]
    idf: npt.NDArray[np.float32]

    @classmethod
    def fit(cls, texts: List[str]) -> "CharacterGrams":
        """Learns which grams at least two of the texts share."""
        spread = Counter(gram for text in texts for gram in set(_grams(text)))
        kept = sorted(gram for gram, count in spread.items() if count >= _FEWEST_TEXTS)
        idf = [math.log((1 + len(texts)) / (1 + spread[gram])) + 1 for gram in kept]
        return cls({gram: column for column, gram in enumerate(kept)}, np.asarray(idf, dtype=np.float32))

    def weigh(self, text: str) -> Tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Columns and weights of one text; the weights have unit length, or there are none."""
        counts = Counter(self.columns[gram] for gram in _grams(text) if gram in self.columns)
        columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        weights = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * self.idf[columns]
        length = float(np.linalg.norm(weights))
        return columns, (weights / length if length else weights).astype(np.float32)


def _grams(text: str) -> List[str]:
    folded = "".join(fold(text).lower().split()).translate(_TO_HIRAGANA)
    framed = f"{_EDGE}{folded}{_EDGE}"
    return [
        framed[start : start + length]
        for length in range(1, LONGEST_GRAM + 1)
        for start in range(len(framed) - length + 1)
        if framed[start : start + length] != _EDGE
    ]
