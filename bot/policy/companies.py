"""Which companies a policy names, and which of them a question or a fact is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from bot.policy.folding import folded
from bot.policy.lexical import Token, open_analyzer
from bot.policy.model import Passage, Policy

_FORM = r"(?:株式会社|有限会社|合同会社|合資会社|\(株\)|\(有\))"
_FORM_ONLY = re.compile(_FORM)
# Companies of other countries, and bodies whose kind is part of their name.
_OTHER_NAME = re.compile(
    r"(?:[A-Z][A-Za-z.&-]* ?){1,4},? ?(?:Inc|LLC|L\.L\.C|Co|Corp|Corporation|Ltd|Limited|GmbH|Pte|PLC)\b"
    r"|[ァ-ヶーA-Za-z一-龥&]{1,20}(?:法人|協会|協議会|財団|機構)[ァ-ヶー一-龥]{0,12}"
)
_LONGEST = 30
_ENDS_NAME = frozenset({"助詞", "補助記号", "記号", "空白", "接続詞", "感動詞"})
_BEGINS_NAME = frozenset({"名詞", "接頭辞", "接尾辞", "形状詞"})
# A name may hold a の early on (まなびの灯台); a later one follows a whole name.
_EARLY = 3


@dataclass(frozen=True)
class Companies:
    """The companies of one policy; the controller is the one that 「当社」 means."""

    controller: str
    others: tuple[str, ...]

    @classmethod
    def of(cls, policy: Policy) -> Companies:
        """Collects the names that stand in a policy's passages."""
        controller = _bare(policy.controller)
        named = {_bare(name) for passage in policy.passages for name in names_in(passage.text)}
        return cls(controller, tuple(sorted(named - {controller}, key=len, reverse=True)))

    @cached_property
    def _longest_first(self) -> list[str]:
        # One company's name may begin another's (株式会社EPARK, 株式会社EPARKリラク＆エステ): the longest wins.
        return sorted((self.controller, *self.others), key=len, reverse=True)

    def asked(self, question: str) -> str:
        """The company a question is about: the one it names, else the controller."""
        text = folded(question)
        return next((name for name in self._longest_first if name in text), self.controller)

    def owns_one(self, passage: Passage, starts: Iterable[int], question: str) -> bool:
        """Whether one of the facts that begin at these places of the folded passage is the asked company's.

        A fact belongs to the last company named before it. A question about joint use is about whoever the passage
        on joint use names, without naming it itself.
        """
        text = folded(passage.text)
        if "共同" in folded(question) and "共同" in text:
            return any(True for _ in starts)
        asked = self.asked(question)
        return any(self._owner(text[:start]) == asked for start in starts)

    def _owner(self, before: str) -> str:
        # Of two names that begin together the longer was meant, since it comes first in the list.
        named = max(self._longest_first, key=before.rfind)
        return named if named in before else self.controller


def names_in(text: str) -> list[str]:
    """Names of companies in a text, in order, folded."""
    spaced = _spaced(text)
    tokens = open_analyzer().tokens(spaced)
    ends = list(accumulate(len(token.surface) for token in tokens))
    found = {match.start(): match[0] for match in _OTHER_NAME.finditer(spaced)}
    for form in _FORM_ONLY.finditer(spaced):
        after = _name_after(tokens, ends, form.end())
        before = "" if after else _name_before(tokens, ends, form.start())
        found[form.start() - len(before)] = f"{before}{form[0]}{after}"
    return [name for _, name in sorted(found.items()) if _bare(name)]


def _name_after(tokens: Sequence[Token], ends: Sequence[int], start: int) -> str:
    name = ""
    for token, end in zip(tokens, ends, strict=True):
        if end <= start:
            continue
        is_early = token.surface == "の" and 0 < len(name) <= _EARLY
        if (token.part in _ENDS_NAME and not is_early) or len(name) + len(token.surface) > _LONGEST:
            break
        name += token.surface
    return name


def _name_before(tokens: Sequence[Token], ends: Sequence[int], end: int) -> str:
    name = ""
    for token, place in zip(reversed(tokens), reversed(ends), strict=True):
        if place > end:
            continue
        if token.part not in _BEGINS_NAME or len(name) + len(token.surface) > _LONGEST:
            break
        name = token.surface + name
    return name


def _spaced(text: str) -> str:
    # Folding drops the spaces that end a name in running text, so only the characters are folded here.
    return re.sub(r"\s+", " ", "".join(folded(part) or " " for part in re.split(r"(\s+)", text)))


def _bare(name: str) -> str:
    return _FORM_ONLY.sub("", folded(name))
