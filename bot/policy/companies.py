"""Which companies a policy names, and which of them a question or a fact is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bot.policy.folding import folded
from bot.policy.model import Passage, Policy

_FORM = r"(?:株式会社|有限会社|合同会社|合資会社|\(株\)|\(有\))"
_NAME = re.compile(
    rf"{_FORM}[^\s、。,()「」『』およびと:]{{1,30}}|[ァ-ヶーA-Za-z一-龥&]{{2,20}}{_FORM}"
    r"|(?:[A-Z][A-Za-z.&-]* ?){1,4},? ?(?:Inc|LLC|L\.L\.C|Co|Corp|Corporation|Ltd|Limited|GmbH|Pte|PLC)\b"
    r"|(?:[ァ-ヶーA-Za-z一-龥&]{1,20}(?:法人|協会|協議会|財団|機構))[ァ-ヶー一-龥]{0,12}"
)
_FORM_ONLY = re.compile(_FORM)


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
    return [match[0] for match in _NAME.finditer(_spaced(text))]


def _spaced(text: str) -> str:
    # Folding drops the spaces that end a name in running text, so only the characters are folded here.
    return re.sub(r"\s+", " ", "".join(folded(part) or " " for part in re.split(r"(\s+)", text)))


def _bare(name: str) -> str:
    return _FORM_ONLY.sub("", folded(name))
