"""Mends slips of the hand by how words are read: かいじ and 海示 are 開示, 提共 is 提供, くっきー is クッキー.

There is no list of misspellings. A piece of a question that neither the policy nor the map of everyday words knows is
read aloud, and a word of theirs that is read the same, or nearly the same when it is long, is taken to be meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.policy.lexical import Analyzer, Token

# Shorter readings stand by chance in any kana: いか, して.
_SHORTEST = 3
_LONGEST = 14
# One slip more is forgiven in readings of at least so many kana.
_LONG = 5
# A compound of so many tokens is a word of its own: 第 三 者.
_COMPOUND = 3
# How a character is read is learned from its words with so many others, the commonest of the policy and the map.
_NEIGHBOURS = 250
_NOUNS = frozenset({"名詞", "接頭辞", "接尾辞", "形状詞"})
_GRAMMAR = frozenset({"助詞", "助動詞", "補助記号", "空白", "記号"})
_TALK = frozenset({"助詞", "感動詞"})
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]{3,}")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_WRITTEN = re.compile(r"[一-龠々ァ-ヺー]{2,}")
_BREAK = re.compile(r"[\s、。,.!?「」]")
_KANJI = re.compile(r"[一-龠]")
_PAIR = re.compile(r"[一-龠]{2}")
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
# A Chinese reading of one character: one sound and perhaps one of a few endings.
_SOUND = re.compile(r"[ア-ヂツ-モヤユヨラ-ロワ][ャュョ]?[イウツチクキンッ]?")


@dataclass(frozen=True)
class Slip:
    """A piece of the NFKC-folded question from `start` to `end`, and the word that is meant."""

    start: int
    end: int
    meant: str


class Readings:
    """The words that may be meant, by how they are read."""

    def __init__(self, texts: Iterable[str], analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._words: dict[str, str] = {}
        self._forms: set[str] = set()
        for text in dict.fromkeys(texts):
            tokens = analyzer.tokens(text)
            self._forms.update(token.form for token in tokens)
            for written, reading in _compounds(tokens):
                self._words.setdefault(reading, written)
        self._written = frozenset(self._words.values())
        self._long = [reading for reading in self._words if len(reading) >= _LONG]
        signs = Counter(sign for word in self._written for sign in word if _KANJI.match(sign))
        self._neighbours = [sign for sign, _ in signs.most_common(_NEIGHBOURS)]

    def mended(self, text: str) -> str:
        """The question with its slips replaced; the text itself when there are none."""
        slips = self.slips(text)
        folded = unicodedata.normalize("NFKC", text)
        for slip in reversed(slips):
            folded = f"{folded[: slip.start]}{slip.meant}{folded[slip.end :]}"
        return folded if slips else text

    def slips(self, text: str) -> list[Slip]:
        """The slips of a question, in order, none within another."""
        folded = unicodedata.normalize("NFKC", text)
        tokens = self._analyzer.tokens(text)
        found = [*self._slips_of_conversion(tokens), *self._slips_in_kana(folded, tokens)]
        return sorted(found, key=lambda slip: slip.start)

    def _slips_of_conversion(self, tokens: Sequence[Token]) -> Iterator[Slip]:
        """Two characters that are no word: read aloud they may be one."""
        mended_to = 0
        for (start, first), (_, second) in pairwise(_placed(tokens)):
            word = self._pair_meant(first, second) if start >= mended_to else None
            if word:
                mended_to = start + len(word)
                yield Slip(start, mended_to, word)

    def _pair_meant(self, first: Token, second: Token) -> str | None:
        pair = first.surface + second.surface
        if not _PAIR.fullmatch(pair) or len(first.surface) != len(second.surface) or self._is_word(pair):
            return None
        heads = (first.reading, *self._sounds(first.surface, 0))
        tails = (second.reading, *self._sounds(second.surface, 1))
        meant = (self._words.get(head + tail) for head, tail in product(heads, tails))
        return next((word for word in meant if word and len(word) == len(pair)), None)

    def _slips_in_kana(self, folded: str, tokens: Sequence[Token]) -> Iterator[Slip]:
        """Kana that the dictionary cuts into pieces: together they may be a word that is usually written otherwise."""
        placed = _placed(tokens)
        edges = {start for start, _ in placed} | {len(folded)}
        starts = {start for start, token in placed if self._may_begin(folded, start, token)}
        for run in _KANA.finditer(folded):
            start = run.start()
            while start <= run.end() - _SHORTEST:
                longest = min(run.end(), start + _LONGEST)
                ends = [end for end in range(longest, start + _SHORTEST - 1, -1) if end in edges or end == run.end()]
                slip = self._meant(folded, start, ends) if start in starts else None
                if slip and not self._is_read_already(slip, placed):
                    yield slip
                start = slip.end if slip else start + 1

    def _may_begin(self, folded: str, start: int, token: Token) -> bool:
        """Whether a noun may begin here: within a sentence not with what only ends or joins words (ない, いい, た)."""
        if start == 0 or _BREAK.match(folded[start - 1]):
            return True
        return token.part not in _GRAMMAR and not self._analyzer.is_empty(token.form)

    def _meant(self, folded: str, start: int, ends: Sequence[int]) -> Slip | None:
        for end in ends:
            word = self._words.get(_katakana(folded[start:end]))
            if word:
                return Slip(start, end, word)
        for end in ends:
            near = self._nearly(_katakana(folded[start:end]))
            if near:
                return Slip(start, end, near)
        return None

    def _nearly(self, reading: str) -> str | None:
        """The long word that is read like this but for one slip."""
        if len(reading) < _LONG:
            return None
        best = process.extractOne(reading, self._long, scorer=OSA.distance, score_cutoff=1)
        return self._words[best[0]] if best else None

    def _is_read_already(self, slip: Slip, placed: Sequence[tuple[int, Token]]) -> bool:
        """Whether the dictionary reads the same word there, one that is known (期間, 機関), or mere talk (ばいばい)."""
        inside = [token for start, token in placed if start < slip.end and start + len(token.surface) > slip.start]
        if len(inside) == 1 and inside[0].form in self._forms:
            return True
        if all(token.part in _TALK for token in inside):
            return True
        meant = {token.form for token in self._analyzer.tokens(slip.meant)}
        return meant <= {token.form for token in inside}

    def _is_word(self, pair: str) -> bool:
        return pair in self._written or bool(self._analyzer.readings(pair))

    @lru_cache(maxsize=1024)  # noqa: B019 - lives as long as its policy
    def _sounds(self, sign: str, place: int) -> tuple[str, ...]:
        """How a character is read as the first (0) or second (1) of two, learned from the dictionary's words."""
        votes: Counter[str] = Counter()
        for other in self._neighbours:
            word = sign + other if place == 0 else other + sign
            votes.update(split[place] for reading in self._analyzer.readings(word) for split in _two_sounds(reading))
        return tuple(sound for sound, _ in votes.most_common(2))


def _compounds(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Nouns and short compounds of them that are written with kanji or katakana, each with its reading."""
    for first in range(len(tokens)):
        for last in range(first + 1, min(first + _COMPOUND, len(tokens)) + 1):
            part = tokens[first:last]
            if part[-1].part not in _NOUNS or part[-1].is_number:
                break
            written = "".join(token.surface for token in part)
            reading = "".join(token.reading for token in part)
            if len(reading) >= _SHORTEST and _WRITTEN.fullmatch(written) and _KATAKANA.fullmatch(reading):
                yield written, reading


def _placed(tokens: Sequence[Token]) -> list[tuple[int, Token]]:
    placed, start = [], 0
    for token in tokens:
        placed.append((start, token))
        start += len(token.surface)
    return placed


def _katakana(kana: str) -> str:
    return kana.translate(_HIRAGANA_TO_KATAKANA)


def _two_sounds(reading: str) -> Iterator[tuple[str, str]]:
    for place in range(1, len(reading)):
        if _SOUND.fullmatch(reading[:place]) and _SOUND.fullmatch(reading[place:]):
            yield reading[:place], reading[place:]
