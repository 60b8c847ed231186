"""A rule is never quoted without its exceptions: 「…ありません。」 and the 「ただし、…」 that takes some of it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.policy.folding import folded
from bot.policy.model import Passage, Policy, Sentence

Range = tuple[int, int]

_RULES_OUT = re.compile(
    r"(?:ありません|いたしません|致しません|しません|行いません|できません|ございません|ないものとします)。?$"
)
_TAKES_BACK = re.compile(r"(?:ただし|但し|もっとも)|(?:前項|前条|前号|上記)(?:の規定)?に(?:かかわらず|関わらず)")
# Farther down, a 「ただし」 belongs to another rule.
REACH = 600
_LEADS = re.compile(r"(?:場合|次|以下|下記|各号|とおり|通り)[^。]{0,40}[。:：]?$")


def with_exceptions(
    ranges: Sequence[Range], sentences: Sequence[Sentence], passage: Passage, policy: Policy
) -> list[Range]:
    """The ranges, followed by the exceptions of what they rule out.

    Args:
        ranges: what is quoted of the passage.
        sentences: the sentences they are made of.
        passage: where they stand.
        policy: where the exceptions are looked for, within the same section.
    """
    if not any(_RULES_OUT.search(folded(sentence.text)) for sentence in sentences):
        return list(ranges)
    last = max(end for _, end in ranges)
    return [*ranges, *_exceptions(passage, last, policy)]


def _exceptions(passage: Passage, after: int, policy: Policy) -> Iterator[Range]:
    section = policy.section(passage.section)
    following = [
        s for p in (section.passages if section else ()) for s in p.sentences if after <= s.start < after + REACH
    ]
    place = next((n for n, sentence in enumerate(following) if _TAKES_BACK.match(sentence.text)), None)
    if place is None:
        return
    lead = following[place]
    yield lead.start, lead.end
    if _LEADS.search(folded(lead.text)):
        for sentence in following[place + 1 :]:
            if sentence.role != "item":
                break
            yield sentence.start, sentence.end
