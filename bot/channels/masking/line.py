"""One line of a folded text, cut into words, with the places where a name may begin or end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.channels.masking.dictionary import NameDictionary, Token
from bot.channels.masking.likeness import Likeness, likeness

Span = tuple[int, int]
HONORIFICS = ("さん", "サン", "様", "さま", "氏", "くん", "君", "ちゃん", "殿", "先生", "主任", "店長")
_LONGEST = 16
# People that somebody speaks of by what they are, and then names without a particle between (妻田中花子).
_BEFORE_NAMES = frozenset((
    "私", "僕", "俺", "夫", "妻", "母", "父", "娘", "息子", "兄", "姉", "弟", "妹", "祖母", "祖父", "友人", "友達",
    "本人", "会員", "担当", "担当者", "代理人", "弁護士", "店長", "受付", "スタッフ", "旧姓", "新姓", "名前", "氏名",
    "請求者", "申請者", "差出人", "名義", "登録", "署名", "代表", "代表者", "代表取締役", "社長", "責任者", "管理者",
))  # fmt: skip
_AFTER_NAMES = frozenset(("名義", "宛", "宛て", "あて", "本人", "名"))


@dataclass(frozen=True)
class Line:
    """The text of a line and its words."""

    text: str
    tokens: tuple[Token, ...]
    dictionary: NameDictionary

    @cached_property
    def starts(self) -> list[int]:
        """Where a name may begin: at the line's start, and after grammar, verbs and the words for people."""
        before = [None, *self.tokens]
        return [
            token.start
            for last, token in zip(before, self.tokens, strict=False)
            if token.part != "空白" and (last is None or last.part != "名詞" or last.surface in _BEFORE_NAMES)
        ]

    @cached_property
    def ends(self) -> list[int]:
        """Where a name may end: at the line's end, and before anything that does not make a longer word of it."""
        after = [*self.tokens[1:], None]
        return [
            token.end
            for token, following in zip(self.tokens, after, strict=True)
            if token.part != "空白"
            and (following is None or following.part != "名詞" or following.surface in _AFTER_NAMES)
        ]

    def ending_at(self, end: int) -> Iterator[Span]:
        """Every piece that ends here and begins where a name may, the longest first."""
        if end in self._word_ends:
            yield from ((start, end) for start in self.starts if end - _LONGEST <= start < end)

    def starting_at(self, start: int) -> Iterator[Span]:
        """Every piece that begins here and ends where a name may, the longest first."""
        if start in self._word_starts:
            yield from ((start, end) for end in reversed(self.ends) if start < end <= start + _LONGEST)

    def likeness(self, span: Span) -> Likeness:
        """How much this piece looks like a name; a lone particle here, or a verb (響くんでしょうか), does not."""
        held = [token for token in self.tokens if span[0] <= token.start < span[1]]
        if held[-1].surface in HONORIFICS or any(token.is_verb for token in held):
            return Likeness.NONE
        if all(token.is_grammar for token in held):
            return Likeness.NONE
        return likeness(self.text[slice(*span)], self.dictionary)

    @cached_property
    def _word_starts(self) -> frozenset[int]:
        return frozenset(token.start for token in self.tokens)

    @cached_property
    def _word_ends(self) -> frozenset[int]:
        return frozenset(token.end for token in self.tokens)
