"""What a message asks: its questions, each as it is searched for, with what it follows up on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.policy.context import Topic, follows_up, without_ordinal
from bot.policy.folding import folded
from bot.policy.questions import split_questions
from bot.policy.search import Query, Searcher
from bot.policy.wrappers import unwrapped

_PLAINLY = re.compile(
    r"(?:やさし|優し|易し|簡単|かんたん|わかりやす|分かりやす|判りやす)(?:い日本語|い言葉|く|い言い方|に)?.{0,8}(?:言|いっ|説明|教え|お願い|して|で|$)|(?:意味|言って)が?(?:わか|分か)(?:ら|り)|もっと(?:簡単|やさしく)"
)


@dataclass(frozen=True)
class Asked:
    """The questions of a message, and the message as one question when it holds several.

    Attributes:
        parts: each question with its query, in order.
        whole: the whole message and its query; None when it is one question anyway.
    """

    parts: tuple[tuple[str, Query], ...]
    whole: tuple[str, Query] | None = None

    @property
    def queries(self) -> list[Query]:
        """Everything that is searched for, the whole message last."""
        asked = [*self.parts, *([self.whole] if self.whole else [])]
        return [query for _, query in asked]


def read_message(message: str, topic: Topic | None, searcher: Searcher) -> Asked:
    """Cuts a message into questions and gives each what it leans on: the topic, or the question before it."""
    pointed_at = topic.pointed_at(message) if topic else None
    if pointed_at is not None:
        return Asked((_about_quote(without_ordinal(message), pointed_at, searcher),))
    topic_words = topic.words if topic else ""
    leading = topic_words
    parts: list[tuple[str, Query]] = []
    # 「いい加減にしてください」 is no second question: what only wraps a message is taken off before it is cut.
    texts = split_questions(unwrapped(message))
    for text in texts if len(texts) > 1 else [message]:
        parts.append((text, _query(text, leading, searcher)))
        leading = text
    whole = (message, _query(message, topic_words, searcher)) if len(parts) > 1 else None
    return Asked(tuple(parts), whole)


def asks_plainly(message: str, topic: Topic | None, searcher: Searcher) -> bool:
    """Whether a message only wants what was shown last in easier words."""
    text = folded(message)
    if topic is None or _PLAINLY.search(text) is None:
        return False
    return not searcher.query(_PLAINLY.sub(" ", text)).words


def _query(text: str, leading: str, searcher: Searcher) -> Query:
    query = searcher.query(text)
    return searcher.query(text, leading) if leading and follows_up(text, len(query.words)) else query


def _about_quote(rest: str, quote: str, searcher: Searcher) -> tuple[str, Query]:
    # 「2番目は？」 asks for nothing but what it points at.
    if not searcher.query(rest).words:
        return quote, searcher.query(quote)
    return rest, searcher.query(rest, quote)
