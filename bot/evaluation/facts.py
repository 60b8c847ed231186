"""Does a message hold a fact, and does a citation stand at its place? Substrings alone can be fooled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bot.policy.folding import folded

# A company's name that goes on is another company: 株式会社EPARK, 株式会社EPARKリラク＆エステ. Words that merely follow
# a name (代表取締役, 本社) do not lengthen it. So is one that began earlier: さくら株式会社 in ニューさくら株式会社.
_ENDS_IN_COMPANY = re.compile(r"(?:株式会社|有限会社|合同会社)[^、。\s]{1,30}$")
_NO_NAME = r"代表|取締役|本社|本店|担当|個人|所在|住所|以外|御中|内|宛|等"
_NAME_GOES_ON = re.compile(rf"[ァ-ヶーA-Za-z&]|(?!{_NO_NAME})[一-龥々]")
_STARTS_IN_COMPANY = re.compile(r"^[^、。\s]{1,30}(?:株式会社|有限会社|合同会社)")
_NAME_BEGAN = re.compile(r"[ァ-ヶーA-Za-z&]$")
# 10日 does not stand in 110日, nor 5 in 5.5.
_NUMBER_BEGAN, _NUMBER_GOES_ON = re.compile(r"\d[.,]?$"), re.compile(r"[.,]?\d")
# A negation that is itself denied says the opposite.
_NEGATION = re.compile(r"(?:ません|ない|除きます|除く)。?$")
_DENIES_AGAIN = re.compile(r"。?(?:わけでは|とは限|とは言え|とはいえ|ことは?(?:あり|ござい)ません|こともあり)")
# What is cut before its negation says the opposite too: 含まれ in 含まれません, 提供 in 提供することはありません.
# Only what follows at once is looked at: after a particle another thought may begin.
_IS_NEGATED = re.compile(
    r"(?:する)?(?:(?:こと|もの)?(?:は|が|では))?(?:し|いたし|致し|され|でき|出来|あり|ござい|行い|れ|られ|せ)?(?:て(?:い|おり)?)?"
    r"(?:ません|ない(?!し)|かねます|ず[、。に])"
)
# And so does what has a prefix that denies: 公開 in 非公開, 承諾 in 未承諾.
_DENYING_PREFIX = re.compile(r"[非未不無]$")
_BEGINS_WITH_KANJI = re.compile(r"[一-龥]")


def holds_every(facts: Iterable[str], messages: Iterable[dict[str, Any]]) -> bool:
    """Whether the messages say all of these facts."""
    return not facts_missing(facts, messages)


def facts_missing(facts: Iterable[str], messages: Iterable[dict[str, Any]]) -> list[str]:
    """The facts that the messages do not say, in any part or in their parts read one after the other."""
    parts = [folded(part["text"]) for message in messages for part in message["parts"]]
    texts = (*parts, "".join(parts))
    return [fact for fact in facts if not any(_says(text, folded(fact)) for text in texts)]


def stands_at(label: str, gold: Iterable[str]) -> bool:
    """Whether a section label is a gold one or lies below it."""
    return any(label == each or label.startswith(f"{each}-") for each in gold)


def covers(span: str, passage: str) -> bool:
    """Whether a passage holds at least nine tenths of the words that answer."""
    wanted, text = folded(span), folded(passage)
    if wanted in text:
        return True
    least = -(-len(wanted) * 9 // 10)
    return any(wanted[start : start + least] in text for start in range(len(wanted) - least + 1))


def _says(text: str, fact: str) -> bool:
    places = re.finditer(re.escape(fact), text)
    return any(_means_it(text[: place.start()], fact, text[place.end() :]) for place in places)


def _means_it(before: str, fact: str, after: str) -> bool:
    fooled = (_is_other_company, _is_other_number, _is_denied)
    return not any(is_fooled(before, fact, after) for is_fooled in fooled)


def _is_other_company(before: str, fact: str, after: str) -> bool:
    goes_on = _ENDS_IN_COMPANY.search(fact) and _NAME_GOES_ON.match(after)
    began = _STARTS_IN_COMPANY.search(fact) and _NAME_BEGAN.search(before)
    return bool(goes_on or began)


def _is_other_number(before: str, fact: str, after: str) -> bool:
    began = fact[:1].isdigit() and _NUMBER_BEGAN.search(before)
    goes_on = fact[-1:].isdigit() and _NUMBER_GOES_ON.match(after)
    return bool(began or goes_on)


def _is_denied(before: str, fact: str, after: str) -> bool:
    if _BEGINS_WITH_KANJI.match(fact) and _DENYING_PREFIX.search(before):
        return True
    return bool((_DENIES_AGAIN if _NEGATION.search(fact) else _IS_NEGATED).match(after))
