"""What a text asks for: the nine requests of the policy, complaints, and wishes about a request that runs.

`read` goes by the sound of a text (`bot.register.sounds`), so that words in kana, in half-width letters or with the
wrong kanji of the same reading are found by the same cue. Cues and rules are data (`kinds.yml`): a rule names cues
that must stand near each other in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise, product
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from bot.register.sounds import sound

_RULES = Path(__file__).with_suffix(".yml")
_SENTENCE_END = re.compile(r"[。．！？!?\n]+")
# A text of more matches than this of one cue is no request but a list; the first ones decide.
_MATCHES = 4

ADVERTISING = "広告・宣伝（DM・メール）"
"""The scope of a request that stops advertisements; a desk file that offers it calls it so too."""

Span = tuple[int, int]


class Kind(StrEnum):
    """What can be asked for; the last two are wishes about a request and have no receipt of their own."""

    PURPOSE_NOTICE = "purpose_notice"
    DISCLOSURE = "disclosure"
    CORRECTION = "correction"
    ADDITION = "addition"
    DELETION = "deletion"
    USE_STOP = "use_stop"
    ERASURE = "erasure"
    THIRD_PARTY_STOP = "third_party_stop"
    THIRD_PARTY_RECORD = "third_party_record"
    COMPLAINT = "complaint"
    INQUIRY = "inquiry"
    STATUS = "status"
    WITHDRAW = "withdraw"

    @property
    def title(self) -> str:  # type: ignore[override]  # nobody title-cases a kind; the word is the one staff use
        """The name a member reads."""
        return _TITLES[self]

    @property
    def is_filed(self) -> bool:
        """Whether it becomes a row of the register with a receipt number of its own."""
        return self not in (Kind.STATUS, Kind.WITHDRAW)


_TITLES = {
    Kind.PURPOSE_NOTICE: "利用目的の通知",
    Kind.DISCLOSURE: "開示",
    Kind.CORRECTION: "訂正",
    Kind.ADDITION: "追加",
    Kind.DELETION: "削除",
    Kind.USE_STOP: "利用停止",
    Kind.ERASURE: "消去",
    Kind.THIRD_PARTY_STOP: "第三者提供の停止",
    Kind.THIRD_PARTY_RECORD: "第三者提供記録の開示",
    Kind.COMPLAINT: "苦情",
    Kind.INQUIRY: "お問い合わせ",
    Kind.STATUS: "状況照会",
    Kind.WITHDRAW: "取下げ",
}

FILED_KINDS = tuple(kind for kind in Kind if kind.is_filed)


@dataclass(frozen=True)
class Wish:
    """What a text asks for.

    Attributes:
        kinds: every kind it names, in the order of `Kind`; none means that one has to ask.
        removal_is_unclear: it wants something taken away, and does not say whether because that is wrong (deletion)
            or because it shall not be kept (erasure, which `kinds` then names).
        stops_advertising: the use it wants stopped is advertising, and no other.
        only_leaves: it wants the membership ended and says nothing of any data; that is no kind.
        is_displeased: it sounds like a complaint, whether or not it asks for something beside.
    """

    kinds: tuple[Kind, ...]
    removal_is_unclear: bool = False
    stops_advertising: bool = False
    only_leaves: bool = False
    is_displeased: bool = False


class _Rule(BaseModel):
    """One way to ask for a kind: every cue of `all` near the next, none of `none`, no kind of `unless` yet.

    With `with_previous` the cues may also stand in the sentence before, where a reason is often given. A `weak` rule
    reads a wish into a mere statement (an address is wrong) and gives way to any wish that is spoken out. What only an
    `unsure` rule finds is asked about. An `advertising` rule finds the wish to hear no more from the company. A rule
    without a kind finds the wish to leave.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind | None = None
    all: tuple[str, ...]
    none: tuple[str, ...] = ()
    unless: tuple[Kind, ...] = ()
    within: int = 24
    with_previous: bool = False
    weak: bool = False
    unsure: bool = False
    advertising: bool = False


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    cues: dict[str, tuple[str, ...]]
    alone: tuple[Kind, ...]
    rules: tuple[_Rule, ...]


def detect(text: str) -> list[Kind]:
    """Names every kind a text asks for, in the order of `Kind`; an empty list means that one has to ask."""
    return list(read(text).kinds)


def read(text: str) -> Wish:
    """What a text asks for, and how sure that is.

    It does not judge whether the text asks for anything at all: that is what the intent is for. A wish about a
    request that runs (status, withdraw) stands alone, since the kinds beside it name that request.
    """
    rules, cues = _load()
    holding = list(_holding_rules(sound(text), rules, cues))
    spoken = _spoken(holding)
    found = {rule.kind for rule in spoken}
    alone = next((kind for kind in rules.alone if kind in found), None)
    if alone is not None:
        return Wish((alone,))
    return Wish(
        kinds=tuple(kind for kind in Kind if kind in found),
        removal_is_unclear=Kind.DELETION not in found and _all(spoken, Kind.ERASURE, "unsure"),
        stops_advertising=_all(spoken, Kind.USE_STOP, "advertising"),
        only_leaves=bool(holding) and not found,
        is_displeased=any(rule.kind is Kind.COMPLAINT for rule in holding),
    )


def _spoken(holding: list[_Rule]) -> list[_Rule]:
    """The rules that count: wishes that are spoken out; else a grievance, which no statement beside it makes a wish."""
    rules = [rule for rule in holding if rule.kind]
    return [rule for rule in rules if not rule.weak] or [rule for rule in rules if rule.kind is Kind.COMPLAINT] or rules


def _all(rules: list[_Rule], kind: Kind, trait: str) -> bool:
    """Whether this kind was found, and by rules of this trait only."""
    traits = [getattr(rule, trait) for rule in rules if rule.kind == kind]
    return bool(traits) and all(traits)


def _holding_rules(heard: str, rules: _Rules, cues: dict[str, re.Pattern[str]]) -> Iterator[_Rule]:
    previous = ""
    for sentence in _SENTENCE_END.split(heard):
        found: set[Kind | None] = set()
        for rule in rules.rules:
            context = f"{previous}。{sentence}" if rule.with_previous and previous else sentence
            if found.isdisjoint(rule.unless) and _applies(rule, context, cues):
                found.add(rule.kind)
                yield rule
        previous = sentence


def _applies(rule: _Rule, sentence: str, cues: dict[str, re.Pattern[str]]) -> bool:
    if any(cues[name].search(sentence) for name in rule.none):
        return False
    places = [list(_spans(cues[name], sentence)) for name in rule.all]
    return any(_are_near(spans, rule.within) for spans in product(*places))


def _spans(cue: re.Pattern[str], sentence: str) -> Iterator[Span]:
    for _, match in zip(range(_MATCHES), cue.finditer(sentence), strict=False):
        yield match.span()


def _are_near(spans: tuple[Span, ...], within: int) -> bool:
    ordered = sorted(spans)
    return all(after[0] - before[1] <= within for before, after in pairwise(ordered))


@lru_cache(maxsize=1)
def _load() -> tuple[_Rules, dict[str, re.Pattern[str]]]:
    rules = _Rules.model_validate(yaml.safe_load(_RULES.read_text(encoding="utf-8")))
    return rules, {name: re.compile("|".join(patterns)) for name, patterns in rules.cues.items()}
